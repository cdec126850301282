"""Readings: which parts are whose words."""

from __future__ import annotations

import pytest

from bot.senses.reading.parts import Part, Reading, Role

PARTS = (
    Part(Role.GREETING, "Hi,"),
    Part(Role.OWN, "it fails"),
    Part(Role.LOG, "INFO x"),
    Part(Role.ANSWERED_QUOTE, "> since when?"),
    Part(Role.ANSWER, "Monday"),
    Part(Role.QUOTE, "old"),
    Part(Role.SIGNATURE, "Jo"),
)


def test_a_reply_as_somebody_reads_it_own_words_and_what_detectors_read() -> None:
    reading = Reading(PARTS, "whole")

    assert reading.visible == "Hi,\nit fails\nINFO x\n> since when?\nMonday"
    assert reading.own == "Hi,\nit fails\nINFO x\nMonday"
    assert reading.spoken == "Hi,\nit fails\nMonday"
    assert reading.quoted == "> since when?\nold"


@pytest.mark.parametrize(
    ("role", "is_first", "own"),
    [
        (Role.SIGNATURE, None, "whole"),
        (Role.SIGNATURE, False, ""),
        (Role.QUOTE, None, "x"),
        (Role.QUOTE, True, "x"),
        (Role.QUOTE, False, ""),
        (Role.STAFF, None, ""),
        (Role.HIDDEN, True, ""),
        (Role.ATTACHMENT, None, ""),
    ],
)
def test_where_there_are_no_own_words(role: Role, is_first: bool | None, own: str) -> None:
    assert Reading((Part(role, "x"),), "whole", is_first).own == own


def test_a_log_alone_is_read_where_nothing_else_is_there() -> None:
    assert Reading((Part(Role.LOG, "INFO x"),), "INFO x").spoken == "INFO x"

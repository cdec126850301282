"""Zendesk's words and ours."""

from __future__ import annotations

import pytest

from adapters.ticket import Priority, Status
from adapters.zendesk.adapter import ADAPTER
from adapters.zendesk.tables import CHANNEL, PRIORITY, PRIORITY_WORD, STATUS, STATUS_WORD, word


def test_status_and_priority_go_there_and_back() -> None:
    assert {ours: STATUS[theirs] for ours, theirs in STATUS_WORD.items()} == {ours: ours for ours in STATUS_WORD}
    assert {ours: PRIORITY[theirs or ""] for ours, theirs in PRIORITY_WORD.items()} == {ours: ours for ours in PRIORITY_WORD}


def test_what_is_lost_is_declared() -> None:
    assert set(Status) - set(STATUS_WORD) == {Status.OTHER}
    assert set(Priority) == set(PRIORITY_WORD)
    assert "`other` is refused" in ADAPTER.capabilities["set_status"].fallback


@pytest.mark.parametrize(
    ("word", "number"), [("web_form", "0"), ("mail", "4"), ("web_service", "5"), ("chat", "29"), ("voice", "34")]
)
def test_a_channel_is_the_same_as_word_and_as_number(word: str, number: str) -> None:
    assert CHANNEL[word] is CHANNEL[number]


def test_words_are_the_same_in_capitals() -> None:
    assert STATUS[word(" HOLD ")] is Status.ON_HOLD

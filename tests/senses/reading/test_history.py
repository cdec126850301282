"""Older mails: which lines are quoted, and which mail is the customer's matter."""

from __future__ import annotations

import pytest

from bot.senses.reading import Role
from tests.senses.reading.samples import reading_of

ASKED = "Hello Jo,\nplease tell us which of the two reports stays empty.\nAnna"
OUTLOOK = "From: Jo <jo@field.example>\nSent: Monday, 2 March 2026 10:15\nTo: Ops\nSubject: down\n\nProduction is down."


def test_lines_that_an_agent_wrote_before_are_quoted_without_any_mark() -> None:
    reading = reading_of("The second.\n\nplease tell us which of the two reports stays empty.", is_first=False, earlier=(ASKED,))

    assert (reading.own, reading.quoted) == ("The second.", "please tell us which of the two reports stays empty.")


def test_quoted_lines_that_wrap_in_another_way_are_known_all_the_same() -> None:
    text = "> please tell us which of\n> the two reports\n\nThe second."

    assert reading_of(text, is_first=False, earlier=(ASKED,)).own == "The second."


@pytest.mark.parametrize(
    ("subject", "note", "is_kept"),
    [
        ("Fwd: down", "We are the IT department of the company below and would be glad to hear from you.", True),
        ("AW: down", "We have found the cause of it in the meantime and need nothing more, thank you.", False),
        ("down", "FYI", True),
        ("down", "See below, and please tell us what we should answer our customer, who waits since Monday.", True),
        ("down", "We have found the cause of it in the meantime and need nothing more, thank you.", False),
    ],
)
def test_a_first_message_keeps_what_is_handed_on(subject: str, note: str, is_kept: bool) -> None:
    reading = reading_of(f"{note}\n\n{OUTLOOK}", is_first=True, subject=subject)

    assert ("Production is down" in reading.own) is is_kept
    assert (Role.FORWARDED in {part.role for part in reading.parts}) is is_kept


def test_a_later_message_hands_on_only_what_it_points_at() -> None:
    mail = "---------- Forwarded message ---------\nFrom: Bank <b@bank.example>\nSubject: charge\n\nCharged twice."

    assert "Charged twice" in reading_of(f"See below.\n\n{mail}", is_first=False).own
    assert "Charged twice" not in reading_of(f"It works again, thanks.\n\n{mail}", is_first=False).own


def test_mails_that_are_handed_on_inside_each_other_are_read_to_a_depth() -> None:
    inside = "---------- Forwarded message ---------\nFrom: a <a@field.example>\nTo: b\n\n"

    assert reading_of(inside * 40 + "The matter.", is_first=True).own.endswith("The matter.")


def test_quotes_need_somebody_who_wrote_before() -> None:
    mail = "The page says\n\n> Your licence has expired.\n\nbut we paid."

    assert "expired" in reading_of(mail, is_first=True).own
    assert "expired" not in reading_of(mail, is_first=False).own

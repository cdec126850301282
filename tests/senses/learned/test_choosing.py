"""Of a long mail the beginning, the end, and what weighs most between them."""

from __future__ import annotations

import time

import pytest

from bot.senses.learned.choosing import FIRST, LAST, MAX_LETTERS, MAX_SENTENCES, chosen, within
from bot.senses.learned.sentences import sentences
from tests.harness.cpu_time import cpu_seconds_since

OUTAGE = "Since noon production is down for all our customers and nobody can work."


def long_mail(lines: int, outage_at: int) -> str:
    said = [f"We have used export number {each} every day since January and it was fine for us." for each in range(lines)]
    return "\n".join([*said[:outage_at], OUTAGE, *said[outage_at:]])


def test_a_short_text_is_read_whole() -> None:
    assert chosen(["one", "two"]) == ["one", "two"]
    assert within("one. two.") == "one. two."


@pytest.mark.parametrize("place", [30, 60, 85, 120, 150])
def test_an_outage_amid_a_long_mail_is_read(place: int) -> None:
    found = sentences(long_mail(170, place))
    kept = chosen(found)

    assert OUTAGE in kept
    assert len(kept) == MAX_SENTENCES
    assert (kept[:FIRST], kept[-LAST:]) == (found[:FIRST], found[-LAST:])
    assert kept == [each for each in found if each in kept]


@pytest.mark.parametrize("place", [130, 500, 900])
def test_an_outage_amid_an_endless_mail_is_read(place: int) -> None:
    mail = long_mail(1_000, place)
    kept = within(mail)

    assert OUTAGE in kept
    assert len(kept) <= MAX_LETTERS + 4
    assert (kept[:100], kept[-100:]) == (mail[:100], mail[-100:])


def test_what_is_said_again_and_again_takes_no_more_than_one_place() -> None:
    worse = "All data of all customers is lost and deleted for ever."
    found = [f"Line {each} of what we tell you." for each in range(200)]
    found[60:160] = [worse] * 100
    found[170] = OUTAGE

    assert chosen(found).count(worse) == 1
    assert OUTAGE in chosen(found)


def test_choosing_costs_little_time() -> None:
    text = "\n".join(f"line {each} ab" for each in range(9_000))
    begun = time.process_time()

    chosen(sentences(within(text)))

    assert cpu_seconds_since(begun) < 1

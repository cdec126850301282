"""The reading of a text: what one sentence says counts, whatever the others are about."""

from __future__ import annotations

import pytest

from bot.senses.issues import found_issues
from bot.senses.ticket_reading import TicketReading, issue_likelihoods, path_likelihoods, reading, types_of

LEAK = "Since today I can see the invoices and addresses of other customers."
SMALL_TALK = "Hope you had a nice weekend, and thanks for the great support last month."


def test_likelihoods_are_between_nothing_and_one() -> None:
    likely = issue_likelihoods(reading(f"{SMALL_TALK} {LEAK}", "en"))

    assert all(0 <= value <= 1 for value in likely.values())
    assert set(sorted(likely, key=lambda each: -likely[each])[:2]) == {"security", "other"}  # the praise is there, too
    assert found_issues(f"{SMALL_TALK} {LEAK}", "en")[0].issue_type == "security"


def _of_sentences(issue: str, likely: float, count: int) -> TicketReading:
    """A reading in which each sentence is a little like one about this issue."""
    empty = reading("Hello.", "en")
    paths = dict.fromkeys(empty.whole["issue"], 0.0)
    said = {**empty.whole, "issue": {**paths, issue: likely, "none": 1 - likely}}
    nothing = {**empty.whole, "issue": {**paths, "none": 1.0}}
    each = (said,) * count
    return TicketReading(text="", sentences=("So it is.",) * count, each=each, types=tuple(map(types_of, each)), whole=nothing)


def test_many_faint_hints_of_a_leak_are_none_and_one_clear_sentence_is_one() -> None:
    faint, clear = _of_sentences("security.data.leaked", 0.15, 10), _of_sentences("security.data.leaked", 0.9, 1)

    assert issue_likelihoods(faint)["security"] < 0.35
    assert issue_likelihoods(clear)["security"] > 0.5
    assert issue_likelihoods(_of_sentences("billing.invoice.missing", 0.15, 10))["billing"] > 0.4  # other matters add up


def test_small_talk_around_it_takes_little_off() -> None:
    alone = issue_likelihoods(reading(LEAK, "en"))["security"]
    among = issue_likelihoods(reading("\n".join([SMALL_TALK, LEAK, "All the best from Leeds, and regards to Ann."]), "en"))[
        "security"
    ]

    assert among > 0.6 * alone


def test_the_finest_path_is_the_one_that_is_told() -> None:
    paths = path_likelihoods(reading(LEAK, "en"), "security")

    assert max(paths, key=lambda each: paths[each]) == "security.data.leaked"


def test_the_sentence_that_tells_it_is_the_quote() -> None:
    assert found_issues(f"{SMALL_TALK} {LEAK}", "en")[0].quote == LEAK


@pytest.mark.parametrize("text", ["", "   \n "])
def test_of_no_text_nothing_is_likely(text: str) -> None:
    assert found_issues(text) == ()
    assert reading("").strongest("mood", "angry") == (0.0, "")


def test_a_question_on_certificates_waits_behind_a_fault() -> None:
    found = found_issues(
        "The export fails with error 500 since Monday, nobody can download a report.\nAlso, are you certified for ISO 27001?",
        "en",
    )

    assert found[0].issue_type in {"bug", "outage"}

"""An opinion adds and raises; what detectors said stays."""

from __future__ import annotations

from typing import Any

import pytest

from bot.opinions.answer import Opinion
from bot.opinions.lists import lists_of
from bot.opinions.merging import OF_MODEL, opinion_signals
from rules.model.facts import Signal
from rules.values.own_issues import OwnIssue, OwnIssues
from tests.opinions.makers import LISTS, said

WORDS = "All our photos are gone"
DETECTED = {
    "issues": Signal(value=("billing.invoice.missing",), score=0.8, why="“no invoice”"),
    "severity": Signal(value="p3", score=0.7),
    "wishes": Signal(value=("refund",), score=0.9),
    "sentiment": Signal(value="frustrated", score=0.8),
    "language": Signal(value="en", score=0.9),
    "questions_to_ask": Signal(value=("Which invoice?",), score=0.6),
}


def merged(detected: dict[str, Signal] = DETECTED, lists: Any = LISTS, **parts: str) -> dict[str, Signal]:
    opinion = Opinion(**{name: (said(value, WORDS),) for name, value in parts.items()})
    return opinion_signals(detected, opinion, lists, "m", str)


def test_what_a_model_adds_names_it_and_quotes_the_customer() -> None:
    found = merged(issues="data_loss.missing.disappeared")["opinion.issues"]

    assert found.value == ("billing.invoice.missing", "data_loss.missing.disappeared")
    assert (found.source, found.score) == ("model m", OF_MODEL)
    assert found.why == f"model m: data_loss.missing.disappeared “{WORDS}”"


def test_where_it_adds_nothing_the_detectors_word_stands() -> None:
    found = merged(issues="billing.invoice.missing", wishes="refund", mood="neutral", language="de", severity="p3")

    assert {name.removeprefix("opinion."): each for name, each in found.items()} == DETECTED


@pytest.mark.parametrize(
    ("detected", "said_by_model", "comes_to"),
    [
        ("p4", "p1", "p3"),
        ("p3", "p1", "p2"),
        ("p2", "p1", "p1"),
        ("p1", "p1", "p1"),
        ("p1", "p4", "p1"),
        ("p2", "p3", "p2"),
        (None, "p1", "p3"),
        (None, "p4", "p4"),
    ],
)
def test_severity_is_raised_by_one_step_at_most_and_never_lowered(
    detected: str | None, said_by_model: str, comes_to: str
) -> None:
    found = merged({"severity": Signal(value=detected)}, severity=said_by_model)["opinion.severity"]

    assert found.value == comes_to
    assert bool(found.source) is (comes_to != detected)


def test_of_two_moods_the_worse_counts() -> None:
    assert merged(mood="angry")["opinion.sentiment"].value == "angry"
    assert merged(mood="satisfied")["opinion.sentiment"].value == "frustrated"


def test_a_language_is_taken_where_detectors_are_unsure() -> None:
    assert merged({"language": Signal(value="und", score=0.0)}, language="pl")["opinion.language"].value == "pl"
    assert merged({"language": Signal(value="cs", score=0.5)}, language="pl")["opinion.language"].value == "pl"
    assert merged({"language": Signal(value="cs", score=0.9)}, language="pl")["opinion.language"].value == "cs"


def test_a_question_is_added_in_our_words() -> None:
    found = merged(questions="data_loss.1")["opinion.questions_to_ask"]

    assert found.value == ("Which invoice?", LISTS.questions["data_loss.1"])


def test_a_teams_own_issue_counts_as_its_type() -> None:
    own = OwnIssues(issues=(OwnIssue(path="checkout.coupon", issue_type="billing", examples=("My code is refused",)),))

    found = merged({}, lists_of(own), issues="checkout.coupon")["opinion.issues"]

    assert found.value == ("checkout.coupon", "billing")


def test_nothing_is_touched_but_what_is_its_own() -> None:
    assert all(name.startswith("opinion.") for name in merged(issues="bug.speed.slow"))

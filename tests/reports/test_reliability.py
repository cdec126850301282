"""Whether scores mean what they say: bins, the error, what chance alone makes of it, and what counts as right."""

from __future__ import annotations

import random
from typing import Any

import pytest

from bot.reports.labelled_tickets import Labelled
from bot.reports.reliability import Scored, judged_answer, reliability
from rules.model.facts import Signal


def rows(count: int, share_of: float, score: float) -> list[Scored]:
    return [Scored(score, place < share_of * count) for place in range(count)]


def test_scores_that_say_what_happens_have_no_error() -> None:
    found = reliability(rows(100, 0.9, 0.9), bins=1)

    assert found.error == pytest.approx(0.0)
    assert (found.bins[0].share, found.bins[0].score) == pytest.approx((0.9, 0.9))


def test_a_score_that_promises_too_much_is_told() -> None:
    found = reliability(rows(100, 0.5, 0.9), bins=1)

    assert found.error == pytest.approx(0.4)
    assert found.beyond_chance == pytest.approx(0.4, abs=0.05)


def test_bins_hold_equally_many_and_the_least_sure_come_first() -> None:
    found = reliability([Scored(place / 100, is_right=True) for place in range(100)], bins=4)

    assert [each.n for each in found.bins] == [25] * 4
    assert [each.score for each in found.bins] == sorted(each.score for each in found.bins)


def test_fewer_answers_than_bins_are_no_fault() -> None:
    assert len(reliability([Scored(0.5, is_right=True)]).bins) == 1


def test_a_perfect_score_on_few_rows_is_not_blamed_for_chance() -> None:
    dice = random.Random(4)
    scores = [dice.random() for _ in range(200)]
    found = reliability([Scored(each, dice.random() < each) for each in scores])

    assert found.error > 0.03
    assert found.beyond_chance < 0.02


def labelled(**gold: Any) -> Labelled:
    return Labelled(id="t", language="en", subject="", body="", tier="", gold=gold)


@pytest.mark.parametrize(
    ("name", "value", "gold", "is_right"),
    [
        ("issue_type", "bug", {"type": "outage", "type_also": ["bug"]}, True),
        ("issue_type", "bug", {"type": "outage"}, False),
        ("issue", "billing.refund", {"issue": ["billing.refund.waiting"]}, True),
        ("issue", "billing.refund.waiting", {"issue": ["billing.refund.request"]}, False),
        ("issue", "bug.crash.closes", {"issue": ["outage.service.all_down"], "type_also": ["bug"]}, True),
        ("issue", "billing", {}, None),
        ("severity", "p2", {"severity": "p1", "severity_also": ["p2"]}, True),
        ("severity", None, {"severity": "p1"}, None),
        ("sentiment", "angry", {"sentiment": "frustrated"}, False),
        ("sentiment", "angry", {}, None),
        ("wishes", ("refund", "legal"), {"wishes": ["refund"]}, True),
        ("wishes", ("legal",), {"wishes": ["refund"]}, False),
        ("wishes", (), {"wishes": []}, True),
        ("wishes", (), {"wishes": ["cancel"]}, False),
        ("wishes", (), {}, None),
        ("severity", "p2", {"severity": "p2", "is_spam": True}, None),
    ],
)
def test_what_is_right_is_what_a_lead_would_let_pass(
    name: str, value: str | tuple[str, ...] | None, gold: dict[str, Any], is_right: bool | None
) -> None:
    assert judged_answer(name, Signal(value=value, score=0.5), labelled(**gold)) is is_right

"""What training works out besides the weights."""

from __future__ import annotations

from bot.senses.learned.answers import SEVERITIES
from bot.senses.learned.examples import Example
from bot.senses.learned.training import usual_severities


def test_what_is_usual_follows_the_examples_and_nothing_is_impossible() -> None:
    rows = [Example(text="", language="en", single={"issue": "outage.service.all_down", "severity": "p1"})] * 8

    found = usual_severities(rows)

    assert found["outage.service.all_down"] == [round(9 / 12, 3), *[round(1 / 12, 3)] * 3]
    assert found["billing.plan.price"] == [0.25] * len(SEVERITIES)

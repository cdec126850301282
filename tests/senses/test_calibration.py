"""Scores that mean something: the curves belong to the weights, keep the order, and leave what is unknown alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.senses.calibration import CALIBRATED, VECTORS, WORDS, about, calibrated, curves, sha256_of_weights
from bot.senses.learned.answers import MOODS, SEVERITIES
from rules.model.facts import Signal

WEIGHTS = st.floats(0, 1, allow_nan=False)


def test_the_curves_were_measured_with_these_weights() -> None:
    assert about()["weights_sha256"] == sha256_of_weights(), "run `make senses`"


@pytest.mark.parametrize("of", [WORDS, VECTORS])
def test_each_way_of_reading_has_a_curve_for_each_signal(of: str) -> None:
    assert set(curves(of)) == set(CALIBRATED.values())
    assert all(curve.slope >= 0 for curve in curves(of).values())


@given(st.sampled_from([*SEVERITIES]), WEIGHTS, WEIGHTS)
def test_what_weighs_more_is_no_less_sure(step: str, one: float, other: float) -> None:
    less, more = sorted((one, other))

    assert (
        calibrated("severity", Signal(value=step, score=less)).score
        <= calibrated("severity", Signal(value=step, score=more)).score
    )


@given(st.sampled_from([*MOODS]), WEIGHTS)
def test_a_score_is_a_share_and_nobody_is_certain(mood: str, weight: float) -> None:
    found = calibrated("sentiment", Signal(value=mood, score=weight, why="so"))

    assert (found.value, found.why) == (mood, "so")
    assert 0 < found.score < 1
    assert found.score == round(found.score, 2)


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("severity", Signal(value=None, score=0.0)),
        ("language", Signal(value="fr", score=0.41)),
        ("issue", Signal(value="checkout.coupon", score=0.8)),
    ],
)
def test_what_is_unknown_or_a_share_already_keeps_its_score(name: str, signal: Signal) -> None:
    assert calibrated(name, signal) is signal

"""The last step of `severity` and `sentiment`: the signs of a reading, weighed together.

What sentences and the whole say, what is usual for the issue, the circumstances: how much each counts was learned on whole
labelled tickets (bot/reports/fit_calibration.py), apart for the senses by words alone and for those with sentence vectors.
Plain arithmetic, rounded before anything reads it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.senses.calibration import way

WEIGHTS = Path(__file__).parent / "learned" / "weighing.json"
FLOOR = 0.02  # a likelihood near 0 or 1 counts no more than this
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Weights:
    """`names` of the signs with the `mean` and `scale` that they are brought to; for each answer a `start` and the weights."""

    names: Sequence[str]
    mean: Sequence[float]
    scale: Sequence[float]
    start: Mapping[str, float]
    weights: Mapping[str, Sequence[float]]

    def likelihoods(self, signs: Mapping[str, float]) -> dict[str, float]:
        """Of each answer, adding up to 1."""
        even = [(signs[name] - mean) / scale for name, mean, scale in zip(self.names, self.mean, self.scale, strict=True)]
        sums = {
            answer: self.start[answer] + sum(weight * sign for weight, sign in zip(row, even, strict=True))
            for answer, row in self.weights.items()
        }
        most = max(sums.values())
        raised = {answer: math.exp(value - most) for answer, value in sums.items()}
        total = sum(raised.values())
        return {answer: round(value / total, DIGITS) for answer, value in raised.items()}


def likelihoods(of: str, signs: Mapping[str, float]) -> dict[str, float]:
    """`of`: severity or sentiment."""
    return _weights(way())[of].likelihoods(signs)


def weight(likely: float) -> float:
    """The logit of a likelihood: what comes near to certain counts more than its share."""
    kept = min(1 - FLOOR, max(FLOOR, likely))
    return math.log(kept / (1 - kept))


@lru_cache(maxsize=2)
def _weights(by: str) -> Mapping[str, Weights]:
    tree = json.loads(WEIGHTS.read_text(encoding="utf-8"))[by]
    return {of: Weights(**found) for of, found in tree.items()}

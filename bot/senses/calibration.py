"""What a score means: of the answers that are 0.7 sure, seven of ten are right.

Detectors weigh signs, and a weight is no share. How often such a weight was right was learned on labelled tickets
(bot/reports/fit_calibration.py), apart for the senses by words alone and for those with sentence vectors: a straight line of the
weight's logit, at a height of its own for each answer. Order within one answer stays: what weighs more is surer.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.senses.learned.classifier import ENGLISH_WEIGHTS, VECTOR_WEIGHTS, WORD_WEIGHTS
from bot.senses.learned.vectors import encoder
from rules.model.facts import Signal
from rules.values.taxonomy import PATHS

CURVES = Path(__file__).parent / "learned" / "calibration.json"
WORDS, VECTORS = "words", "vectors"
# signal -> whose curve it goes by; what is not here keeps its score
CALIBRATED: Mapping[str, str] = {
    "issue": "issue",
    "issue_type": "issue_type",
    "issues": "issue_type",
    "severity": "severity",
    "sentiment": "sentiment",
    "wishes": "wishes",
}
LEAST, MOST = 0.02, 0.98  # nobody is certain


@dataclass(frozen=True, slots=True)
class Curve:
    """`heights`: by answer; of one that was not seen 0."""

    slope: float
    start: float
    heights: Mapping[str, float]

    def at(self, answer: str, weight: float) -> float:
        return 1 / (1 + math.exp(-(self.start + self.heights.get(answer, 0.0) + self.slope * logit(weight))))


def calibrated(name: str, signal: Signal) -> Signal:
    """The same answer, with the share of such answers that are right as its score; what is unknown stays as it is, and so does a
    team's own issue, whose nearness is a share already (bot/senses/nearest.py)."""
    curve = curves(way()).get(CALIBRATED.get(name, ""))
    if curve is None or signal.value is None or (name == "issue" and signal.value not in PATHS):
        return signal
    likely = curve.at(answer_of(name, signal.value), signal.score)
    return replace(signal, score=round(min(MOST, max(LEAST, likely)), 2))


def way() -> str:
    """How this process reads: with sentence vectors where their encoder is installed."""
    return VECTORS if encoder() else WORDS


def answer_of(name: str, value: object) -> str:
    """What has a height of its own: an issue's type, a step, a mood; that something is wished at all."""
    if name == "wishes":
        return "some" if value else "none"
    first = value[0] if isinstance(value, tuple) and value else value
    return str(first).partition(".")[0] if first else "none"


def logit(weight: float) -> float:
    kept = min(MOST, max(LEAST, weight))
    return math.log(kept / (1 - kept))


@lru_cache(maxsize=2)
def curves(of: str) -> Mapping[str, Curve]:
    """By signal; `of` is WORDS or VECTORS."""
    return {name: Curve(found["slope"], found["start"], dict(found["heights"])) for name, found in about()["curves"][of].items()}


def sha256_of_weights() -> str:
    """Of the weights whose scores these are: curves name the weights that they were measured with."""
    digest = hashlib.sha256()
    for path in (WORD_WEIGHTS, VECTOR_WEIGHTS, ENGLISH_WEIGHTS):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def about() -> dict[str, Any]:
    """The file: `weights_sha256` that it was measured with, `tickets` that it was learned from, `curves`."""
    found: dict[str, Any] = json.loads(CURVES.read_text(encoding="utf-8"))
    return found

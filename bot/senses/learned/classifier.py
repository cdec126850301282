"""Reads sentences by learned weights: for each head (`issue`, `wish`, `mood`, …) how likely each of its answers is.

Sets of weights, made by training.py from bot/senses/examples: one over the words of a sentence, which is always there, and
one over sentence vectors, where their encoder is installed; English has one of its own, over the vectors of two encoders. Where
words and vectors both speak, their logits are averaged. Plain
arithmetic: no network, no randomness. Likelihoods are rounded before anything reads them, so that machines which add in
another order agree.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.log import get_logger
from bot.senses.learned.answers import HARM, SEVERAL, SINGLE
from bot.senses.learned.english_vectors import ENGLISH, both_encoders
from bot.senses.learned.features import counts
from bot.senses.learned.vectors import LANGUAGES, Encoder, encoded, encoder

WORD_WEIGHTS = Path(__file__).parent / "word_weights.npz"
VECTOR_WEIGHTS = Path(__file__).parent / "vector_weights.npz"
ENGLISH_WEIGHTS = Path(__file__).parent / "english_weights.npz"
OF_VECTORS = 0.5  # how much the vectors' logits count beside the words'
OF_VECTORS_ELSEWHERE = 0.35  # in a language that the encoder does not know
SHARPER = {"issue": 1.3}  # of so many answers each gets a little: what is likely is made likelier (tests/senses/first_day)
DIGITS = 3
Floats = NDArray[np.float32]
log = get_logger("senses")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """`matrix`: inputs x answers of all heads, small whole numbers, each column times its `scale`."""

    matrix: NDArray[np.int8]
    scale: Floats
    bias: Floats
    about: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """`rarity`: how much a feature counts."""

    weights: _Weights
    vocabulary: Mapping[str, int]
    rarity: Floats

    def logits(self, sentences: Sequence[str]) -> Floats:
        return np.stack([self._logits(each) for each in sentences])

    def _logits(self, sentence: str) -> Floats:
        found_at = features(self, sentence)
        is_known = found_at.places >= 0
        rows = found_at.places[is_known]
        if not rows.size:
            return self.weights.bias
        values = found_at.often[is_known].astype(np.float32) * self.rarity[rows]
        values /= float(np.linalg.norm(values)) or 1.0
        found: Floats = (values @ self.weights.matrix[rows].astype(np.float32)) * self.weights.scale + self.weights.bias
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Of a text: `names`, their `places` in a vocabulary (-1: not learned), and `often`, 1 + the logarithm of the count."""

    names: tuple[str, ...]
    places: NDArray[np.int64]
    often: NDArray[np.float64]


@lru_cache(maxsize=128)
def features(of: Words, text: str) -> Features:
    """Kept for the next who asks: looking them up costs most of reading by words."""
    counted = counts(text)
    get = of.vocabulary.get
    return Features(
        names=tuple(counted),
        places=np.array([get(name, -1) for name in counted], dtype=np.int64),
        often=1 + np.log(np.array(list(counted.values()), dtype=np.float64)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Vectors:
    encoder: Encoder
    weights: _Weights
    matrix: Floats

    def logits(self, sentences: Sequence[str]) -> Floats:
        vectors = encoded(self.encoder, tuple(sentences))
        found: Floats = np.round(vectors, DIGITS) @ self.matrix + self.weights.bias
        return found


Likelihoods = Mapping[str, Mapping[str, float]]


def read(sentences: Sequence[str], language: str = "") -> list[Likelihoods]:
    """For each sentence: head -> answer -> likelihood, 0 to 1. A single head's answers add up to 1."""
    if not sentences:
        return []
    words = words_of_the_shipped()
    logits = words.logits(sentences)
    if (vectors := _vectors_for(language)) is not None:
        share = OF_VECTORS if not language or language in LANGUAGES else OF_VECTORS_ELSEWHERE
        by_vectors = vectors.logits(sentences)
        logits = _blended(logits, by_vectors, share)
    return [_likelihoods(row) for row in logits]


def _vectors_for(language: str) -> Vectors | None:
    found = vectors_of_the_shipped()
    return (english_of_the_shipped() if language == ENGLISH and found else None) or found


def gravity(sentences: Sequence[str]) -> list[float]:
    """How much each tells of harm, and how grave that is, 0 to 2, by words alone: cheap enough for all of a long mail."""
    if not sentences:
        return []
    logits = words_of_the_shipped().logits(sentences)
    issues, severities = len(SINGLE["issue"]), len(SINGLE["severity"])
    by_issue = np.exp(_log_softmax(logits[:, :issues]))
    by_severity = np.exp(_log_softmax(logits[:, issues : issues + severities]))
    harmful = [place for place, path in enumerate(SINGLE["issue"]) if path.partition(".")[0] in HARM]
    found: list[float] = np.round(by_issue[:, harmful].sum(axis=1) + by_severity[:, 0] + by_severity[:, 1] / 2, DIGITS).tolist()
    return found


@lru_cache(maxsize=128)
def usual_severities(issue: str) -> Mapping[str, float]:
    """How often each severity stands beside an issue in the examples."""
    shares = words_of_the_shipped().weights.about["usual_severities"][issue]
    return dict(zip(SINGLE["severity"], shares, strict=True))


def _blended(by_words: Floats, by_vectors: Floats, share: float) -> Floats:
    """The mean of both, for a single head of its log-likelihoods: so neither speaks louder because its weights are larger."""
    first = 0
    made = np.empty_like(by_words)
    for answers in SINGLE.values():
        part = slice(first, first := first + len(answers))
        made[:, part] = (1 - share) * _log_softmax(by_words[:, part]) + share * _log_softmax(by_vectors[:, part])
    made[:, first:] = (1 - share) * by_words[:, first:] + share * by_vectors[:, first:]
    return made


def _log_softmax(logits: Floats) -> Floats:
    moved = logits - logits.max(axis=1, keepdims=True)
    found: Floats = moved - np.log(np.exp(moved).sum(axis=1, keepdims=True))
    return found


def _likelihoods(logits: Floats) -> Likelihoods:
    found: dict[str, dict[str, float]] = {}
    first = 0
    for name, answers in SINGLE.items():
        part = logits[first : (first := first + len(answers))] * SHARPER.get(name, 1.0)
        raised = np.exp(part - part.max())
        found[name] = _named(answers, raised / raised.sum())
    for name, answers in SEVERAL.items():
        part = logits[first : (first := first + len(answers))]
        found[name] = _named(answers, 1 / (1 + np.exp(-part)))
    return found


def _named(answers: Sequence[str], values: NDArray[Any]) -> dict[str, float]:
    return dict(zip(answers, np.round(values.astype(np.float64), DIGITS).tolist(), strict=True))


@lru_cache(maxsize=1)
def words_of_the_shipped() -> Words:
    with np.load(WORD_WEIGHTS, allow_pickle=False) as file:
        names = _about(file)["vocabulary"]
        return Words(
            weights=_weights(file),
            vocabulary={name: place for place, name in enumerate(names)},
            rarity=file["rarity"].astype(np.float32),
        )


@lru_cache(maxsize=1)
def vectors_of_the_shipped() -> Vectors | None:
    """Those for all languages. None without the encoder, or with another one than the weights were learned on."""
    return _vectors(VECTOR_WEIGHTS, encoder())


@lru_cache(maxsize=1)
def english_of_the_shipped() -> Vectors | None:
    """Those for English alone; None as above."""
    return _vectors(ENGLISH_WEIGHTS, both_encoders())


def _vectors(path: Path, found: Encoder | None) -> Vectors | None:
    if found is None:
        return None
    with np.load(path, allow_pickle=False) as file:
        weights = _weights(file)
    if weights.about["encoder_sha256"] != found.sha256:
        log.warning("encoder.differs", wanted=weights.about["encoder_sha256"][:12], found=found.sha256[:12])
        return None
    return Vectors(encoder=found, weights=weights, matrix=weights.matrix.astype(np.float32) * weights.scale)


def _about(file: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(file["about"]).decode())
    return found


def _weights(file: Mapping[str, Any]) -> _Weights:
    about = _about(file)
    wanted = [[*answers] for answers in (*SINGLE.values(), *SEVERAL.values())]
    if [head["answers"] for head in about["heads"]] != wanted:
        raise ValueError("the weights answer other questions than bot/senses/learned/answers.py asks: train them anew")
    return _Weights(matrix=file["matrix"], scale=file["scale"], bias=file["bias"], about=about)

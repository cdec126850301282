"""Learns the weights anew: `python -m bot.senses.learned.training` (`make senses`), after a change of bot/senses/examples.

Logistic regression, over words and pieces of words, over sentence vectors, and for English over those of two encoders. Needs the
extra `training`; the product itself only reads what this writes. The same examples make the same weights on the same versions of
the libraries.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.senses.learned.answers import SEVERAL, SINGLE
from bot.senses.learned.classifier import ENGLISH_WEIGHTS, VECTOR_WEIGHTS, WORD_WEIGHTS
from bot.senses.learned.english_vectors import ENGLISH, both_encoders
from bot.senses.learned.examples import Example, examples, sha256_of
from bot.senses.learned.features import counts
from bot.senses.learned.vectors import Encoder, encoder

Floats = NDArray[np.float32]
MIN_ROWS = 3  # a feature of one ticket, which gives its sentence and the whole, says nothing
STRENGTH_WORDS, STRENGTH_VECTORS = 8.0, 2.0  # the inverse of how much large weights cost
MOST_WEIGHT_OF_RARE = 6.0  # of a yes among many noes
KEPT = 90_000  # features with the largest weights
FLOOR = -9.0  # of an answer without examples


def main() -> None:
    rows = examples()
    learn_words(rows)
    for_all, both = encoder(), both_encoders()
    if for_all is None or both is None:
        sys.exit("a sentence encoder is not installed: only the weights of words are new")
    learn_vectors(VECTOR_WEIGHTS, rows, for_all)
    learn_vectors(ENGLISH_WEIGHTS, [each for each in rows if each.language == ENGLISH], both)


def learn_words(rows: Sequence[Example]) -> None:
    vocabulary, rarity, word_rows = _words(rows)
    matrix, bias = _learn(word_rows, rows, STRENGTH_WORDS, "words")
    keep = np.sort(np.argsort(-np.abs(matrix).max(axis=0))[:KEPT])
    names = [vocabulary[place] for place in keep]
    usual = usual_severities(rows)
    _save(WORD_WEIGHTS, matrix[:, keep].T, bias, vocabulary=names, rarity=rarity[keep], usual_severities=usual)


def learn_vectors(path: Path, rows: Sequence[Example], by: Encoder) -> None:
    texts = [each.text for each in rows]
    vectors = np.vstack([by.encode(texts[start : start + 64]) for start in range(0, len(texts), 64)])
    matrix, bias = _learn(vectors, rows, STRENGTH_VECTORS, path.stem)
    _save(path, matrix.T, bias, encoder_sha256=by.sha256)


def usual_severities(rows: Sequence[Example]) -> dict[str, list[float]]:
    """How often each severity stands beside each issue, as shares; smoothed, so that none is impossible."""
    often: dict[str, Counter[str]] = {issue: Counter() for issue in SINGLE["issue"]}
    for each in rows:
        if "issue" in each.single and "severity" in each.single:
            often[each.single["issue"]][each.single["severity"]] += 1
    return {
        issue: [round((counted[each] + 1) / (counted.total() + len(SINGLE["severity"])), 3) for each in SINGLE["severity"]]
        for issue, counted in often.items()
    }


def _words(rows: Sequence[Example]) -> tuple[list[str], Floats, Any]:
    from scipy.sparse import csr_matrix

    counted = [counts(each.text) for each in rows]
    often: Counter[str] = Counter()
    for each in counted:
        often.update(each.keys())
    vocabulary = sorted(name for name, count in often.items() if count >= MIN_ROWS)
    place = {name: number for number, name in enumerate(vocabulary)}
    rarity = np.array([math.log((1 + len(rows)) / (1 + often[name])) + 1 for name in vocabulary], dtype=np.float32)
    data, columns, ends = [], [], [0]
    for each in counted:
        known = [(place[name], count) for name, count in each.items() if name in place]
        values = np.array([(1 + math.log(count)) * rarity[at] for at, count in known], dtype=np.float32)
        data.append(values / (np.linalg.norm(values) or 1.0))
        columns += [at for at, _ in known]
        ends.append(len(columns))
    return vocabulary, rarity, csr_matrix((np.concatenate(data), columns, ends), shape=(len(rows), len(vocabulary)))


def _learn(inputs: Any, rows: Sequence[Example], strength: float, what: str) -> tuple[Floats, Floats]:
    """Weights (answers x inputs) and biases of all heads, in their order."""
    blocks, biases = [], []
    for head, answers in SINGLE.items():
        _say(f"{what}: {head}")
        block, bias = _one_of(inputs, rows, head, answers, strength)
        blocks.append(block)
        biases.append(bias)
    for head, answers in SEVERAL.items():
        _say(f"{what}: {head}")
        for answer in answers:
            block, bias = _yes_or_no(inputs, rows, head, answer, strength)
            blocks.append(block)
            biases.append(bias)
    return np.vstack(blocks).astype(np.float32), np.concatenate(biases).astype(np.float32)


def _one_of(inputs: Any, rows: Sequence[Example], head: str, answers: Sequence[str], strength: float) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression

    judged = [number for number, each in enumerate(rows) if head in each.single]
    wanted = [rows[number].single[head] for number in judged]
    often = Counter(wanted)
    typical = float(np.median(list(often.values())))
    weights = np.array(
        [rows[number].weight * min(1.0, (2 * typical / often[rows[number].single[head]])) ** 0.5 for number in judged]
    )
    learned = LogisticRegression(C=strength, max_iter=400, tol=1e-3)
    learned.fit(inputs[judged], wanted, sample_weight=weights)
    block = np.zeros((len(answers), inputs.shape[1]), dtype=np.float32)
    bias = np.full(len(answers), FLOOR, dtype=np.float32)
    for number, answer in enumerate(learned.classes_):
        block[answers.index(answer)] = learned.coef_[number]
        bias[answers.index(answer)] = learned.intercept_[number]
    return block, bias


def _yes_or_no(inputs: Any, rows: Sequence[Example], head: str, answer: str, strength: float) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression

    judged = [number for number, each in enumerate(rows) if head in each.several and answer not in each.unjudged]
    wanted = np.array([answer in rows[number].several[head] for number in judged])
    rare = min(MOST_WEIGHT_OF_RARE, max(1.0, 0.25 * len(wanted) / max(1, int(wanted.sum()))))
    learned = LogisticRegression(C=strength, max_iter=400, tol=1e-3, solver="liblinear")
    weights = np.array([rows[number].weight for number in judged]) * np.where(wanted, rare, 1.0)
    learned.fit(inputs[judged], wanted, sample_weight=weights)
    return learned.coef_.astype(np.float32), learned.intercept_.astype(np.float32)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _save(path: Path, matrix: Floats, bias: Floats, **more: Any) -> None:
    """As whole numbers from -127 to 127 for each column's own scale: nothing that is compared gets another place by it."""
    scale = np.abs(matrix).max(axis=0) / 127
    scale[scale == 0] = 1.0
    heads = [{"name": name, "answers": list(answers), "is_single": True} for name, answers in SINGLE.items()]
    heads += [{"name": name, "answers": list(answers), "is_single": False} for name, answers in SEVERAL.items()]
    about: dict[str, Any] = {"heads": heads, "examples_sha256": sha256_of()}
    arrays: dict[str, Any] = {}
    for name, value in more.items():
        if isinstance(value, np.ndarray):
            arrays[name] = value.astype(np.float16)
        else:
            about[name] = value
    np.savez_compressed(
        path,
        about=np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8),
        matrix=np.round(matrix / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        bias=bias,
        **arrays,
    )
    _say(f"{path.name}: {matrix.shape}, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

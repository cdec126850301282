"""Learn how likely two tickets tell the same from how alike their parts are: `python -m bot.facts.fit_similar --pairs FILE`.

FILE is as for bot/facts/measure_similar.py. Beside its pairs, tickets of different pairs are drawn as others that do not tell the
same: most tickets have nothing in common. Prints the numbers of IN_ENGLISH and ELSEWHERE in bot/facts/ticket_meaning.py.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from bot.facts.measure_similar import ticket_of
from bot.facts.ticket_meaning import Meaning, meaning_of, parts_alike
from rules.files.json_text import json_lines

SEED = 4711
DRAWN = 2  # pairs of strangers for each pair of the file
APART = 3  # lines that pairs must be apart to be about different matters: neighbours may share one
STEPS, RATE, PULL = 4_000, 0.3, 0.01
Row = Mapping[str, Any]
Floats = NDArray[np.float64]
Two = tuple[Meaning, Meaning]


def fit(alike: Floats, same: NDArray[np.bool_]) -> tuple[float, list[float]]:
    """Start and weights of a logistic. None is below zero: what two tickets have in common never speaks for two matters."""
    mean, spread = alike.mean(axis=0), alike.std(axis=0) + 1e-9
    seen = (alike - mean) / spread
    start, weights = 0.0, np.zeros(alike.shape[1])
    for _ in range(STEPS):
        off = 1 / (1 + np.exp(-(seen @ weights + start))) - same
        weights = np.maximum(0.0, weights - RATE * (seen.T @ off / len(same) + PULL * weights))
        start -= RATE * float(off.mean())
    weights = weights / spread
    return round(start - float(mean @ weights), 2), np.round(weights, 2).tolist()


def examples(rows: Sequence[Row], languages: Sequence[str]) -> tuple[Floats, NDArray[np.bool_]]:
    """How alike the parts of each pair are, and whether it is the same."""
    alike: list[NDArray[np.float32]] = []
    same: list[bool] = []
    for language in languages:
        meanings = [tuple(meaning_of(ticket_of(each)) for each in row[language]) for row in rows]
        known = [(row, (one, other)) for row, (one, other) in zip(rows, meanings, strict=True) if one and other]
        told = [(two, bool(row["same"])) for row, two in known]
        for (one, other), is_same in (*told, *((two, False) for two in _strangers([two for _, two in known]))):
            if one.maker == other.maker:
                alike.append(parts_alike(one.numbers, [other.numbers])[0])
                same.append(is_same)
    return np.stack(alike).astype(np.float64), np.array(same)


def _strangers(pairs: Sequence[Two]) -> Iterator[Two]:
    chance = random.Random(SEED)  # a choice of examples, no secret
    for _ in range(DRAWN * len(pairs)):
        first, second = chance.randrange(len(pairs)), chance.randrange(len(pairs))
        if abs(first - second) >= APART:
            yield chance.choice(pairs[first]), chance.choice(pairs[second])


@click.command(help=__doc__)
@click.option("--pairs", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(path: Path) -> None:
    rows = [row for _, row in json_lines(path.read_bytes(), path.name)]
    others = [name for name, value in rows[0].items() if isinstance(value, list) and name != "en"]
    for name, languages in (("IN_ENGLISH", ["en"]), ("ELSEWHERE", others)):
        start, (vector, *heads) = fit(*examples(rows, languages))
        click.echo(json.dumps({"scale": name, "start": start, "vector": vector, "heads": heads}))


if __name__ == "__main__":
    main()

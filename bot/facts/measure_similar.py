"""Measure what is told as the same on labelled pairs: `python -m bot.facts.measure_similar --pairs FILE`.

FILE has a JSON object a line: `id`, `same`, and for each language (ISO 639-1) the pair, two tickets with `subject` and `body`.
Prints a line a language: how often a pair that is the same is the likelier one (`auc`), and what the threshold ALIKE finds; with
intervals of the differences to English over the same pairs.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from adapters.ticket import Message, Ticket
from bot.facts.ticket_meaning import ALIKE, likenesses, meaning_of
from rules.files.json_text import json_lines

DRAWS = 1_000
SEED = 4711


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """`scores`: by language, how alike its two tickets are; 0 where one says too little or they are by two makers.
    `found`: in which languages they are told as the same."""

    id: str
    same: bool
    scores: Mapping[str, float]
    found: frozenset[str]


def read_pairs(path: Path) -> list[Pair]:
    return [pair_of(row) for _, row in json_lines(path.read_bytes(), path.name)]


def pair_of(row: Mapping[str, object]) -> Pair:
    found = {name: _compared(value) for name, value in row.items() if isinstance(value, list)}
    return Pair(
        id=str(row["id"]),
        same=bool(row["same"]),
        scores={name: score for name, (score, _) in found.items()},
        found=frozenset(name for name, (_, is_found) in found.items() if is_found),
    )


def _compared(two: Sequence[Mapping[str, str]]) -> tuple[float, bool]:
    one, other = (meaning_of(ticket_of(each)) for each in two)
    if one is None or other is None or one.maker != other.maker:
        return 0.0, False
    (score,) = likenesses(one, [other.numbers])
    return score, score >= ALIKE


def ticket_of(said: Mapping[str, str]) -> Ticket:
    return Ticket(subject=said["subject"], messages=(Message(external_id="1", body_text=said["body"]),))


def figures(pairs: Sequence[Pair], language: str) -> dict[str, float]:
    """`auc`, `precision`, `recall`, 0 to 1, and `pairs`."""
    told = [pair for pair in pairs if language in pair.found]
    right = sum(pair.same for pair in told)
    return {
        "pairs": len(pairs),
        "auc": round(auc(pairs, language), 3),
        "precision": round(right / max(1, len(told)), 3),
        "recall": round(right / max(1, sum(pair.same for pair in pairs)), 3),
    }


def auc(pairs: Sequence[Pair], language: str) -> float:
    """How often one that is the same has the higher score than one that is not; ties are half."""
    same = [pair.scores[language] for pair in pairs if pair.same]
    other = [pair.scores[language] for pair in pairs if not pair.same]
    won = sum((one > two) + (one == two) / 2 for one in same for two in other)
    return won / max(1, len(same) * len(other))


def difference(pairs: Sequence[Pair], language: str, to: str = "en") -> tuple[float, float]:
    """The 90 % interval of the two languages' `auc`, apart, over pairs that are drawn anew (seeded)."""
    chance = random.Random(SEED)  # statistics, no secret
    same, other = [pair for pair in pairs if pair.same], [pair for pair in pairs if not pair.same]
    found = []
    for _ in range(DRAWS):
        drawn = [*chance.choices(same, k=len(same)), *chance.choices(other, k=len(other))]
        found.append(auc(drawn, language) - auc(drawn, to))
    found.sort()
    return round(found[DRAWS // 20], 3), round(found[-DRAWS // 20], 3)


@click.command(help=__doc__)
@click.option("--pairs", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(path: Path) -> None:
    pairs = read_pairs(path)
    for language in pairs[0].scores if pairs else ():
        apart = {} if language == "en" else {"auc_to_en": difference(pairs, language)}
        click.echo(json.dumps({"language": language, **figures(pairs, language), **apart}))


if __name__ == "__main__":
    main()

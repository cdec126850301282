"""Whether scores mean what they say: of the answers that are 0.7 sure, seven of ten should be right.

The expected calibration error (Guo et al. 2017) over bins of equally many answers. Even perfect scores miss by chance on few
rows, so what they would miss is worked out too, by drawing answers that are right as often as the scores say.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.reports.labelled_tickets import Labelled
from bot.senses.calibration import answer_of
from rules.model.facts import Signal

BINS = 10
DRAWS = 200
MEASURED = ("issue_type", "issue", "severity", "sentiment", "wishes")


@dataclass(frozen=True, slots=True)
class Scored:
    """An answer's score, and whether it was right."""

    score: float
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Answers of like scores: how many, how sure they were on average, what share was right."""

    n: int
    score: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """`error`: how far scores are from shares, on average; `by_chance`: how far those of a perfect score would be."""

    n: int
    bins: tuple[Bin, ...]
    error: float
    by_chance: float

    @property
    def beyond_chance(self) -> float:
        return max(0.0, self.error - self.by_chance)


def reliability(rows: Sequence[Scored], bins: int = BINS) -> Reliability:
    """Of one signal; `rows` not empty."""
    ordered = sorted(rows, key=lambda each: each.score)
    dice = random.Random(len(rows))  # the same figure each time
    drawn = [
        _error(_bins([Scored(each.score, dice.random() < each.score) for each in ordered], bins), len(rows)) for _ in range(DRAWS)
    ]
    found = _bins(ordered, bins)
    return Reliability(n=len(rows), bins=found, error=_error(found, len(rows)), by_chance=sum(drawn) / DRAWS)


def _bins(ordered: Sequence[Scored], count: int) -> tuple[Bin, ...]:
    edges = [len(ordered) * place // count for place in range(count + 1)]
    parts = [ordered[start:end] for start, end in pairwise(edges) if end > start]
    return tuple(
        Bin(
            n=len(part),
            score=sum(each.score for each in part) / len(part),
            share=sum(each.is_right for each in part) / len(part),
        )
        for part in parts
    )


def _error(bins: Sequence[Bin], total: int) -> float:
    return sum(each.n * abs(each.score - each.share) for each in bins) / total


def judged_answer(name: str, signal: Signal | None, ticket: Labelled) -> bool | None:
    """Whether a signal's answer is right; None where it says nothing or nobody labelled it."""
    if signal is None or signal.value is None or not ticket.is_of_a_person:
        return None
    if name == "wishes":
        return _is_wish_right(signal.value, ticket)
    if name == "issue":
        return _is_path_right(str(signal.value), ticket)
    right = ticket.right({"issue_type": "type"}.get(name, name))
    return str(signal.value) in right if right else None


def _is_wish_right(value: object, ticket: Labelled) -> bool | None:
    """The surest wish is one; or, where none is told, there is none."""
    if "wishes" not in ticket.gold:
        return None
    wanted = frozenset(map(str, ticket.gold["wishes"]))
    return (value[0] in wanted) if isinstance(value, tuple) and value else not wanted


def _is_path_right(value: str, ticket: Labelled) -> bool | None:
    """As far as the path goes, it is one of the labelled paths; or its type is one that a lead would let pass."""
    paths = [str(each) for each in ticket.gold.get("issue", ())]
    if not paths:
        return None
    also = frozenset(map(str, ticket.gold.get("type_also", ())))
    return answer_of("issue", value) in also or any(f"{path}.".startswith(f"{value}.") for path in paths)


def scored(name: str, rows: Sequence[tuple[Labelled, Signal | None]]) -> Iterator[Scored]:
    """The answers of one signal that can be judged."""
    for ticket, signal in rows:
        if signal is not None and (is_right := judged_answer(name, signal, ticket)) is not None:
            yield Scored(signal.score, is_right)

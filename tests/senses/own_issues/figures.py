"""Measures own issues and areas: `python -m tests.senses.own_issues.figures [development|held_back]`."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.rulesets.active import load_named
from bot.senses import sense
from rules.values.own_issues import OwnIssues
from tests.senses.makers import ticket

HERE = Path(__file__).parent
DEVELOPMENT, HELD_BACK = HERE / "development.jsonl", HERE / "held_back.jsonl"
TEAMS = ("restaurant", "scooters", "courses")
NOW = datetime(2026, 5, 14, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How many were told, how many there are, and how many of those told are right."""

    right: int
    told: int
    there: int

    @property
    def precision(self) -> float:
        return self.right / self.told

    @property
    def recall(self) -> float:
        return self.right / self.there

    def __str__(self) -> str:
        return f"precision {self.precision:.2f} ({self.right} of {self.told}), recall {self.recall:.2f} (of {self.there})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """`graver`: tickets with a graver shipped issue beside the own one; `hidden`: those in which it is not first. `scores`: of
    each own issue that was told first, with whether it is right."""

    issues: Found
    first: Found
    areas: Found
    graver: int
    hidden: tuple[str, ...]
    scores: tuple[tuple[float, bool], ...]


def figures(path: Path) -> Figures:
    """`issues`: the first own one of `issues`; `first`: an own one as `issue`."""
    own = {team: load_named([f"{team}.yaml"], HERE).own_issues for team in TEAMS}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    judged = [_judged(row, own[row["team"]]) for row in rows]
    graver = [(row, each) for row, each in zip(rows, judged, strict=True) if "grave" in row["gold"]]
    return Figures(
        issues=_found([(each["own"], row["gold"]["own"]) for row, each in zip(rows, judged, strict=True)]),
        first=_found([(each["first"], row["gold"]["own"]) for row, each in zip(rows, judged, strict=True)]),
        areas=_found([(each["area"], row["gold"]["area"]) for row, each in zip(rows, judged, strict=True)]),
        graver=len(graver),
        hidden=tuple(row["id"] for row, each in graver if each["type"] != row["gold"]["grave"]),
        scores=tuple(
            (each["score"], each["first"] == row["gold"]["own"])
            for row, each in zip(rows, judged, strict=True)
            if each["first"] is not None
        ),
    )


def _judged(row: dict[str, Any], own: OwnIssues) -> dict[str, Any]:
    signals = sense(ticket(row["body"], row["subject"]), NOW, own=own)
    paths = {each.path for each in own.issues}
    told = signals["issues"].value
    first = signals["issue"].value
    return {
        "own": next((path for path in told if path in paths), None) if isinstance(told, tuple) else None,
        "first": first if first in paths else None,
        "score": signals["issue"].score,
        "type": signals["issue_type"].value,
        "area": signals["product_area"].value,
    }


def _found(pairs: list[tuple[Any, Any]]) -> Found:
    told = [(found, gold) for found, gold in pairs if found is not None]
    right = sum(found == gold for found, gold in told)
    return Found(right=right, told=len(told), there=sum(gold is not None for _, gold in pairs))


def main() -> None:
    found = figures(HELD_BACK if sys.argv[1:] == ["held_back"] else DEVELOPMENT)
    print(f"own issues told: {found.issues}")
    print(f"own issue first: {found.first}")
    print(f"areas:           {found.areas}")
    print(f"graver ones:     {found.graver}, not first in {', '.join(found.hidden) or 'none'}")


if __name__ == "__main__":
    main()

"""What a goal is, and the list of all of them. To add one: a module with `GOALS`, and its name in TOPICS."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TOPICS = (
    "intake",
    "verify",
    "durability",
    "tail",
    "reject",
    "work",
    "calls",
    "scale",
    "latency",
    "soak",
    "postgres",
    "matching",
    "neighbourhood",
    "keys",
    "growth",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is measured. `pairs`: how often baseline and product are measured in turn; `is_short`: less work for each."""

    pairs: int = 7
    is_short: bool = False

    def of(self, full: int, short: int) -> int:
        """An amount of work for this size."""
        return short if self.is_short else full


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`figure` and `goal` hold no space (`1.93x`, `<=2.5x`); `notes` are lines that explain."""

    figure: str
    goal: str
    is_met: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """`measure` may take minutes; goals of one topic may share a measurement. One that does not gate is a report."""

    name: str
    title: str
    measure: Callable[[Size], Outcome]
    gates: bool = True


def goals_of(topic: str) -> tuple[Goal, ...]:
    """The goals of one topic, its module imported only now."""
    found: tuple[Goal, ...] = importlib.import_module(f"bench.{topic}").GOALS
    return found


def chosen(names: Sequence[str]) -> list[Goal]:
    """The goals that are named, by themselves (`P1`) or by topic (`intake`); all without a name. Raises ValueError."""
    by_topic = {topic: goals_of(topic) for topic in TOPICS}
    every = [goal for goals in by_topic.values() for goal in goals]
    wanted = set(names)
    found = [goal for topic, goals in by_topic.items() for goal in goals if not names or wanted & {topic, goal.name}]
    if unknown := wanted - set(TOPICS) - {goal.name for goal in every}:
        known = ", ".join([*TOPICS, *(goal.name for goal in every)])
        raise ValueError(f"no such goal: {', '.join(sorted(unknown))}; there are {known}")
    return found


def at_most(value: float, limit: float, notes: Sequence[str] = ()) -> Outcome:
    """A ratio that must not pass a limit."""
    return Outcome(figure=f"{value:.2f}x", goal=f"<={limit:g}x", is_met=value <= limit, notes=tuple(notes))


def at_least(value: float, limit: float, notes: Sequence[str] = ()) -> Outcome:
    """A ratio that must reach a limit."""
    return Outcome(figure=f"{value:.2f}x", goal=f">={limit:g}x", is_met=value >= limit, notes=tuple(notes))


def both(*outcomes: Outcome) -> Outcome:
    """Several limits of one goal."""
    return Outcome(
        figure=",".join(each.figure for each in outcomes),
        goal=",".join(each.goal for each in outcomes),
        is_met=all(each.is_met for each in outcomes),
        notes=tuple(note for each in outcomes for note in each.notes),
    )

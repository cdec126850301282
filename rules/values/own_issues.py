"""A team's own issues and product areas, as its rule files name them (rules/loading/own_issues.py reads them).

They stand beside the shipped ones of rules/values/taxonomy.py: a path of two or three levels, and the type that it counts as.
"""

from __future__ import annotations

from dataclasses import dataclass

from rules.values.taxonomy import levels


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIssue:
    """`issue_type`: a shipped one. `area`: "" where it has none. `examples`: sentences of customers. `phrases`: words that are
    enough to tell it, as in bot/senses/lists."""

    path: str
    issue_type: str
    area: str = ""
    examples: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """A part of the product. `words`: phrases that name it; `examples`: sentences about it."""

    name: str
    examples: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnIssues:
    """All of a rule set, in the order of its files. False where there is none. Each is only equal to itself: what is made of one
    is kept under it (rules/loading makes the same of the same)."""

    issues: tuple[OwnIssue, ...] = ()
    areas: tuple[Area, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.issues or self.areas)

    @property
    def paths(self) -> tuple[str, ...]:
        """What a condition on `issue` can name, the levels above included."""
        return tuple(dict.fromkeys(level for each in self.issues for level in levels(each.path)))

    @property
    def area_names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.areas)


NO_OWN_ISSUES = OwnIssues()

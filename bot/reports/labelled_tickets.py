"""Tickets with what is right of them: the input of `deskhand senses eval`, one JSON object a line.

`{"id", "lang", "subject", "body", "tier"?, "gold": {…}}`. `gold` may hold `type` and `type_also`, `severity` and
`severity_also`, `priority`, `team` and `team_also`, `wishes`, `sentiment`, `is_machine`, `is_spam`, `own` and `area` (a
team's own issue and product area, null where it is none of them); what is absent is not judged. A team is one of the words
below or a name that the rules give. A word that no ticket can have would count as a miss of each of them, so it is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.raw import kind_of
from rules.files.json_text import json_lines
from rules.files.problems import suggest
from rules.files.yaml_file import FileInvalid
from rules.language.fields import TIERS, WISHES
from rules.values.taxonomy import TYPES, is_path

MOST_TOLD = 20  # problems of one file
# The teams of the shipped packs by the words that labels use.
TEAMS: Mapping[str, tuple[str, ...]] = {
    "technical": ("Tier 2",),
    "billing": ("Billing",),
    "support": ("Tier 1",),
    "security": ("Security",),
    "engineering": ("Engineering",),
    "success": ("Customer Success",),
    "product": ("Product", "Tier 1"),
    "privacy": ("Privacy",),
}
SEVERITIES = ("p1", "p2", "p3", "p4")
PRIORITIES = ("low", "normal", "high", "urgent")
MOODS = ("angry", "frustrated", "confused", "neutral", "satisfied")
_TYPES = (*TYPES, "machine")
_NO_TEAM = ("none", "")
_ONE_OF: Mapping[str, Collection[str]] = {
    "type": _TYPES,
    "severity": SEVERITIES,
    "priority": PRIORITIES,
    "sentiment": MOODS,
    "churn": ("none", "low", "medium", "high", "critical"),
}
_SEVERAL_OF: Mapping[str, Sequence[str]] = {
    "type_also": _TYPES,
    "severity_also": SEVERITIES,
    "wishes": WISHES,
    "several": _TYPES,
}
_YES_OR_NO = ("is_machine", "is_spam", "enough", "wants_cancel", "wants_refund", "management", "legal")
_NAMES = ("own", "area")  # of the team's own; null where it is none
_LABELS = (*_ONE_OF, "team", *_SEVERAL_OF, "team_also", *_YES_OR_NO, *_NAMES, "issue", "grave")
_KEYS = ("id", "lang", "tier", "subject", "body", "gold")


class LabelsInvalid(Exception):
    """Lines that are no labelled tickets; the message says which and why, a line for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A ticket and its labels. `also` are answers that a lead would let pass beside the right one."""

    id: str
    language: str
    subject: str
    body: str
    tier: str
    gold: Mapping[str, Any]

    def right(self, name: str) -> frozenset[str]:
        """The right answer and those that are let pass; empty where nobody judged it."""
        if name not in self.gold:
            return frozenset()
        return frozenset((str(self.gold[name]), *map(str, self.gold.get(f"{name}_also", ()))))

    @property
    def is_of_a_person(self) -> bool:
        return not (self.gold.get("is_machine") or self.gold.get("is_spam"))


def labelled_tickets(path: Path, teams: Iterable[str] = ()) -> list[Labelled]:
    """The file's tickets in their order. `teams`: names of teams that a label may hold beside TEAMS. Raises LabelsInvalid with
    what is wrong in any line."""
    words = _Words(teams=(*TEAMS, *(each for each in teams if each not in TEAMS)))
    found: list[Labelled] = []
    wrong: list[str] = []
    places: dict[str, int] = {}
    try:
        for number, tree in json_lines(path.read_bytes(), path.name):
            problems = list(_problems(tree, places, words))
            wrong += [f"{path.name}:{number}: {each}" for each in problems]
            if not problems:
                found.append(_labelled(tree, f"{path.name}:{number}"))
                places.setdefault(found[-1].id, number)
    except FileInvalid as error:
        wrong.append(str(error))
    except OSError as error:
        wrong.append(f"{path.name}:1: cannot be read: {error.strerror}")
    if not (found or wrong):
        wrong.append(f"{path.name}:1: no ticket in it: write an object a line, with `subject`, `body` and `gold`")
    if wrong:
        more = [f"and {len(wrong) - MOST_TOLD} more"] if len(wrong) > MOST_TOLD else []
        raise LabelsInvalid("\n".join([*wrong[:MOST_TOLD], *more]))
    return found


def _labelled(tree: Mapping[str, Any], place: str) -> Labelled:
    return Labelled(
        id=str(tree.get("id", place)),
        language=tree.get("lang") or "",
        subject=tree["subject"],
        body=tree["body"],
        tier=tree.get("tier") or "",
        gold=tree["gold"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """What labels may say."""

    teams: Sequence[str]

    def one_of(self, name: str) -> Collection[str] | None:
        return (*self.teams, *_NO_TEAM) if name == "team" else _ONE_OF.get(name)

    def several_of(self, name: str) -> Sequence[str] | None:
        return self.teams if name == "team_also" else _SEVERAL_OF.get(name)


def _problems(tree: Any, places: Mapping[str, int], words: _Words) -> Iterator[str]:
    if not isinstance(tree, dict) or not isinstance(tree.get("gold"), dict):
        yield "wanted an object with `subject`, `body` and `gold`"
        return
    if missing := [name for name in ("subject", "body") if not isinstance(tree.get(name), str)]:
        yield f"wanted text in {' and '.join(missing)}"
    for name in tree:
        if name not in _KEYS and (meant := suggest(name, [each for each in _KEYS if each not in tree])):
            yield f"{name}: no such key{meant}"
    id = tree.get("id", "")
    if isinstance(id, bool) or not isinstance(id, str | int):
        yield f"id: wanted text or a number, found {kind_of(id)}"
    elif str(id) in places:
        yield f"id: {id} is there twice, first in line {places[str(id)]}: give each ticket its own"
    if not isinstance(tree.get("lang", ""), str | None):
        yield f"lang: wanted text, such as en, found {kind_of(tree['lang'])}"
    if tree.get("tier"):
        yield from _unknown("tier", tree["tier"], TIERS)
    for name, value in tree["gold"].items():
        yield from (f"gold.{each}" for each in _wrong(name, value, tree["gold"], words))


def _wrong(name: str, value: Any, gold: Mapping[str, Any], words: _Words) -> Iterator[str]:
    """What is wrong about one label."""
    if known := words.one_of(name):
        yield from _unknown(name, value, known)
    elif listed := words.several_of(name):
        if not isinstance(value, list):
            yield f'{name}: wanted a list, such as ["{listed[0]}"], or [] for none, found {kind_of(value)}'
            return
        for each in value:
            yield from _unknown(name, each, listed)
        if (main := name.removesuffix("_also")) != name and main not in gold:
            yield f"{name}: there is no {main} beside it: write the right one there"
    elif name in _YES_OR_NO:
        if not isinstance(value, bool):
            yield f"{name}: wanted true or false, without quotes, found {kind_of(value)}"
    elif name in _NAMES:
        if value is not None and not (isinstance(value, str) and value):
            yield f"{name}: wanted a name, or null where it is none, found {kind_of(value)}"
    elif name == "issue":
        for each in value if isinstance(value, list) else [None]:
            if not isinstance(each, str) or not is_path(each):
                yield f'issue: wanted a list of paths, such as ["billing.refund.request"], found {_shown(each)}'
    elif name not in _LABELS:
        yield f"{name}: no such label{suggest(name, _LABELS) or ', there are ' + ', '.join(_LABELS)}"


def _unknown(name: str, value: Any, known: Iterable[str]) -> Iterator[str]:
    words = [each for each in known if each]
    if not isinstance(value, str):
        yield f"{name}: wanted one of {', '.join(words)}, found {kind_of(value)}; leave out what nobody judged"
    elif value not in known:
        yield f"{name}: {_shown(value)}: no such word{suggest(value, words) or ', there are ' + ', '.join(words)}"


def _shown(value: Any) -> str:
    return (value[:40] or "nothing") if isinstance(value, str) else kind_of(value)

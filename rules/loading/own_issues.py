"""The blocks `issues:` and `areas:` of rule files: what a team adds to the shipped issues, in examples instead of code.

    areas:
      checkout: {words: [checkout, Kasse], examples: [...]}
    issues:
      checkout.coupon: {type: billing, area: checkout, examples: ["my discount code is refused", ...]}

They count for all rule files together. docs/senses.md says how a ticket is told by them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from adapters.ticket import Json
from rules.files.problems import suggest
from rules.files.variables import Report
from rules.files.yaml_file import Location
from rules.language.registry import FieldType, Registry
from rules.loading.own_phrases import same_phrase, same_words, wrong_phrase
from rules.values.own_issues import Area, OwnIssue, OwnIssues
from rules.values.taxonomy import PATHS, TYPES, is_path
from rules.values.text import needs_no_space, normal

BLOCKS = ("areas", "issues")
LEAST_EXAMPLES = 3  # of an issue without phrases: of fewer nobody can tell what they have in common
LEAST_LETTERS, LEAST_UNSPACED = 8, 4  # of an example
MOST_LETTERS = 400  # of an example: no sentence of a ticket is longer (bot/senses/learned/sentences.py)
MOST_OF_ONE = 100  # examples, and phrases or words, of one issue or area
MOST_EXAMPLES = 2_000  # in all files: each costs memory and a moment at every start
MOST_PHRASES = 2_000  # and words
MOST_ISSUES, MOST_AREAS = 200, 100  # each costs every ticket a moment
MOST_PATH = 80  # letters; the tables of counts keep paths
TELLING_TYPES = tuple(each for each in TYPES if each != "spam")
RESERVED = ("none", "unknown")  # what senses and reports say where nothing is told
_LEVEL = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
_ISSUE_KEYS = ("type", "area", "examples", "phrases")
_AREA_KEYS = ("examples", "words")


@dataclass(slots=True)
class OwnIssuesReader:
    """Reads one file after the other; `whole` is what they have together."""

    issues: dict[str, OwnIssue] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    _asked_areas: list[tuple[str, Report, Location]] = field(default_factory=list)
    _bare_areas: list[tuple[str, Report, Location]] = field(default_factory=list)  # that say nothing by themselves
    _examples: dict[str, str] = field(default_factory=dict)  # folded -> whose
    _phrases: dict[tuple[str, str], str] = field(default_factory=dict)  # key and folded -> whose

    def add(self, tree: Mapping[str, Any], report: Report) -> None:
        """The blocks of one file. What is wrong goes to `report` and is left out."""
        for block, read in (("areas", self._area), ("issues", self._issue)):
            found = tree.get(block)
            if block not in tree:
                continue
            if not isinstance(found, dict) or not found:
                report((block,), f"wanted `{'name' if block == 'areas' else 'path'}: {{examples: [...]}}` lines below {block}")
                continue
            most, known = (MOST_AREAS, self.areas) if block == "areas" else (MOST_ISSUES, self.issues)
            for name, inside in found.items():
                if len(known) == most:
                    report((block, name), f"more than {most} {block} in all files: put those together that one person answers")
                    break
                read(name, inside, (block, name), report)

    def whole(self) -> OwnIssues:
        for area, report, at in self._asked_areas:
            if area not in self.areas:
                way_out = suggest(area, self.areas) or ": add it below `areas:`"
                report(at, f"{area}: no such area{way_out}")
        asked = {area for area, _, _ in self._asked_areas}
        for area, report, at in self._bare_areas:
            if area not in asked:
                report(
                    at, f"{area}: nothing tells this area: write `words` or `examples` below it, or name it in an issue's `area`"
                )
        return _one(tuple(self.issues.values()), tuple(self.areas.values()))

    def _area(self, name: str, tree: Any, at: Location, report: Report) -> None:
        if not _LEVEL.match(name) or name in RESERVED:
            report(at, f"{name}: an area's name is lower-case letters, digits and _, at most 40, and not {' or '.join(RESERVED)}")
        if name in self.areas:
            report(at, f"{name}: this area is there twice: put both together")
        if not _is_block(tree, _AREA_KEYS, at, report):
            return
        examples, words = self._sentences(tree, f"the area {name}", at, report), self._said(tree, "words", name, at, report)
        if not (examples or words or tree.get("examples") or tree.get("words")):
            self._bare_areas.append((name, report, at))
        self.areas[name] = Area(name=name, examples=examples, words=words)

    def _issue(self, path: str, tree: Any, at: Location, report: Report) -> None:
        parts = path.split(".")
        if not is_path(path) or len(parts) == 1 or len(path) > MOST_PATH:
            report(at, f"{path}: a path is two or three words with dots between, such as checkout.coupon: a-z, 0-9 and _")
        elif parts[0] in RESERVED:
            report(at, f"{path}: {parts[0]} means that nothing is told: begin the path with a word of your own")
        elif path in PATHS:
            report(at, f"{path}: this issue comes with Deskhand: choose a path of your own, such as {parts[0]}.{parts[-1]}_own")
        if path in self.issues:
            report(at, f"{path}: this issue is there twice: put both together")
        if not _is_block(tree, _ISSUE_KEYS, at, report):
            return
        area = tree.get("area", "")
        if not isinstance(area, str) or ("area" in tree and not area):
            report((*at, "area"), "area: wanted the name of one below `areas:`")
        elif "area" in tree:
            self._asked_areas.append((area, report, (*at, "area")))
        phrases = self._said(tree, "phrases", path, at, report)
        examples = self._sentences(tree, path, at, report)
        if len(examples) < LEAST_EXAMPLES and not tree.get("phrases") and _is_list(tree.get("examples", [])):
            found = f"only {len(examples)}" if examples else "none"
            where = (*at, "examples") if "examples" in tree else at
            report(where, f"{path}: wanted {LEAST_EXAMPLES} examples or more, found {found}: write sentences as customers do")
        self.issues[path] = OwnIssue(
            path=path, issue_type=_type(parts[0], tree, at, report), area=str(area), examples=examples, phrases=phrases
        )

    def _sentences(self, tree: Mapping[str, Any], whose: str, at: Location, report: Report) -> tuple[str, ...]:
        found = _texts(tree, "examples", at, report)
        for place, each in found:
            here = (*at, "examples", place)
            folded = same_words(each)
            if _is_short(each):
                report(here, "this example is too short to tell anything: write a whole sentence, or put words below `phrases`")
            elif len(each) > MOST_LETTERS:
                report(here, f"this example has more than {MOST_LETTERS} letters: leave the one sentence that tells it")
            elif folded in self._examples:
                report(here, f"this example is there twice, first at {self._examples[folded]}: leave one of them")
            elif len(self._examples) == MOST_EXAMPLES:
                report(here, f"more than {MOST_EXAMPLES} examples in all files: ten of an issue are enough")
                break
            self._examples.setdefault(folded, whose)
        return tuple(each for _, each in found)

    def _said(self, tree: Mapping[str, Any], key: str, whose: str, at: Location, report: Report) -> tuple[str, ...]:
        """Phrases of an issue, or words of an area, that can be looked for."""
        kept: list[str] = []
        for place, each in _texts(tree, key, at, report):
            here, known = (*at, key, place), (key, same_phrase(each))
            is_respelled = self._phrases.get(known) == whose and normal(each) not in map(normal, kept)  # "cafe" beside "café"
            if wrong := wrong_phrase(each):
                report(here, f"{key}: {wrong}")
            elif known in self._phrases and not is_respelled:
                report(here, f"{key}: {each} is there twice, first at {self._phrases[known]}: leave one of them")
            elif len(self._phrases) == MOST_PHRASES:
                report(here, f"more than {MOST_PHRASES} phrases and words in all files: write examples instead")
                break
            else:
                kept.append(each)
                self._phrases[known] = whose
        return tuple(kept)


@lru_cache(maxsize=8)
def _one(issues: tuple[OwnIssue, ...], areas: tuple[Area, ...]) -> OwnIssues:
    """The same for the same, however often the rules are read: what senses made of it stays good."""
    return OwnIssues(issues=issues, areas=areas)


def with_own_issues(registry: Registry, own: OwnIssues) -> Registry:
    """The registry in which conditions can name the team's paths and areas; itself where there are none."""
    more = []
    for name in ("issue", "issues", "opinion.issues"):
        if own.issues and (known := registry.find(name)) is not None:
            more.append(replace(known, choices=tuple(dict.fromkeys((*known.choices, *own.paths)))))
    if own.areas and (known := registry.find("product_area")) is not None:
        more.append(replace(known, type=FieldType.CHOICE, choices=own.area_names))
    return registry.with_fields(more) if more else registry


def meaning(own: OwnIssues) -> Json:
    """All of it, for a hash."""
    issues: list[Json] = [[each.path, each.issue_type, each.area, [*each.examples], [*each.phrases]] for each in own.issues]
    areas: list[Json] = [[each.name, [*each.examples], [*each.words]] for each in own.areas]
    return [issues, areas]


def _type(first: str, tree: Mapping[str, Any], at: Location, report: Report) -> str:
    """The shipped type that it counts as. A path that begins with one needs no `type`."""
    wanted = tree.get("type", first if first in TYPES else None)
    if wanted is None:
        report(at, f"wanted `type:`, what it counts as for rules: {', '.join(TELLING_TYPES)}")
    elif not isinstance(wanted, str):
        report((*at, "type"), f"type: wanted one of {', '.join(TELLING_TYPES)}")
    elif first in TYPES and first not in TELLING_TYPES:
        report(at, f"{first} has no issues below it: begin the path with a word of your own")
    elif wanted not in TELLING_TYPES:
        report((*at, "type"), f"{wanted}: no such type{suggest(str(wanted), TELLING_TYPES) or ': ' + ', '.join(TELLING_TYPES)}")
    elif first in TYPES and wanted != first:
        report((*at, "type"), f"{wanted}: the path says {first}: write the same, or begin the path with a word of your own")
    return str(wanted)


def _is_block(tree: Any, keys: Iterable[str], at: Location, report: Report) -> bool:
    if not isinstance(tree, dict):
        report(at, f"wanted {', '.join(keys)} below it")
        return False
    for name in tree:
        if name not in keys:
            report((*at, name), f"{name}: no such key{suggest(str(name), keys) or ', there are ' + ', '.join(keys)}")
    return True


def _texts(tree: Mapping[str, Any], name: str, at: Location, report: Report) -> list[tuple[int, str]]:
    """Each text with its place in the list."""
    found = tree.get(name, [])
    if not _is_list(found):
        report((*at, name), f"{name}: wanted a list of texts")
        return []
    if len(found) > MOST_OF_ONE:
        report((*at, name, MOST_OF_ONE), f"{name}: more than {MOST_OF_ONE} of one: ten different ones are enough")
    texts: list[tuple[int, str]] = []
    for place, each in enumerate(found[:MOST_OF_ONE]):
        if isinstance(each, str) and each.strip():
            texts.append((place, each.strip()))
        else:
            report((*at, name, place), f"{name}: wanted text; put it in quotes")
    return texts


def _is_list(found: Any) -> bool:
    return isinstance(found, list)


def _is_short(text: str) -> bool:
    letters = [each for each in text if each.isalnum()]
    return len(letters) < (LEAST_UNSPACED if any(map(needs_no_space, letters)) else LEAST_LETTERS)

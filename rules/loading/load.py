"""Rule files into a RuleSet. Loading and checking are this one function: `deskhand check` shows what a start would refuse.

All problems come at once, each as `file:line:column: what is wrong, did you mean ...?`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from adapters.ticket import EventType, Json
from rules.actions import Action, ActionWord, action_words
from rules.engine.rule import DEFAULT_EVENTS, Limits, Rule, RuleCase, RuleFile, Stage
from rules.engine.ruleset import RuleSet
from rules.files.problems import Problem, Severity, suggest
from rules.files.sources import RulesInvalid, Source, pack_names, read_sources
from rules.files.variables import fill, read_values, unused
from rules.files.wrong_value import choices_of, in_words
from rules.files.yaml_file import FileInvalid, Location, parse_yaml, path_of, place_of, plain
from rules.language.conditions import Compiler, Condition, jsonable
from rules.language.facts_json import FactsInvalid, decision_from_json, facts_from_json
from rules.language.fields import FIELDS
from rules.language.registry import Registry
from rules.lint.catch_all import too_wide
from rules.lint.contradictions import contradictions
from rules.lint.needed_counts import asked, asks_for_similar
from rules.lint.opinions import resting_on_opinions, woken_by_opinions
from rules.loading.own_issues import BLOCKS, OwnIssuesReader, meaning, with_own_issues
from rules.model.canonical_json import digest
from rules.model.view import NOTHING_DECIDED
from rules.values.own_issues import OwnIssues

__all__ = ["TEST_NOW", "RulesInvalid", "Source", "load_rules", "pack_names", "read_sources"]

TEST_NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)  # a Monday noon: the time of rule tests that name none
_FILE_KEYS = ("values", *BLOCKS, "rules")
_RULE_KEYS = ("id", "name", "stage", "on", "when", "then", "limits", "stop", "tests")
_MOST = {"per_ticket": 50, "per_hour": 50, "total_per_hour": 1_000_000}
_CASE_KEYS = ("matches", "ignores", "writes")
_MOST_KEPT = 8
_kept: dict[tuple[tuple[Source, ...], str, int], RuleSet] = {}
_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,79}$")


def load_rules(sources: Iterable[Source], values: Mapping[str, Any] | None = None, registry: Registry = FIELDS) -> RuleSet:
    """The compiled set. `values` are the configuration's `rule_values`. Raises RulesInvalid with all problems.

    Reading YAML with its places takes a second for the packs, and a start reads them several times: the newest few sets are kept.
    """
    given, sources = values or {}, tuple(sources)
    key = (sources, repr(sorted(given.items())), id(registry))
    if (known := _kept.get(key)) is None:
        known = _load(sources, given, registry)
        if len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = known
    return known


def _load(sources: tuple[Source, ...], given: Mapping[str, Any], registry: Registry) -> RuleSet:
    loader = _Loader(registry, given)
    files, own = loader.files(sources)
    for name, message in unused(given, loader.value_names):
        loader.problems.append(Problem(file="config.yaml", path=f"rule_values.{name}", message=f"rule_values.{name}: {message}"))
    loader.problems += resting_on_opinions(files)
    if any(problem.severity is Severity.ERROR for problem in loader.problems):
        raise RulesInvalid(loader.problems)
    for file in files:
        loader.problems += [*too_wide(file), *contradictions(file)]
    meanings: list[Json] = [[[rule.id, rule.semantic_hash, *_unless_live(rule)] for rule in file.rules] for file in files]
    hash = digest([*meanings, meaning(own)] if own else meanings)
    return RuleSet(
        files=files,
        hash=hash,
        warnings=tuple(loader.problems),
        registry=loader.registry,
        sources=sources,
        values=given,
        counts=asked(files),
        asks_for_similar=asks_for_similar(files),
        own_issues=own,
    )


def _unless_live(rule: Rule) -> list[Json]:
    """A set without stages keeps the hash that it had before there were any."""
    return [] if rule.is_live else [rule.stage.value]


@dataclass(slots=True)
class _Loader:
    registry: Registry
    given: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)
    value_names: set[str] = field(default_factory=set)
    seen: dict[str, str] = field(default_factory=dict)  # rule id -> where it stands

    def files(self, sources: Iterable[Source]) -> tuple[tuple[RuleFile, ...], OwnIssues]:
        """The rules of all files, and the issues that any of them adds: a rule may name those of a later file."""
        found = [self._read(source) for source in sources]
        reader = OwnIssuesReader()
        for each in found:
            if isinstance(tree := plain(each.tree), dict):
                reader.add(tree, each.report)
        own = reader.whole()
        self.registry = with_own_issues(self.registry, own)
        return tuple(each.file() for each in found), own

    def _read(self, source: Source) -> _FileLoader:
        try:
            return _FileLoader(self, source.name, parse_yaml(source.text, source.name))
        except FileInvalid as error:
            self.problems.append(error.problem)
            return _FileLoader(self, source.name, None, is_broken=True)


@dataclass(slots=True)
class _FileLoader:
    """One file. `tree` knows its lines; `filled` is the same as plain values, with `${...}` replaced."""

    parent: _Loader
    name: str
    tree: Any
    filled: Any = None
    is_broken: bool = False  # no YAML at all, which was told

    def file(self) -> RuleFile:
        filled = plain(self.tree)
        if self.is_broken or (isinstance(filled, dict) and "rules" not in filled and any(each in filled for each in BLOCKS)):
            self._refuse_unknown(filled or {}, _FILE_KEYS, (), "key")
            return RuleFile(name=self.name, rules=())
        if not isinstance(filled, dict) or "rules" not in filled:
            self.report((), "wanted `rules:` with a list of rules below it")
            return RuleFile(name=self.name, rules=())
        self._refuse_unknown(filled, _FILE_KEYS, (), "key")
        values = read_values(filled.get("values"), self.parent.given, self.report)
        self.parent.value_names |= set(values)
        self.filled = fill({"rules": filled["rules"]}, values, self.report)
        rules = self.filled["rules"]
        if not isinstance(rules, list) or not rules:
            self.report(("rules",), "wanted a list of rules, each starting with `- id:`")
            return RuleFile(name=self.name, rules=())
        found = [self.rule(rule, ("rules", place)) for place, rule in enumerate(rules)]
        return RuleFile(name=self.name, rules=tuple(rule for rule in found if rule))

    # --- one rule

    def rule(self, tree: Any, at: tuple[str | int, ...]) -> Rule | None:
        if not isinstance(tree, dict):
            self.report(at, "wanted a rule: id, name, when, then")
            return None
        self._refuse_unknown(tree, _RULE_KEYS, at, "key of a rule")
        id = self._id(tree, at)
        on = self._events(tree.get("on"), (*at, "on"))
        limits = self._limits(tree.get("limits"), (*at, "limits"))
        stop = tree.get("stop", False)
        if not isinstance(stop, bool):
            self.report((*at, "stop"), "stop: wanted true or false")
        when = self._when(tree, at)
        actions = self._actions(tree, at)
        on |= frozenset() if "on" in tree else woken_by_opinions(when, actions)
        stage = self._stage(tree.get("stage", Stage.LIVE.value), (*at, "stage"))
        name = tree.get("name", id)
        if not isinstance(name, str):
            self.report((*at, "name"), "name: wanted text; put it in quotes")
        meaning: Json = {
            "on": [*sorted(map(str, on))],
            "when": jsonable(tree.get("when")),
            "then": [[action.name, action.options.meaning()] for action in actions],
            "limits": [limits.per_ticket, limits.per_hour, *([limits.total_per_hour] if limits.total_per_hour else [])],
            "stop": bool(stop),
        }
        return Rule(
            id=id,
            name=str(name),
            file=self.name,
            on=on,
            when=when,
            actions=actions,
            limits=limits,
            stop=bool(stop),
            semantic_hash=digest(meaning),
            tests=self._tests(tree, at, on, actions),
            line=place_of(self.tree, at)[0],
            stage=stage,
        )

    def _id(self, tree: Mapping[str, Any], at: tuple[str | int, ...]) -> str:
        id = tree.get("id")
        if id is None:
            self.report(at, "this rule has no id", hint="its state is kept under it, so it must not change later")
            return ""
        if not isinstance(id, str) or not _ID.match(id):
            self.report((*at, "id"), "id: wanted lower-case letters, digits, - and _, such as vip-outage")
            return str(id)
        here = f"{self.name}:{place_of(self.tree, (*at, 'id'))[0]}"
        if id in self.parent.seen:
            self.report((*at, "id"), f"{id}: this id is taken by the rule at {self.parent.seen[id]}")
        self.parent.seen.setdefault(id, here)
        return id

    def _stage(self, raw: Any, at: Location) -> Stage:
        known = [each.value for each in Stage]
        if raw in known:
            return Stage(raw)
        self.report(at, f"stage: {raw}: no such stage{suggest(str(raw), known) or _listed(known)}")
        return Stage.DRAFT

    def _events(self, raw: Any, at: tuple[str | int, ...]) -> frozenset[EventType]:
        if raw is None:
            return DEFAULT_EVENTS
        names = raw if isinstance(raw, list) else [raw]
        known = [str(each) for each in EventType]
        if not names:
            self.report(at, "on: wanted at least one event")
        for place, name in enumerate(names):
            if name not in known:
                where = (*at, place) if isinstance(raw, list) else at
                self.report(where, f"on: {name}: no such event{suggest(str(name), known) or ', there are ' + ', '.join(known)}")
        return frozenset(EventType(name) for name in names if name in known)

    def _limits(self, raw: Any, at: tuple[str | int, ...]) -> Limits:
        if raw is None:
            return Limits()
        if not isinstance(raw, dict):
            self.report(at, "limits: wanted {per_ticket: 1}, {per_hour: 3} or {total_per_hour: 500}")
            return Limits()
        self._refuse_unknown(raw, tuple(_MOST), at, "limit")
        for name, count in raw.items():
            most = _MOST.get(name, 1)
            if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
                self.report((*at, name), f"limits: {name}: wanted a whole number from 1 to {most}")
                return Limits()
        return Limits(**{name: count for name, count in raw.items() if name in _MOST})

    def _when(self, tree: Mapping[str, Any], at: tuple[str | int, ...]) -> Condition | None:
        if "when" not in tree:
            self.report(at, f"{tree.get('id', 'this rule')} has no `when`: it matches every ticket", severity=Severity.WARNING)
            return None
        return Compiler(self.parent.registry, self.report, at).compile(tree["when"], (*at, "when"))

    # --- actions

    def _actions(self, tree: Mapping[str, Any], at: tuple[str | int, ...]) -> tuple[Action, ...]:
        raw = tree.get("then")
        if not isinstance(raw, list) or not raw:
            self.report((*at, "then") if "then" in tree else at, "wanted `then:` with a list of actions below it")
            return ()
        found = [self._action(each, (*at, "then", place), place) for place, each in enumerate(raw)]
        return tuple(action for action in found if action)

    def _action(self, raw: Any, at: tuple[str | int, ...], place: int) -> Action | None:
        if isinstance(raw, str):
            raw = {raw: None}
        if not isinstance(raw, dict) or len(raw) != 1:
            self.report(at, "wanted one action: `- word: options`")
            return None
        ((name, options),) = raw.items()
        words = action_words()
        if name not in words:
            self.report((*at, name), f"{name}: no such action{suggest(name, words)}")
            return None
        word = words[name]
        given = _options(word, options)
        try:
            checked = word.options.model_validate(given, context={"registry": self.parent.registry})
        except ValidationError as error:
            for each in error.errors(include_url=False):
                self._wrong_option(word, each, isinstance(options, dict), (*at, name))
            return None
        return Action(word=word, options=checked, path=f"then[{place}].{name}", written=jsonable(options))

    def _wrong_option(self, word: ActionWord, error: ErrorDetails, is_mapping: bool, at: tuple[str | int, ...]) -> None:
        steps = error["loc"] if is_mapping else error["loc"][1:]
        known = list(word.options.model_fields)
        if error["type"] == "extra_forbidden":
            message = f"{steps[-1]}: no such option of {word.name}{suggest(str(steps[-1]), known) or _listed(known)}"
        elif error["type"] == "missing":
            message = f"{word.name}: wanted the option `{error['loc'][-1]}`"
        else:
            message = f"{word.name}: {_in_words(error)}"
        self.report((*at, *steps), message)

    # --- tests

    def _tests(
        self, tree: Mapping[str, Any], at: tuple[str | int, ...], on: frozenset[EventType], actions: tuple[Action, ...]
    ) -> tuple[RuleCase, ...]:
        raw = tree.get("tests")
        if not raw:
            self.report(at, f"{tree.get('id', 'this rule')} has no tests", severity=Severity.WARNING)
            return ()
        if not isinstance(raw, list):
            self.report((*at, "tests"), "tests: wanted a list of `- matches:` and `- ignores:`")
            return ()
        found = [self._case(each, (*at, "tests", place), on, actions) for place, each in enumerate(raw)]
        return tuple(case for case in found if case)

    def _case(
        self, raw: Any, at: tuple[str | int, ...], on: frozenset[EventType], actions: tuple[Action, ...]
    ) -> RuleCase | None:
        kinds = [kind for kind in ("matches", "ignores") if isinstance(raw, dict) and kind in raw]
        if len(kinds) != 1:
            self.report(at, "wanted either `matches:` or `ignores:` with facts below it")
            return None
        self._refuse_unknown(raw, _CASE_KEYS, at, "key of a test")
        kind = kinds[0]
        writes = self._writes(raw, kind, at, actions)
        line, column = place_of(self.tree, (*at, kind))
        facts = raw[kind] if raw[kind] is not None else {}
        decided = NOTHING_DECIDED
        try:
            if isinstance(facts, dict) and "decided" in facts:
                decided = decision_from_json(_decided(facts["decided"]))
                facts = {name: each for name, each in facts.items() if name != "decided"}
            found = facts_from_json(facts, TEST_NOW)
            if not (isinstance(facts, dict) and "events" in facts):
                found = replace(found, events=frozenset((default_event(on),)))
        except FactsInvalid as error:
            for each in error.wrong:
                self.report((*at, kind, *each.at), f"{'.'.join(map(str, each.at)) or kind}: {each.message}")
            return None
        path = path_of((*at, kind))
        return RuleCase(
            must_match=kind == "matches", facts=found, decided=decided, writes=writes, line=line, column=column, path=path
        )

    def _writes(
        self, raw: Mapping[str, Any], kind: str, at: tuple[str | int, ...], actions: tuple[Action, ...]
    ) -> tuple[str, ...] | None:
        writes = raw.get("writes")
        if writes is None:
            return None
        if kind == "ignores" or not isinstance(writes, list):
            self.report((*at, "writes"), "writes: wanted a list of actions, beside `matches`")
            return None
        known = {action.name for action in actions}
        for place, name in enumerate(writes):
            if name not in known:
                self.report((*at, "writes", place), f"writes: {name}: not an action of this rule{suggest(str(name), known)}")
        return tuple(map(str, writes))

    # --- reporting

    def _refuse_unknown(self, tree: Mapping[str, Any], known: tuple[str, ...], at: tuple[str | int, ...], what: str) -> None:
        for name in tree:
            if name not in known:
                self.report((*at, name), f"{name}: no such {what}{suggest(name, known) or _listed(known)}")

    def report(self, at: Location, message: str, hint: str = "", severity: Severity = Severity.ERROR) -> None:
        line, column = place_of(self.tree, at)
        self.parent.problems.append(
            Problem(file=self.name, line=line, column=column, path=path_of(at), message=message, hint=hint, severity=severity)
        )


def _options(word: ActionWord, raw: Any) -> Any:
    """`raise_priority: urgent` is short for `raise_priority: {to: urgent}`."""
    if isinstance(raw, dict):
        return raw
    if raw is None or (raw is True and not word.options.model_fields):
        return {}
    return {word.shorthand: raw} if word.shorthand else raw


def _in_words(error: ErrorDetails) -> str:
    if words := choices_of(error):
        return f"{error['input']}: no such value{suggest(str(error['input']), words) or _listed(words)}"
    if error["type"] == "model_type":
        return "wanted options as {name: value}"
    return in_words(error)


def _listed(known: Iterable[str]) -> str:
    words = ", ".join(known)
    return f", there are {words}" if words else ", it has none"


def _decided(raw: Any) -> Any:
    """`decided: {team: Billing, tags: [vip], wants_reply: true}` as a decision; names are those of `decided.*`."""
    if not isinstance(raw, Mapping):
        return raw
    named = {"tags_add" if name == "tags" else name: each for name, each in raw.items()}
    if named.pop("wants_reply", False) is True:
        named["drafts"] = [{"rule": "earlier"}]
    return named


def default_event(on: frozenset[EventType]) -> EventType:
    """A test that names no event happens under one of the rule's own."""
    return EventType.TICKET_CREATED if EventType.TICKET_CREATED in on or not on else min(on)

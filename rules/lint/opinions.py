"""Rules that ask what a language model says: what they may do, and what nothing may be made of it. Refused at load.

A rule asks a model's opinion where a condition or a text names a field `opinion.*`, or where it runs on `opinion.ready`. Such a
rule may only add and raise: tags, a higher priority, a paragraph in the internal note. And what it has set is followed: a rule
that does anything else must not ask for a tag that such a rule adds, nor for the priority that it raises. So whatever a model
answers, every page, notice, escalation, reply and other change is the same as without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from adapters.ticket import EventType, Json
from rules.actions import Action
from rules.engine.rule import Rule, RuleFile
from rules.files.problems import Problem
from rules.language.conditions import Condition, Leaf, leaves_of
from rules.language.opinion_fields import FAMILY
from rules.lint.needed_counts import names_asked, texts_in
from rules.values.text import normal

ADDING = frozenset({"add_tags", "raise_priority", "add_note"})  # what may rest on an opinion alone
_TAGS = frozenset({"tags", "decided.tags"})
_PRIORITY = frozenset({"priority", "priority_raw", "decided.priority"})
_CARRIED = "priority-"  # a tag that begins so carries a priority at Intercom
_BESIDE = frozenset({"updated_at", "message_count"})  # what any write changes, and what a note does


def woken_by_opinions(when: Condition | None, actions: Iterable[Action]) -> frozenset[EventType]:
    """The event of an answer that comes late, where these ask for one: a rule that names no events runs on it too."""
    asks = any(name.startswith(FAMILY) for name in names_asked(when, actions))
    return frozenset({EventType.OPINION_READY} if asks else ())


def asks_opinion(rule: Rule) -> bool:
    return EventType.OPINION_READY in rule.on or bool(woken_by_opinions(rule.when, rule.actions))


def resting_on_opinions(files: Iterable[RuleFile]) -> Iterator[Problem]:
    """An error for each rule that does more than an opinion may cause, or rests on what one may have caused."""
    rules = [rule for file in files for rule in file.rules]
    asking = [rule for rule in rules if asks_opinion(rule)]
    for rule in asking:
        yield from _too_much(rule)
    caused = _Caused()
    for rule in asking:
        caused.add(rule)
    left = [rule for rule in rules if rule not in asking]
    while found := next((rule for rule in left if _only_adds(rule) and caused.asked_by(rule)), None):
        caused.add(found)  # it passes on what it was told
        left.remove(found)
    for rule in left:
        if whose := caused.asked_by(rule):
            yield _error(
                rule,
                f"{rule.id} would rest on a model's opinion: it asks for what {whose[1]} sets by one ({whose[0]}), and does"
                f" {_listed(set(_names(rule)) - ADDING)}",
                "ask for something else, or let the other rule set another tag",
            )


def _too_much(rule: Rule) -> Iterator[Problem]:
    more = set(_names(rule)) - ADDING
    if more:
        yield _error(
            rule,
            f"{rule.id} asks a model's opinion, on which nothing but {_listed(ADDING)} may rest: it does {_listed(more)}",
            "write a rule of its own for that, which does not ask `opinion.*`",
        )
    if rule.stop:
        yield _error(rule, f"{rule.id} asks a model's opinion, so it cannot `stop` other rules", "take `stop` out")


def _error(rule: Rule, message: str, hint: str) -> Problem:
    return Problem(file=rule.file, line=rule.line, column=5, message=message, hint=hint)


def _names(rule: Rule) -> Iterator[str]:
    return (action.name for action in rule.actions)


def _only_adds(rule: Rule) -> bool:
    return set(_names(rule)) <= ADDING and not rule.stop


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "`stop`"


@dataclass(slots=True)
class _Caused:
    """What stands on a ticket, or was decided, because of an opinion: tags, and the priority; each with the rule that sets it."""

    tags: dict[str, str] = field(default_factory=dict)
    priority: str = ""
    first: str = ""  # the first of these rules

    def add(self, rule: Rule) -> None:
        self.first = self.first or rule.id
        for action in rule.actions:
            if action.name == "raise_priority":
                self.priority = self.priority or rule.id
            for tag in getattr(action.options, "tags", ()) if action.name == "add_tags" else ():
                self.tags.setdefault(normal(tag), rule.id)

    def asked_by(self, rule: Rule) -> tuple[str, str] | None:
        """What of it this rule asks for, and whose it is; None where it asks for nothing of it."""
        leaves = [leaf for leaf, _ in leaves_of(rule.when)]
        names = set(names_asked(rule.when, rule.actions))
        if self.first and (beside := sorted(names & _BESIDE)):
            return beside[0], self.first
        if self.priority and (names & _PRIORITY or EventType.PRIORITY_CHANGED in rule.on):
            return "priority", self.priority
        if self.priority and any(word.startswith(_CARRIED) for leaf in leaves for word in texts_in(leaf.wanted)):
            return f"a tag {_CARRIED}…", self.priority
        if not self.tags:
            return None
        if taken := next((tag for tag in self.tags if _takes_off(rule, tag)), ""):
            return f"tag {taken}", self.tags[taken]
        if EventType.TAGS_CHANGED in rule.on:
            return "tags", next(iter(self.tags.values()))
        asked = _TAGS & names
        of_leaves = [leaf for leaf in leaves if leaf.field.name in _TAGS]
        if asked and not of_leaves:  # a text that names all tags
            return "tags", next(iter(self.tags.values()))
        return next(filter(None, map(self._of_leaf, of_leaves)), None)

    def _of_leaf(self, leaf: Leaf) -> tuple[str, str] | None:
        words = [normal(word) for word in texts_in(leaf.wanted)]
        if not words or _asks_without_names(leaf.wanted):
            return "tags", next(iter(self.tags.values()))
        return next(((f"tag {word}", self.tags[word]) for word in words if word in self.tags), None)


def _takes_off(rule: Rule, tag: str) -> bool:
    """Whether the rule may take this tag off again, and so does something else where it is there."""
    for action in rule.actions:
        match action.name:
            case "remove_tags" if tag in map(normal, getattr(action.options, "tags", ())):
                return True
            case "toggle_tag" if tag == normal(getattr(action.options, "tag", "")):
                return True
            case "tag_value" if tag.startswith(getattr(action.options, "prefix", "")):
                return True
    return False


def _asks_without_names(wanted: Json) -> bool:
    """Whether there are tags at all, or how many, or of what kind: any tag may be meant."""
    named = ("has", "has_any", "has_all", "has_none", "is")
    return isinstance(wanted, dict) and any(operator not in named for operator in wanted)

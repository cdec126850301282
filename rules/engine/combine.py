"""Wishes into one decision, in file order: on a field the later rule wins and the loser is kept by name."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.ticket import CustomValue, Json, Priority, Status, Ticket
from rules.model.decision import Decision, DraftWish, FollowUp, Lost, MacroWish, NoteWish, Notice, RuleResult
from rules.model.effects import (
    WantAssignee,
    WantCopies,
    WantField,
    WantLink,
    WantNoSurvey,
    WantPriority,
    WantPriorityAtLeast,
    WantPrioritySteps,
    WantSla,
    WantStatus,
    WantTags,
    WantTeam,
    Wish,
)
from rules.model.facts import RuleState

THE_TICKET = "ticket"  # stands for a rule's id where what is in the ticket beat the wish


@dataclass(slots=True)
class Combined:
    """Collects wishes; `decision` is what they come to so far."""

    ticket: Ticket
    priority: Priority | None = None
    priority_from: list[str] = field(default_factory=list)
    values: dict[str, tuple[CustomValue, str]] = field(default_factory=dict)  # what -> (value, rule)
    tags_add: set[str] = field(default_factory=set)
    tags_remove: set[str] = field(default_factory=set)
    by: dict[str, list[str]] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    listed: list[NoteWish | DraftWish | MacroWish | Notice | FollowUp] = field(default_factory=list)

    def add(self, wish: Wish, rule: str) -> None:
        match wish:
            case WantPriority(to):
                self._set_priority(to, rule)
            case WantPriorityAtLeast(to):
                self._raise_priority(to, rule, wanted=str(to))
            case WantPrioritySteps(by, up_to):
                self._raise_priority(stepped(self._standing(), by, up_to), rule, wanted=f"+{by} up to {up_to}")
            case WantTags(add, remove):
                self._tags(add, remove, rule)
            case WantTeam(team):
                self._set("team", team, rule)
            case WantAssignee(agent):
                self._set("assignee", agent, rule)
            case WantStatus(status):
                self._set("status", status, rule)
            case WantField(slug, value):
                self._set(f"field:{slug}", value, rule)
            case WantSla(policy):
                self._set("sla", policy, rule)
            case WantCopies(emails):
                for email in sorted(emails):
                    self._note(f"cc:{email}", rule)
            case WantLink(to):
                self._note(f"link:{to}", rule)
            case WantNoSurvey():
                self._note("survey", rule)
            case _:
                self.listed.append(wish)
                self._note(_LISTED[type(wish)], rule)

    def _set(self, what: str, value: CustomValue, rule: str) -> None:
        before = self.values.get(what)
        if before is not None and before[0] != value:
            self._lose(what, _json(before[0]), before[1], rule)
            self.by[what] = []
        self.values[what] = (value, rule)
        self._note(what, rule)

    def _set_priority(self, to: Priority, rule: str) -> None:
        if self.priority is not None and self.priority is not to:
            for loser in self.by["priority"]:
                self._lose("priority", str(self.priority), loser, rule)
            self.by["priority"] = []
        self.priority, self.priority_from = to, [rule]
        self._note("priority", rule)

    def _raise_priority(self, to: Priority, rule: str, wanted: str) -> None:
        """A raise that lifts nothing keeps what stands, and is named as lost unless it agrees."""
        standing = self._standing()
        if to.rank < standing.rank or (to is standing and wanted.startswith("+")):
            self._lose("priority", wanted, rule, self.by.get("priority", [THE_TICKET])[-1])
            return
        is_alone = to.rank > standing.rank and not wanted.startswith("+")  # whatever stood there before, this is what it came to
        self.priority, self.priority_from = to, [*([] if is_alone else self.priority_from), rule]
        self._note("priority", rule)

    def _standing(self) -> Priority:
        return self.priority if self.priority is not None else self.ticket.priority

    def _tags(self, add: frozenset[str], remove: frozenset[str], rule: str) -> None:
        for tag in sorted(add | remove):
            wins, loses = (self.tags_add, self.tags_remove) if tag in add else (self.tags_remove, self.tags_add)
            if tag in loses:
                loses.discard(tag)
                for loser in self.by.pop(f"tag:{tag}", []):
                    self._lose(f"tag:{tag}", "remove" if tag in add else "add", loser, rule)
            wins.add(tag)
            self._note(f"tag:{tag}", rule)

    def _note(self, what: str, rule: str) -> None:
        rules = self.by.setdefault(what, [])
        if rule not in rules:
            rules.append(rule)

    def _lose(self, what: str, value: Json, rule: str, to_rule: str) -> None:
        self.lost.append(Lost(field=what, value=value, rule=rule, to_rule=to_rule))

    def _text(self, what: str) -> str | None:
        found = self.values.get(what)
        return str(found[0]) if found else None

    def _named(self, prefix: str) -> list[str]:
        return [what.removeprefix(prefix) for what in self.by if what.startswith(prefix)]

    def decision(self, rules: tuple[RuleResult, ...] = (), state: dict[str, RuleState] | None = None) -> Decision:
        status = self._text("status")
        return Decision(
            priority=self.priority,
            status=Status(status) if status else None,
            team=self._text("team"),
            assignee=self._text("assignee"),
            tags_add=frozenset(self.tags_add),
            tags_remove=frozenset(self.tags_remove),
            fields={what.removeprefix("field:"): value for what, (value, _) in self.values.items() if what.startswith("field:")},
            followers_add=frozenset(self._named("cc:")),
            survey_off="survey" in self.by,
            links=tuple(self._named("link:")),
            notes=tuple(wish for wish in self.listed if isinstance(wish, NoteWish)),
            drafts=tuple(wish for wish in self.listed if isinstance(wish, DraftWish)),
            macros=tuple(wish for wish in self.listed if isinstance(wish, MacroWish)),
            notices=tuple(wish for wish in self.listed if isinstance(wish, Notice)),
            follow_ups=tuple(wish for wish in self.listed if isinstance(wish, FollowUp)),
            sla_policy=self._text("sla"),
            priority_from=tuple(dict.fromkeys(self.priority_from)),
            by={what: tuple(rules_of) for what, rules_of in self.by.items() if rules_of},
            lost=tuple(self.lost),
            rules=rules,
            state=state or {},
        )


_LISTED = {NoteWish: "note", DraftWish: "draft", MacroWish: "macro", Notice: "notice", FollowUp: "follow_up"}


def stepped(standing: Priority, by: int, up_to: Priority) -> Priority:
    """Steps count from what stands; they never pass the cap, and never lower what is above it."""
    start = Priority.NORMAL if standing is Priority.NONE else standing
    ladder = list(Priority)
    return ladder[max(start.rank, min(start.rank + by, up_to.rank))]


def _json(value: CustomValue) -> Json:
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)

"""Compares a ticket as an agent sees it with what its story expects. Differences that a helpdesk is allowed are in
_differences.yaml, each with its reason; everything else counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ruamel.yaml import YAML

from sandbox.desk import TicketView
from sandbox.effects import Effect
from sandbox.stories.story import FOLDER, Expectation

# The words by which an agent recognises them in Deskhand's note (docs/drafts.md).
DRAFT = "Suggested reply, not sent"
HANDOFF = re.compile(r"(?im)^\s*(?:for [^\n]{1,120}, )?answer by ")
MACRO = "Macro proposed: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    ticket: str  # the story's label
    what: str
    wanted: str
    found: str

    def __str__(self) -> str:
        where = "" if self.ticket == "main" else f"{self.ticket}: "
        return f"{where}{self.what}: wanted {self.wanted}, found {self.found}"


def compare(desk: str, label: str, expected: Expectation, view: TicketView, effects: Sequence[Effect]) -> list[Difference]:
    """`effects`: what Deskhand wrote in this ticket, as the stand-in noted it."""
    found: list[tuple[str, Any, Any]] = []
    if expected.priority is not None:
        wanted = (expected.priority,) if isinstance(expected.priority, str) else expected.priority
        if not any(priority_fits(desk, each, view) for each in wanted):
            found.append(("priority", " or ".join(wanted), view.priority))
    for name in ("status", "team", "assignee"):
        wish = getattr(expected, name)
        if wish is not None and wish != getattr(view, name) and not _allowed(desk, name, wish, getattr(view, name)):
            found.append((name, wish, getattr(view, name)))
    found += _tags(expected, view) + _notes(expected, view)
    if len(view.bot_replies) != expected.replies:
        found.append(("public replies by Deskhand", expected.replies, len(view.bot_replies)))
    if expected.written is not None and bool(effects) is not expected.written:
        what = ", ".join(effect.what for effect in effects) or "nothing"
        found.append(("writes by Deskhand", "some" if expected.written else "none", what))
    return [Difference(ticket=label, what=what, wanted=str(wanted), found=str(seen)) for what, wanted, seen in found]


def priority_fits(desk: str, wanted: str, view: TicketView) -> bool:
    """Whether the ticket shows the priority, or the fallback that this helpdesk is allowed."""
    if view.priority == wanted:
        return True
    return any(
        row["wanted"] == wanted and view.priority in row["shown"] and (row.get("tag") is None or row["tag"] in view.tags)
        for row in differences().get(desk, {}).get("priority", [])
    )


def shown_priority(desk: str, view: TicketView) -> str:
    """The priority as an agent reads it: the helpdesk's own, or the one that its fallback tag names."""
    rows = differences().get(desk, {}).get("priority", [])
    told = (row["wanted"] for row in rows if view.priority in row["shown"] and row.get("tag") in view.tags)
    return next((f"{word} (tag)" for word in told), view.priority)


@cache
def differences() -> dict[str, Any]:
    """The allowed differences by helpdesk and field."""
    tree: dict[str, Any] = YAML(typ="safe").load(FOLDER / "_differences.yaml")
    return tree


def draft_language(view: TicketView) -> str:
    """The language of the newest suggested reply in the notes, "no" where none stands there."""
    drafts = [note.text for note in view.bot_notes if DRAFT in note.text]
    if not drafts:
        return "no"
    found = re.search(r"language ([a-z]{2,3})", drafts[-1])
    return found[1] if found else "?"


def is_escalated(view: TicketView) -> bool:
    return any(HANDOFF.search(note.text) for note in view.bot_notes)


def proposed_macros(view: TicketView) -> tuple[str, ...]:
    return tuple(name.strip() for note in view.bot_notes for name in re.findall(re.escape(MACRO) + r"([^\n]+)", note.text))


def _allowed(desk: str, field: str, wanted: str, found: str | None) -> bool:
    return any(row["wanted"] == wanted and found in row["shown"] for row in differences().get(desk, {}).get(field, []))


def _tags(expected: Expectation, view: TicketView) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    if missing := set(expected.tags.has) - view.tags:
        found.append(("tags", f"with {', '.join(sorted(missing))}", ", ".join(sorted(view.tags)) or "none"))
    if extra := set(expected.tags.has_not) & view.tags:
        found.append(("tags", f"without {', '.join(sorted(extra))}", ", ".join(sorted(view.tags))))
    return found


def _notes(expected: Expectation, view: TicketView) -> list[tuple[str, Any, Any]]:
    found: list[tuple[str, Any, Any]] = []
    text = "\n".join(note.text for note in view.bot_notes)
    if expected.notes is not None and len(view.bot_notes) != expected.notes:
        found.append(("notes by Deskhand", expected.notes, len(view.bot_notes)))
    if expected.draft is not None and draft_language(view) != expected.draft:
        found.append(("draft", expected.draft, draft_language(view)))
    if expected.escalated is not None and is_escalated(view) is not expected.escalated:
        found.append(("escalation", expected.escalated, is_escalated(view)))
    if expected.macro is not None and expected.macro not in proposed_macros(view):
        found.append(("macro proposed", expected.macro, ", ".join(proposed_macros(view)) or "none"))
    found += [("note", f"with {wish!r}", "not there") for wish in expected.note_has if wish not in text]
    found += [("note", f"without {wish!r}", "there") for wish in expected.note_has_not if wish in text]
    return found

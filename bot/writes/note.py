"""The run's one internal note: what it holds, and whether one is due at all. Pure but for the macros' previews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.errors import AccessDenied, AdapterError, RateLimited
from adapters.helpdesk import Helpdesk
from adapters.ticket import MacroPreview, Ticket
from adapters.writes import Note, PlannedWrite, ProposeMacro
from bot.drafts import Draft
from bot.drafts.note import NoteContent, render_note
from bot.writes.note_claims import Claims, claiming
from bot.writes.planner import Yielded
from rules.model.decision import Decision, MacroWish, NoteWish
from rules.model.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Macros as they would read, and why others are not proposed."""

    previews: tuple[tuple[MacroWish, MacroPreview], ...] = ()
    skipped: tuple[str, ...] = ()


def preview_macros(helpdesk: Helpdesk, ticket: Ticket, wishes: Sequence[MacroWish]) -> Proposals:
    """The wished macros on this ticket. One that is missing, switched off, or has an empty placeholder is skipped."""
    if not wishes:
        return Proposals()
    known = {name.casefold(): each for each in helpdesk.macros() if each.is_active for name in (each.external_id, each.name)}
    previews: list[tuple[MacroWish, MacroPreview]] = []
    skipped: list[str] = []
    for wish in wishes:
        macro = known.get(wish.macro.casefold())
        preview = helpdesk.preview(macro, ticket) if macro else None
        if preview is None:
            skipped.append(f"macro {wish.macro!r} is missing or switched off in the helpdesk")
        elif preview.missing:
            skipped.append(f"macro {wish.macro!r} is not proposed: {', '.join(preview.missing)} would be empty")
        else:
            previews.append((wish, preview))
    return Proposals(previews=tuple(previews), skipped=tuple(skipped))


def _paragraphs(decision: Decision) -> tuple[NoteWish, ...]:
    """What rules want said, and last what is to be passed on to people outside the ticket: there is no other channel yet, and a
    notice that only a log knows would be silence. A rule that has a paragraph of its own has said it."""
    said = {wish.rule for wish in decision.notes}
    passed_on = [notice for notice in decision.notices if notice.rule not in said]
    if not passed_on:
        return decision.notes
    channels = {notice.channel for notice in passed_on}
    title = "Please pass on" + (f" to {passed_on[0].channel}" if len(channels) == 1 else "")
    lines = [notice.text if len(channels) == 1 else f"{notice.channel}: {notice.text}" for notice in passed_on]
    return (*decision.notes, NoteWish(rule=passed_on[0].rule, title=title, text="\n".join(lines)))


def safely_preview(helpdesk: Helpdesk, ticket: Ticket, wishes: Sequence[MacroWish]) -> Proposals:
    """`preview_macros`; where the helpdesk cannot say, nothing is proposed and the rest of the run goes on. Raises RateLimited
    and AccessDenied: they stop the whole account, and the run comes again."""
    try:
        return preview_macros(helpdesk, ticket, wishes)
    except (RateLimited, AccessDenied):
        raise
    except AdapterError as error:
        return Proposals(skipped=(f"macros could not be read: {type(error).__name__}",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The macro proposals and the one note that carries everything; none where there is nothing to say. `content`: what the note
    tells, without what was done: that is known when it is sent (bot/writes/note_claims.py)."""

    writes: tuple[PlannedWrite, ...] = ()
    content: NoteContent | None = None


def note_writes(
    facts: Facts,
    decision: Decision,
    draft: Draft | None,
    proposals: Proposals,
    done: Sequence[PlannedWrite],
    yielded: Sequence[Yielded],
    refused: Sequence[str],
    *,
    marker: str,
    pack_version: str,
) -> Said:
    """What the run says to the agents: the note as it reads if all is `done` as planned."""
    shown = draft if draft and not draft.withheld else None
    failed = draft.reason if draft and draft.withheld and draft.drafter == "model" else ""
    paragraphs = _paragraphs(decision)
    if not (shown or failed or paragraphs or proposals.previews):
        return Said()
    names = tuple(rule.name or rule.id for rule in decision.rules if rule.fired)
    content = NoteContent(
        marker=marker,
        pack_version=pack_version,
        draft=shown,
        no_draft=failed,
        notes=paragraphs,
        macros=tuple(preview for _, preview in proposals.previews),
        rules=names,
        refused=tuple(refused),
    )
    claims = Claims(done=tuple(planned.write for planned in done), yielded=tuple(yielded))
    asked = [*(wish.rule for wish in decision.drafts), *(wish.rule for wish in paragraphs)]
    asked += [wish.rule for wish, _ in proposals.previews]
    proposed = [
        PlannedWrite(write=ProposeMacro(macro=preview.macro.name), rules=(wish.rule,)) for wish, preview in proposals.previews
    ]
    html = render_note(claiming(content, claims))
    note = PlannedWrite(write=Note(html=html, marker=marker), rules=tuple(dict.fromkeys(asked)))
    return Said(writes=(*proposed, note), content=content)

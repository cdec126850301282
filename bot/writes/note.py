"""The run's one internal note: what it holds, and whether one is due at all. Pure but for the macros' previews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from adapters.errors import AccessDenied, AdapterError, RateLimited
from adapters.helpdesk import Helpdesk
from adapters.ticket import MacroPreview, Ticket
from adapters.writes import Note, PlannedWrite, ProposeMacro
from bot.drafts import Draft
from bot.drafts.evidence import evidence, tried
from bot.drafts.note import NoteContent, render_note, words_beside_the_reply
from bot.drafts.text import language_of
from bot.drafts.types import NO_SOURCE, UNGROUNDED
from bot.writes import note_facts
from bot.writes.note_claims import Claims, claiming
from bot.writes.planner import Yielded
from rules.model.decision import Decision, MacroWish
from rules.model.facts import Facts

MOST_WORDS = 106  # of a note beside the reply; what is left alone or refused, and lines of the helpdesk come in when it is sent
FEWEST_QUOTED, MOST_QUOTED = 8, 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Macros as they would read, and why others are not proposed."""

    previews: tuple[tuple[MacroWish, MacroPreview], ...] = ()
    skipped: tuple[str, ...] = ()


def preview_macros(helpdesk: Helpdesk, ticket: Ticket, wishes: Sequence[MacroWish], language: str = "") -> Proposals:
    """The wished macros on this ticket. One that is missing, switched off, has an empty placeholder, or is not in
    `language` (ISO 639-1, the customer's) is skipped."""
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
        elif language and (written := language_of(preview.text)) not in ("", language):
            skipped.append(f"macro {wish.macro!r} is in {written}, the customer writes {language}")
        else:
            previews.append((wish, preview))
    return Proposals(previews=tuple(previews), skipped=tuple(skipped))


def safely_preview(helpdesk: Helpdesk, ticket: Ticket, wishes: Sequence[MacroWish], language: str = "") -> Proposals:
    """`preview_macros`; where the helpdesk cannot say, nothing is proposed and the rest of the run goes on. Raises RateLimited
    and AccessDenied: they stop the whole account, and the run comes again."""
    try:
        return preview_macros(helpdesk, ticket, wishes, language)
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
    no_draft = draft.reason if draft and draft.withheld else ""
    has_failed = bool(no_draft and draft and draft.drafter == "model" and not no_draft.startswith((NO_SOURCE, UNGROUNDED)))
    is_told = bool(decision.notes or decision.notices)
    if not (shown or has_failed or is_told or proposals.previews):
        return Said()
    content = NoteContent(
        marker=marker,
        pack_version=pack_version,
        draft=shown,
        no_draft=NO_SOURCE if no_draft.startswith((NO_SOURCE, UNGROUNDED)) else no_draft,
        notes=decision.notes,
        notices=decision.notices,
        now=facts.now,
        timezone=facts.working_hours.timezone if facts.working_hours else "UTC",
        csm=facts.company.csm or "",
        tried=tried(facts.ticket),
        macros=tuple(preview for _, preview in proposals.previews),
        facts=note_facts.facts_of(facts, decision),
        priority_facts=note_facts.of_priority(facts, decision),
        refused=tuple(refused),
    )
    claims = Claims(done=tuple(planned.write for planned in done), yielded=tuple(yielded))
    content = replace(content, evidence=_evidence(facts, claiming(content, claims)))
    asked = [wish.rule for wishes in (decision.drafts, decision.notes, decision.notices) for wish in wishes]
    asked += [wish.rule for wish, _ in proposals.previews]
    proposed = [
        PlannedWrite(write=ProposeMacro(macro=preview.macro.name), rules=(wish.rule,)) for wish, preview in proposals.previews
    ]
    html = render_note(claiming(content, claims))
    note = PlannedWrite(write=Note(html=html, marker=marker), rules=tuple(dict.fromkeys(asked)))
    return Said(writes=(*proposed, note), content=content)


def _evidence(facts: Facts, content: NoteContent) -> tuple[str, ...]:
    """As many of the customer's words as the note has room for."""
    room = MOST_WORDS - words_beside_the_reply(render_note(content))
    return evidence(facts.ticket, facts.signals, max(FEWEST_QUOTED, min(room, MOST_QUOTED)))

"""The run's one internal note: what it holds, and whether one is due at all. Pure but for the macros' previews."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count

from adapters.errors import AccessDenied, AdapterError, RateLimited
from adapters.helpdesk import Helpdesk
from adapters.ticket import MacroPreview, Message, Ticket, TicketKey
from adapters.writes import Note, PlannedWrite, ProposeMacro
from bot.drafts import Draft
from bot.drafts.note import NoteContent, marker_in, render_note
from bot.writes.planner import Yielded, in_words
from rules.model.decision import Decision, MacroWish, NoteWish
from rules.model.facts import Facts


def marker(key: str, request: str, ticket: TicketKey, newest: str = "") -> str:
    """The short id in a note's header, of HMACs so that nobody can forge one: three base32 characters of the request's id, two of
    the `newest` message that its run had read (`last_read`), and three by which this installation knows the note again on this
    ticket, even where its database does not (`is_marker`)."""
    about = _base32(key, request)[:3]
    own = about + _of_message(key, about, ticket, newest)
    return own + _base32(key, f"{ticket} {own}")[:3]


def new_marker(key: str, request: str, ticket: Ticket) -> str:
    """The marker of a note on this ticket as it was read, unlike those of the notes that stand there."""
    newest = ticket.messages[-1].external_id if ticket.messages else ""
    taken = {marker_in(each.body_text) for each in ticket.messages if each.is_ours}
    tries = (marker(key, f"{request}{number or ''}", ticket.key, newest) for number in count())
    return next(each for each in tries if each not in taken)


def is_marker(key: str, found: str, ticket: TicketKey) -> bool:
    """Whether `marker` made this one, with this key and for a request on this ticket."""
    return len(found) == 8 and hmac.compare_digest(found[5:], _base32(key, f"{ticket} {found[:5]}")[:3])


def last_read(key: str, found: str, ticket: TicketKey, messages: Sequence[Message]) -> int | None:
    """The place among the messages of the newest one that this marker's run had read, or None where it is not among them. Of
    a thousand other messages one is taken for it."""
    places = reversed(range(len(messages)))
    return next((at for at in places if _of_message(key, found[:3], ticket, messages[at].external_id) == found[3:5]), None)


def _of_message(key: str, about: str, ticket: TicketKey, message: str) -> str:
    return _base32(key, f"{ticket} {about} {message}")[:2]


def _base32(key: str, about: str) -> str:
    return base64.b32encode(hmac.new(key.encode(), about.encode(), hashlib.sha256).digest()).decode("ascii")


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
    """The macro proposals and the one note that carries everything; none where there is nothing to say. `answered_html`: the
    note once an agent has answered, "" where nothing of it is left then."""

    writes: tuple[PlannedWrite, ...] = ()
    answered_html: str = ""


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
    """What the run says to the agents."""
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
        writes=tuple(in_words(planned.write) for planned in done),
        yielded=tuple(f"{each.field} ({each.found})" for each in yielded),
        refused=tuple(refused),
    )
    asked = [*(wish.rule for wish in decision.drafts), *(wish.rule for wish in paragraphs)]
    asked += [wish.rule for wish, _ in proposals.previews]
    proposed = [
        PlannedWrite(write=ProposeMacro(macro=preview.macro.name), rules=(wish.rule,)) for wish, preview in proposals.previews
    ]
    note = PlannedWrite(write=Note(html=render_note(content), marker=marker), rules=tuple(dict.fromkeys(asked)))
    answered = render_note(replace(content, draft=None, no_draft="", macros=())) if paragraphs else ""
    return Said(writes=(*proposed, note), answered_html=answered)

"""Writes as Intercom calls: what may be repeated first, the note last. Names are resolved when a call is sent.

Intercom has no call that carries everything, and no conditional write. One call each for: every tag, the fields (priority
and custom attributes together), team, teammate, a public reply, the state, the note. An Intercom *ticket* takes fields,
state and one assignment together.
"""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from adapters.errors import Unsupported
from adapters.helpdesk import FieldMapping
from adapters.html_text import to_html
from adapters.intercom.api import IntercomApi
from adapters.intercom.dialect import CATEGORY_WORD, PRIORITY_TAG, PRIORITY_WORD, Dialect
from adapters.intercom.sending import find_marker, send
from adapters.raw import Raw
from adapters.ticket import CustomValue, Json, Priority, Status, Ticket, TicketKind
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Merge,
    Note,
    Plan,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    Reply,
    Request,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    SuppressSurvey,
    Write,
)

__all__ = ["find_marker", "send", "shown_as", "to_requests"]


@dataclass(frozen=True, slots=True)
class _Call:
    """A request before it has its ticket and number."""

    operation: str
    writes: tuple[int, ...]
    arguments: Mapping[str, Json] = field(default_factory=dict)
    is_repeatable: bool = True
    marker: str = ""


@dataclass(slots=True)
class _Wanted:
    """All writes of one plan, sorted by the call that carries them; plan positions stand beside what is wanted."""

    ticket: Ticket
    dialect: Dialect
    attach: dict[str, list[int]] = field(default_factory=dict)  # tag name -> positions
    detach: dict[str, list[int]] = field(default_factory=dict)
    again: dict[str, list[int]] = field(default_factory=dict)  # on already, and to be the newest word: off and on
    fields: dict[str, tuple[Json, int]] = field(default_factory=dict)  # the vendor's attribute -> value, position
    priority: tuple[Json, int] | None = None
    team: tuple[Json, int] | None = None
    agent: tuple[Json, int] | None = None
    state: tuple[Json, int] | None = None  # close, open, snoozed; of a ticket: its state's category, or snoozed
    until: int | None = None  # unix seconds
    participants: dict[str, int] = field(default_factory=dict)
    lines: list[tuple[str, int]] = field(default_factory=list)  # fallbacks, for the note
    notes: list[tuple[Note, int]] = field(default_factory=list)
    macros: list[int] = field(default_factory=list)
    replies: list[tuple[Reply, int]] = field(default_factory=list)


def to_requests(plan: Plan, ticket: Ticket, api: IntercomApi) -> list[Request]:
    """The calls for `plan`, in the order in which they are sent. Makes none. Raises Unsupported."""
    wanted = _Wanted(ticket, Dialect(api.account, ticket.kind is TicketKind.TICKET))
    for at, planned in enumerate(plan.writes):
        _sort_in(wanted, planned.write, at)
    fields = [*_tag_calls(wanted), *_field_calls(wanted)]
    # A reply first: that the ticket waits for the customer is true only once they were answered.
    calls = [*_reply_calls(wanted), *fields, *_state_calls(wanted), *_note_calls(wanted, plan)]
    return [
        Request(
            ticket=plan.ticket,
            number=number,
            operation=call.operation,
            arguments=call.arguments,
            writes=call.writes,
            is_repeatable=call.is_repeatable,
            is_public=call.operation == "reply",
            marker=call.marker,
        )
        for number, call in enumerate(calls)
    ]


def shown_as(write: Write, kind: TicketKind, api: IntercomApi) -> str:
    """The tag or attribute in which a person finds what the inbox has no field for."""
    dialect = Dialect(api.account, kind is TicketKind.TICKET)
    match write:
        case SetPriority() if dialect.writes_priority:
            return ""
        case SetPriority() if dialect.priority_attribute:
            return f"attribute {dialect.priority_attribute}"
        case SetPriority(priority=priority) if priority in PRIORITY_TAG:
            return f"tag {PRIORITY_TAG[priority]}"
        case SetStatus(status=Status.PENDING) if not dialect.is_ticket:
            return f"tag {dialect.pending_tag}"
        case SuppressSurvey():
            return f"tag {dialect.survey_tag}"
        case _:
            return ""


def _sort_in(wanted: _Wanted, write: object, at: int) -> None:
    """Put one write to the call that will carry it, or to its declared fallback (capabilities.py)."""
    dialect = wanted.dialect
    match write:
        case AddTags(tags=tags):
            _tags(wanted.attach, tags, at)
        case RemoveTags(tags=tags):
            _tags(wanted.detach, tags & _present(wanted.ticket), at)
        case SetPriority(priority=priority):
            _priority(wanted, priority, at)
        case SetStatus(status=Status.OTHER):
            raise Unsupported("`other` is no status that can be set: name one of new, open, pending, on_hold, solved, closed")
        case SetStatus() if dialect.is_ticket:
            _ticket_state(wanted, write, at)
        case SetStatus():
            _conversation_state(wanted, write, at)
        case SetTeam(team=team):
            wanted.team = (team, at)
        case SetAssignee(agent=agent):
            wanted.agent = (agent, at)
        case SetField(slug=slug, value=value):
            mapped = next((each for each in dialect.account.fields if each.slug == slug), FieldMapping(slug=slug, vendor=slug))
            wanted.fields[mapped.vendor] = (_to_vendor(value, mapped), at)
        case SuppressSurvey():
            _tags(wanted.attach, {dialect.survey_tag}, at)
        case AddFollower(email=email) if dialect.follows_as_participant and not dialect.is_ticket:
            wanted.participants[email] = at
        case AddFollower(email=email):
            wanted.lines.append((f"Please keep {email} informed.", at))
        case RemoveFollower(email=email):
            wanted.lines.append((f"{email} need not be kept informed any longer.", at))
        case Link(to=to):
            wanted.lines.append((f"Related: {to}", at))
        case Merge(into=into):
            wanted.lines.append((f"Please merge this into {into}.", at))
        case ProposeMacro():
            wanted.macros.append(at)
        case Note():
            wanted.notes.append((write, at))
        case Reply():
            wanted.replies.append((write, at))


def _tags(to: dict[str, list[int]], names: Iterable[str], at: int) -> None:
    for name in sorted(names):
        to.setdefault(name, []).append(at)


def _tag_entries(ticket: Ticket) -> list[Raw]:
    return list(Raw(ticket.raw).tolerant()["tags"]["tags"].items())


def _present(ticket: Ticket) -> frozenset[str]:
    """All tags of the snapshot, folded, those included that carry something else."""
    return ticket.tags | {each["name"].text(default="").casefold() for each in _tag_entries(ticket)}


def _priority(wanted: _Wanted, priority: Priority, at: int) -> None:
    """Natively where the version can; else in the attribute; else in a tag, with the other carriers taken off. A tag that is on
    but does not count, since the native word is newer (priority.py), is put on anew."""
    if wanted.dialect.writes_priority:
        wanted.priority = (PRIORITY_WORD[priority], at)
    elif attribute := wanted.dialect.priority_attribute:
        wanted.fields[attribute] = (str(priority), at)
    else:
        present, carrier = _present(wanted.ticket), {PRIORITY_TAG[priority]} if priority in PRIORITY_TAG else set()
        _tags(wanted.attach, carrier - present, at)
        if PRIORITY_TAG.get(wanted.ticket.priority) not in present:  # the native word counts now
            _tags(wanted.again, carrier & present, at)
        _tags(wanted.detach, (set(PRIORITY_TAG.values()) & present) - carrier, at)


def _conversation_state(wanted: _Wanted, write: SetStatus, at: int) -> None:
    present, pending = _present(wanted.ticket), {wanted.dialect.pending_tag}
    if write.status is Status.PENDING:
        _tags(wanted.attach, pending - present, at)
    else:
        _tags(wanted.detach, pending & present, at)
    if write.status in (Status.SOLVED, Status.CLOSED):
        wanted.state = ("close", at)
    elif write.status is Status.ON_HOLD or (write.status is Status.PENDING and write.until):
        wanted.state, wanted.until = ("snoozed", at), _until(wanted, write)
    elif wanted.ticket.status_raw != "open":
        wanted.state = ("open", at)


def _ticket_state(wanted: _Wanted, write: SetStatus, at: int) -> None:
    if write.status is Status.ON_HOLD:
        wanted.state, wanted.until = ("snoozed", at), _until(wanted, write)
    else:
        wanted.state = (CATEGORY_WORD[write.status], at)


def _until(wanted: _Wanted, write: SetStatus) -> int:
    seen_at = wanted.ticket.read_at or wanted.ticket.updated_at or datetime.now(UTC)
    return int((write.until or seen_at + timedelta(hours=wanted.dialect.snooze_hours)).timestamp())


def _to_vendor(value: CustomValue, mapped: FieldMapping) -> Json:
    """Dates are ISO text with us and unix seconds at Intercom."""
    if mapped.type == "date" and isinstance(value, str):
        moment = Raw(value, f"$.{mapped.slug}").time()
        return int(moment.timestamp()) if moment else None
    return list(value) if isinstance(value, tuple) else value


def _tag_calls(wanted: _Wanted) -> list[_Call]:
    ids = {each["name"].text(default="").casefold(): each["id"].text(default="") for each in _tag_entries(wanted.ticket)}
    attach = [_Call("attach_tag", tuple(at), {"tag": tag}) for tag, at in wanted.attach.items() if tag not in wanted.detach]
    detach = [_Call("detach_tag", tuple(at), {"tag": tag, "tag_id": ids.get(tag, "")}) for tag, at in wanted.detach.items()]
    again = [
        _Call(operation, tuple(at), {"tag": tag} | ({"tag_id": ids.get(tag, "")} if operation == "detach_tag" else {}))
        for tag, at in wanted.again.items()
        for operation in ("detach_tag", "attach_tag")
    ]
    return [*attach, *again, *detach]


def _field_calls(wanted: _Wanted) -> list[_Call]:
    """What is set beside the tags, before anybody is spoken to."""
    calls: list[_Call] = []
    if wanted.dialect.is_ticket:
        return _ticket_calls(wanted)
    if wanted.fields or wanted.priority:
        values: dict[str, Json] = {name: value for name, (value, _) in wanted.fields.items()}
        at = {name: position for name, (_, position) in wanted.fields.items()}
        arguments: dict[str, Json] = {"attributes": values, "positions": dict(at)}
        writes = set(at.values())
        if wanted.priority:
            arguments |= {"priority": wanted.priority[0], "priority_position": wanted.priority[1]}
            writes.add(wanted.priority[1])
        calls.append(_Call("update", tuple(sorted(writes)), arguments))
    calls += [_Call("add_participant", (at,), {"email": email}) for email, at in wanted.participants.items()]
    if wanted.team:
        calls.append(_Call("assign", (wanted.team[1],), {"to": "team", "name": wanted.team[0]}))
    if wanted.agent:
        calls.append(_Call("assign", (wanted.agent[1],), {"to": "admin", "name": wanted.agent[0]}))
    return calls


def _ticket_calls(wanted: _Wanted) -> list[_Call]:
    """A ticket's PUT takes everything but a second assignment."""
    values: dict[str, Json] = {name: value for name, (value, _) in wanted.fields.items()}
    at: dict[str, Json] = {name: position for name, (_, position) in wanted.fields.items()}
    arguments: dict[str, Json] = {"attributes": values, "positions": at} if values else {}
    writes = {position for _, position in wanted.fields.values()}
    if wanted.state:
        arguments |= {"state": wanted.state[0], "until": wanted.until, "ticket_type": wanted.ticket.form}
        arguments |= {"state_position": wanted.state[1]}
        writes.add(wanted.state[1])
    targets = [(kind, each) for kind, each in (("team", wanted.team), ("admin", wanted.agent)) if each]
    if targets:
        kind, (name, position) = targets[0]
        arguments |= {"to": kind, "name": name, "assign_position": position}
        writes.add(position)
    calls = [_Call("update_ticket", tuple(sorted(writes)), arguments)] if arguments else []
    for kind, (name, position) in targets[1:]:
        calls.append(_Call("update_ticket", (position,), {"to": kind, "name": name, "assign_position": position}))
    return calls


def _reply_calls(wanted: _Wanted) -> list[_Call]:
    return [
        _Call("reply", (at,), {"html": to_html(reply.text), "author": reply.author}, is_repeatable=False)
        for reply, at in wanted.replies
    ]


def _state_calls(wanted: _Wanted) -> list[_Call]:
    """After the reply: closing comes when all is said, and a reply would wake what is snoozed."""
    if wanted.state is None or wanted.dialect.is_ticket:
        return []
    return [_Call("set_state", (wanted.state[1],), {"state": wanted.state[0], "until": wanted.until})]


def _note_calls(wanted: _Wanted, plan: Plan) -> list[_Call]:
    """The run's note with what could only be said in words; a note of its own where the plan has none."""
    said = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line, _ in wanted.lines)
    also = [*wanted.macros, *(at for _, at in wanted.lines)]
    notes = list(wanted.notes)
    if not notes and said:
        marker = _marker(plan, said)
        notes, also = [(Note(html=f"<p>Deskhand {marker}</p>", marker=marker), also[0])], also[1:]
    calls = []
    for place, (note, at) in enumerate(notes):
        is_last = place == len(notes) - 1
        # First, for it is something to do; the note's own last line is how it is known again.
        body, writes = (said + note.html, (at, *also)) if is_last else (note.html, (at,))
        calls.append(_Call("add_note", tuple(sorted(writes)), {"html": body}, is_repeatable=False, marker=note.marker))
    return calls


def _marker(plan: Plan, said: str) -> str:
    """Only to find this note again: the same plan gives the same marker."""
    digest = hashlib.sha256(f"{plan.run_id}|{plan.ticket}|{said}".encode()).digest()
    return base64.b32encode(digest).decode()[:12]

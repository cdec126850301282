"""What the run's note may claim when it leaves: what the helpdesk has confirmed, what goes in the very same request, what people
decided otherwise, and what was refused. The plan keeps the note's content; here it is rendered anew, just before it is sent.
Where the answer to its own request shows less than it claims, a second note says so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from adapters.codec import dumps, from_json_whole
from adapters.ticket import Json
from adapters.writes import (
    REFUSE,
    AddTags,
    Merge,
    Note,
    Plan,
    PlannedWrite,
    ProposeMacro,
    RemoveTags,
    Reply,
    Request,
    Write,
)
from bot.drafts.note import NoteContent, render_note
from bot.store import runs
from bot.store.runs import Refused, StoredRequest
from bot.writes import note_marker
from bot.writes.after_writes import is_shown
from bot.writes.plan_requests import renumbered
from bot.writes.planner import Yielded, in_words
from bot.writes.refusals import NOT_APPLIED, said
from bot.writes.unsent_reply import is_reply_lost
from bot.writes.work import Work, recording, requests_of, without_refused

SUGGESTION = "suggestion"  # how `yielded` names the part of a note that came too late
_WORDS = (Note, Reply, ProposeMacro, Merge)
_NO_FIELDS = frozenset({SUGGESTION, "note", "reply", "propose_macro"})  # in `yielded`
BY_A_PERSON = "draft:"  # how the rules of a write begin that a person asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """`done`: writes that landed, or go in the request of the note itself. `yielded`: fields that were left to a person.
    `refused`: what the helpdesk did not take, in words."""

    done: tuple[Write, ...] = ()
    yielded: tuple[Yielded, ...] = ()
    refused: tuple[str, ...] = ()


def claiming(content: NoteContent, claims: Claims, shown_as: Callable[[Write], str] = lambda write: "") -> NoteContent:
    """The content with these claims; what it says of refusals already is kept. `shown_as`: `Helpdesk.shown_as`."""
    return replace(
        content,
        writes=tuple(in_words(write, shown_as(write)) for write in claims.done),
        yielded=tuple(dict.fromkeys(f"{each.field} ({each.found})" for each in claims.yielded)),
        refused=tuple(dict.fromkeys((*content.refused, *claims.refused))),
    )


def after_an_answer(content: NoteContent) -> NoteContent | None:
    """What is left to say once an agent has answered: nothing that was suggested for the answer. None where that was all."""
    return replace(content, draft=None, no_draft="", macros=()) if content.notes or content.notices else None


def content_of(plan: Plan) -> NoteContent | None:
    """The note's content as the plan keeps it. Raises Unreadable where a newer version wrote it."""
    return None if plan.note_content is None else from_json_whole(NoteContent, plan.note_content)


def with_note_as_it_stands(work: Work, stored: StoredRequest) -> Request:
    """The request as it is to be sent. One that carries the plan's note gets it rendered anew; any other is as it was stored."""
    content, planned = content_of(work.run.plan), _note_in(work, stored)
    if content is None or planned is None:
        return stored.request
    yielded = _yielded(work)
    if any(each.field == SUGGESTION for each in yielded):
        content = after_an_answer(content) or content
    if content.unsent and is_reply_lost(work):
        content = replace(content, notes=content.unsent)
    shown_as = partial(work.helpdesk.shown_as, kind=work.run.key.kind)
    html = render_note(claiming(content, _claims(work, stored, yielded), shown_as))
    return replace(stored.request, arguments=_replaced(stored.request.arguments, planned.html, html))


def _note_in(work: Work, stored: StoredRequest) -> Note | None:
    writes = (work.run.plan.writes[place].write for place in stored.request.writes)
    notes = (write for write in writes if isinstance(write, Note) and write.marker == stored.request.marker)
    return next((note for note in notes if is_own_note(work.run.plan, note)), None)


def is_own_note(plan: Plan, note: Note) -> bool:
    """True for the note that the plan was made with, False for one that corrects it."""
    content = content_of(plan)
    return content is None or note.marker == content.marker


def correct(work: Work) -> bool:
    """Add a note to the plan that takes back what the plan's note claims and its own request did not bring about; once a run.
    True where one was added: it is a request like the others."""
    words = _claimed_and_lost(work)
    if not words:
        return False
    plan, parts = work.run.plan, work.parts
    mark = note_marker.new_marker(parts.settings.marker_keys[0], f"{work.run.id}/correction", work.ticket, work.helpdesk.identity)
    said = PlannedWrite(write=Note(html=render_note(NoteContent(marker=mark, refused=tuple(words))), marker=mark))
    made = work.helpdesk.to_requests(replace(plan, writes=(said,)), work.base)
    new = renumbered(made, {0: len(plan.writes)}, 1 + max(each.number for each in requests_of(work)))
    longer = replace(plan, writes=(*plan.writes, said))
    with recording(work) as connection:
        runs.keep_plan(connection, work.run.id, plan=dumps(longer))
        runs.add_requests(connection, work.run.id, new)
    work.run = replace(work.run, plan=longer)
    return True


def _claimed_and_lost(work: Work) -> list[str]:
    """In words; none where the note itself was left out, or a correction is in the plan."""
    plan, content = work.run.plan, content_of(work.run.plan)
    notes = {place for place, each in enumerate(plan.writes) if isinstance(each.write, Note)}
    if content is None or len(notes) != 1 or not work.is_live:
        return []
    sent = [each for each in requests_of(work) if each.state == "confirmed" and notes & {*each.request.writes}]
    lost = [Refused(place=place) for each in sent if not notes & {*each.not_applied} for place in each.not_applied]
    return [f"{said(plan, part)}: {NOT_APPLIED}" for part in lost if _is_told(work, plan.writes[part.place])]


def _replaced(arguments: Mapping[str, Json], old: str, new: str) -> dict[str, Json]:
    """Every adapter puts the note's HTML word for word into its request, with its own lines around it."""

    def changed(value: Json) -> Json:
        match value:
            case str():
                return value.replace(old, new)
            case dict():
                return {name: changed(inside) for name, inside in value.items()}
            case list() | tuple():
                return [changed(inside) for inside in value]
            case _:
                return value

    return {name: changed(value) for name, value in arguments.items()}


def _yielded(work: Work) -> list[Yielded]:
    return [*(from_json_whole(Yielded, each) for each in work.run.yielded), *work.yielded]


def _claims(work: Work, sent: StoredRequest, yielded: Sequence[Yielded]) -> Claims:
    fields = [each for each in yielded if each.field not in _NO_FIELDS]
    return Claims(done=_done(work, sent, fields), yielded=tuple(fields), refused=tuple(_refused(work)))


def _done(work: Work, sent: StoredRequest, yielded: Sequence[Yielded]) -> tuple[Write, ...]:
    """Writes of which every request was confirmed, or is the one that is about to leave."""
    landed, missing = set[int](), set[int]()
    for each in requests_of(work):
        if each.number == sent.number or each.state == "confirmed":
            lacks = {*each.not_applied}
        else:  # where only one tag of several was refused, `without_refused` knows
            lacks = {*each.request.writes} - {part.place for part in each.refused if part.tag}
        if each.state != "replaced":
            landed |= {*each.request.writes} - lacks
            missing |= lacks
    given_up = {each.field for each in yielded}
    told = [place for place in sorted(landed - missing) if _is_told(work, work.run.plan.writes[place])]
    left = (_without(write, given_up) for _, write in without_refused(work, told))
    return tuple(write for write in left if write is not None)


def _is_told(work: Work, planned: PlannedWrite) -> bool:
    """What a rule changed in the ticket's fields, and the ticket shows: what is said tells of itself, a person knows what they
    asked for, and what becomes a request to people in the note was not done."""
    is_asked = any(rule.startswith(BY_A_PERSON) for rule in planned.rules)
    return not isinstance(planned.write, _WORDS) and not is_asked and is_shown(work.helpdesk.adapter, planned.write)


def _without(write: Write, given_up: Collection[str]) -> Write | None:
    """The write without the tags that were given up; None where nothing is left of it."""
    match write:
        case AddTags(tags=tags) | RemoveTags(tags=tags):
            left = frozenset(tag for tag in tags if f"tag:{tag}" not in given_up)
            return replace(write, tags=left) if left else None
        case _:
            return write


def _refused(work: Work) -> Iterator[str]:
    """In the order of the requests. A tag that one request of several is about is told by itself."""
    plan = work.run.plan
    for each in requests_of(work):
        if each.request.operation == REFUSE:
            yield str(each.request.arguments["reason"])
            continue
        parts = list(each.refused)
        if each.state == "failed":
            parts += [Refused(place=place) for place in each.request.writes if place not in {part.place for part in parts}]
        parts += [Refused(place=place) for place in each.not_applied]
        why = NOT_APPLIED if each.not_applied else each.reason
        told = [part for part in parts if _is_told(work, plan.writes[part.place])]
        yield from (
            f"{said(plan, part)}: {why if part.is_named else f'{why}; which of them it means is not said'}" for part in told
        )

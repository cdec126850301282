"""What a helpdesk refuses: which writes of a request to leave out of the next try, and what to remember of it for an hour.

A refusal (4xx) proves that nothing of its request landed. What the answer names is left out, one after the other until there is
nothing more to name: each further try carries less. Where it names nothing that we know, the half that is likelier to be refused,
and then everything but what is said: a note is worth more than a field.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.codec import to_json
from adapters.ticket import Json
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Merge,
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    Reply,
    Result,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    SuppressSurvey,
    Write,
)
from bot.store import runs
from bot.store.refused_writes import RefusedWrite
from bot.store.runs import Refused, StoredRequest, StoredRun
from bot.writes.after_writes import not_applied
from bot.writes.planner import field_of, in_words, left_of
from bot.writes.work import Work, requests_of
from rules.model.canonical_json import digest

MAX_UNNAMED = 2  # new requests after refusals that name nothing, for what one request carried
REMEMBERED = timedelta(hours=1)
NOT_APPLIED = "the helpdesk said yes and did not change it"
_SAID = (Note, Reply, ProposeMacro, Merge)
# What vendors refuse, likeliest first: values that must fit others, then what is refused hardly ever.
_LIKELY = (
    SetField, SetAssignee, AddFollower, RemoveFollower, Link, SetTeam, SetStatus, SuppressSurvey, SetPriority,
    RemoveTags, AddTags,
)  # fmt: skip


def to_leave_out(work: Work, stored: StoredRequest, outcome: Outcome) -> tuple[Refused, ...]:
    """What a next try is to go without; () where there is none: after a lost answer, with nothing left, or where neither the
    answer nor the halves tell."""
    if not outcome.is_about_values or _was_lost(work, stored):
        return ()
    left_out = named_in(work, stored, outcome) or _suspects(work, stored)
    whole = {each.place for each in left_out if not each.tag}
    return (
        left_out if any(_is_worth_sending(work, place, left_out) for place in stored.request.writes if place not in whole) else ()
    )


def is_doubtful(work: Work, stored: StoredRequest, outcome: Outcome) -> bool:
    """A note that could be sent with less, if an earlier try of it might not land yet: a person decides."""
    return outcome.is_about_values and bool(stored.request.marker) and _was_lost(work, stored)


def _is_worth_sending(work: Work, place: int, left_out: Sequence[Refused]) -> bool:
    """Something is left of this write; a proposed macro is shown by the note and is nothing by itself."""
    write = left_of(work.run.plan.writes[place].write, [each for each in left_out if each.place == place])
    return write is not None and not isinstance(write, ProposeMacro)


def named_in(work: Work, stored: StoredRequest, outcome: Outcome) -> tuple[Refused, ...]:
    """The writes that the answer names, or the only field that there was. What this request went without already is no news: an
    answer that names nothing else names nothing."""
    if outcome.refused:
        gone = {(part.place, part.tag.casefold()) for each in _earlier(work, stored) for part in each.refused}
        named = [
            Refused(place=each.place, tag=each.tag if _has_tag(work, each.place, each.tag) else "") for each in outcome.refused
        ]
        return tuple(each for each in named if (each.place, each.tag.casefold()) not in gone)
    fields = _fields(work, stored)
    return (Refused(place=fields[0]),) if len(stored.request.writes) == len(fields) == 1 else ()


def _has_tag(work: Work, place: int, tag: str) -> bool:
    write = work.run.plan.writes[place].write
    return isinstance(write, AddTags | RemoveTags) and tag.casefold() in {each.casefold() for each in write.tags}


def _suspects(work: Work, stored: StoredRequest) -> tuple[Refused, ...]:
    tries = sum(not part.is_named for each in _earlier(work, stored) for part in each.refused[:1])
    if tries >= MAX_UNNAMED:
        return ()
    likely = sorted(_fields(work, stored), key=lambda place: _LIKELY.index(type(work.run.plan.writes[place].write)))
    half = likely if tries and len(likely) < len(stored.request.writes) else likely[: (len(likely) + 1) // 2]
    return tuple(Refused(place=place, is_named=False) for place in sorted(half))


def _fields(work: Work, stored: StoredRequest) -> list[int]:
    return [place for place in stored.request.writes if not isinstance(work.run.plan.writes[place].write, _SAID)]


def _earlier(work: Work, stored: StoredRequest) -> list[StoredRequest]:
    """Requests that were refused before, and carried what this one carries."""
    return [each for each in _before(work, stored) if each.refused]


def _was_lost(work: Work, stored: StoredRequest) -> bool:
    """An earlier try may land yet: nobody knows what a next one would come on top of."""
    return any(each.attempts > 0 and each.reason != runs.CONFLICT and not each.refused for each in _before(work, stored))


def _before(work: Work, stored: StoredRequest) -> Iterator[StoredRequest]:
    carried = {*stored.request.writes}
    for each in requests_of(work):
        if each.state == "replaced" and each.number != stored.number and carried & {*each.request.writes}:
            yield each


# remembering


def to_remember(work: Work, refused: Sequence[Refused], outcome: Outcome) -> Iterator[RefusedWrite]:
    """What the next tickets of the account need not send: fields that were certainly refused, by the helpdesk itself."""
    now = work.parts.clock()
    any_value = {each.place for each in outcome.refused if each.is_for_any_value}
    for each in refused if outcome.is_about_values and outcome.was_asked else ():
        planned = work.run.plan.writes[each.place]
        if each.is_named and not isinstance(planned.write, _SAID):
            write = _only(planned.write, each.tag)
            field, value = _named(write)
            yield RefusedWrite(
                key=work.run.key,
                field=field,
                value_hash="" if each.place in any_value else _hash(value),
                words=_words(write),
                why=outcome.reason,
                refused_at=now,
            )


def to_remember_of_dropped(work: Work, places: Sequence[int]) -> Iterator[RefusedWrite]:
    """The fields of the account's own that the helpdesk left out without a word: it knows no such field or no such choice. What
    everybody may set (a priority, a tag) somebody or a trigger may have changed at once: it is asked for again."""
    own = [Refused(place=place) for place in places if isinstance(work.run.plan.writes[place].write, SetField)]
    return to_remember(work, own, Outcome(result=Result.REJECTED, reason=NOT_APPLIED, is_about_values=True))


def proven_by(work: Work, confirmed: StoredRequest) -> Iterator[tuple[Refused, str]]:
    """A refusal that named nothing, with its reason, where a request without one single write was then taken: that was it. Of
    earlier ones nobody knows: the request was refused without what they made us leave out as well."""
    last = max(_earlier(work, confirmed), key=lambda each: each.number, default=None)
    if last is not None and len(last.refused) == 1 and not last.refused[0].is_named:
        yield replace(last.refused[0], is_named=True), last.reason


def without_known(writes: Sequence[PlannedWrite], known: Sequence[RefusedWrite]) -> tuple[list[PlannedWrite], list[str]]:
    """A plan's writes without those that the helpdesk has refused a while ago, and what is to be told of them."""
    by_name = {(each.field, each.value_hash): each for each in known}
    left: list[PlannedWrite] = []
    told: list[str] = []
    for planned in writes:
        write: Write | None = planned.write
        if isinstance(write, AddTags | RemoveTags):
            gone = [tag for tag in sorted(write.tags) if _known(_only(write, tag), by_name)]
            told += [_told(_only(write, tag), by_name) for tag in gone]
            write = left_of(write, [Refused(place=0, tag=tag) for tag in gone])
        if write is not None and _known(write, by_name):
            told.append(_told(write, by_name))
        elif write is not None:
            left.append(replace(planned, write=write))
    return left, told


def _known(write: Write, by_name: dict[tuple[str, str], RefusedWrite]) -> RefusedWrite | None:
    if isinstance(write, _SAID):
        return None
    field, value = _named(write)
    return by_name.get((field, "")) or by_name.get((field, _hash(value)))


def _told(write: Write, by_name: dict[tuple[str, str], RefusedWrite]) -> str:
    found = _known(write, by_name)
    return f"{in_words(write)}: {refused_lately(found.why, found.refused_at)}" if found else ""


def refused_lately(why: str, at: datetime) -> str:
    return f"refused at {at:%H:%M} UTC ({why}), not asked again before {at + REMEMBERED:%H:%M}"


def _named(write: Write) -> tuple[str, Json]:
    """The field that a write is about, and its value."""
    match write:
        case AddTags(tags=tags) | RemoveTags(tags=tags):
            return write.kind, [*sorted(tag.casefold() for tag in tags)]
        case SetField(slug=slug):
            return f"{write.kind} {slug}"[:120], field_of(write)[1]
        case AddFollower(email=email) | RemoveFollower(email=email):
            return write.kind, email.casefold()
        case Link(to=to):
            return write.kind, to
        case SetPriority() | SetStatus() | SetTeam() | SetAssignee():
            return write.kind, field_of(write)[1]
        case _:
            return write.kind, None


def _hash(value: Json) -> str:
    return digest(to_json(value))[:32]


def _words(write: Write) -> str:
    """In words for whoever runs Deskhand. What is in a field, and whom to take in copy, may come from the ticket."""
    match write:
        case SetField(slug=slug):
            return slug
        case AddFollower() | RemoveFollower():
            return "a person in copy"
        case Link():
            return "a link"
        case _:
            return in_words(write)


# telling


def told(plan: Plan, requests: Collection[StoredRequest]) -> list[str]:
    """What was refused, with the reason, in words."""
    found = [(part, each.reason) for each in requests for part in each.refused]
    return [f"refused: {said(plan, part)} ({why}{'' if part.is_named else '; which of them is not said'})" for part, why in found]


def shortcomings(run: StoredRun, requests: Collection[StoredRequest]) -> list[str]:
    """What the run did not bring about, and why, in words."""
    failed = [f"{each.request.operation}: {each.reason}" for each in requests if each.state in ("failed", "waiting")]
    found = [run.reason, *failed, *told(run.plan, requests), *not_applied(run.plan, [*requests])]
    return [each for each in found if each]


def said(plan: Plan, part: Refused) -> str:
    """A part of the plan in words."""
    return in_words(_only(plan.writes[part.place].write, part.tag))


def _only(write: Write, tag: str) -> Write:
    return replace(write, tags=frozenset({tag})) if tag and isinstance(write, AddTags | RemoveTags) else write

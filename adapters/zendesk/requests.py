"""What we want of a ticket, as Zendesk requests: one conditional PUT for everything that one can carry.

A comment is public or private, so a reply and a note are two requests; a merge is its own. Writes that cannot be sent (a team
that does not exist) become requests that are refused without a call, so that the rest of the plan still happens.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import requests
from zenpy.lib.api_objects import Comment
from zenpy.lib.api_objects import Ticket as ZenpyTicket

from adapters.errors import OutcomeUnknown, PayloadUnexpected, TicketGone, Unsupported, WriteRejected
from adapters.raw import Raw, read_json
from adapters.ticket import Json, Ticket, TicketKey
from adapters.writes import REFUSE, Merge, Note, Outcome, Plan, ProposeMacro, Reply, Request, Result
from adapters.zendesk.api import ZendeskApi
from adapters.zendesk.poll import me
from adapters.zendesk.refusals import refused_writes
from adapters.zendesk.thread import comment_pages, is_newest_first
from adapters.zendesk.update import Update

UPDATE = "update_ticket"
MERGE = "merge_ticket"
_NOTHING = Raw({})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def to_requests(plan: Plan, ticket: Ticket, api: ZendeskApi) -> list[Request]:
    """Fields and the first comment in one update; further comments after it, merges last. A reply comes before the note, which
    says what became of it."""
    first, refused = Update(ticket), {}
    comments = [place for place, each in enumerate(plan.writes) if isinstance(each.write, Note | Reply)]
    comments.sort(key=lambda place: isinstance(plan.writes[place].write, Note))
    for place, planned in enumerate(plan.writes):
        if isinstance(planned.write, Merge | ProposeMacro) or place in comments[1:]:
            continue
        try:
            first.carry(place, planned.write, api)
        except (WriteRejected, Unsupported) as error:
            refused[place] = str(error)
    updates = [first] if first.writes else []
    updates += [_comment_alone(ticket, place, plan, api) for place in comments[1:]]
    _propose_macros(plan, updates, refused)
    made = [_update_request(each, plan) for each in updates] + _merges(plan)
    made += [_refusal(plan, place, reason) for place, reason in refused.items()]
    return [replace(request, number=number) for number, request in enumerate(made)]


def _comment_alone(ticket: Ticket, place: int, plan: Plan, api: ZendeskApi) -> Update:
    update = Update(ticket)
    update.carry(place, plan.writes[place].write, api)
    return update


def _propose_macros(plan: Plan, updates: list[Update], refused: dict[int, str]) -> None:
    """The note shows the macro; the request that carries the note carries the proposal."""
    note = next((each for each in updates if each.marker), None)
    for place, planned in enumerate(plan.writes):
        if not isinstance(planned.write, ProposeMacro):
            continue
        if note is None:
            refused[place] = "a macro is proposed in the plan's note, and this plan has none"
        else:
            note.writes.append(place)


def _update_request(update: Update, plan: Plan) -> Request:
    return Request(
        ticket=plan.ticket,
        number=0,
        operation=UPDATE,
        arguments={
            "ticket": update.body(plan.run_id),
            "expect": [*update.expect],
            "carries": {name: [*places] for name, places in update.carries.items()},
        },
        writes=tuple(sorted(update.writes)),
        is_repeatable=not update.has_comment,
        is_conditional=bool(update.ticket.version),
        is_public=update.is_public,
        marker=update.marker,
    )


def _merges(plan: Plan) -> list[Request]:
    """https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#merge-tickets-into-target-ticket"""
    return [
        Request(ticket=plan.ticket, number=0, operation=MERGE, arguments={"into": planned.write.into}, writes=(place,))
        for place, planned in enumerate(plan.writes)
        if isinstance(planned.write, Merge)
    ]


def _refusal(plan: Plan, place: int, reason: str) -> Request:
    return Request(
        ticket=plan.ticket, number=0, operation=REFUSE, arguments={"reason": reason}, writes=(place,), is_repeatable=True
    )


def send(request: Request, api: ZendeskApi) -> Outcome:
    """Carry one request out and read from its answer what became of it.

    Raises RateLimited, AccessDenied, TicketGone, HelpdeskDown (certainly not sent).
    """
    if not request.ticket.external_id.isdecimal():
        raise TicketGone
    try:
        if request.operation == UPDATE:
            return _send_update(request, api)
        if request.operation == MERGE:
            return _send_merge(request, api)
    except OutcomeUnknown as error:
        return Outcome(result=Result.UNKNOWN, reason=str(error))
    return Outcome(result=Result.REJECTED, reason=str(request.arguments.get("reason", "no such operation")))


def _send_update(request: Request, api: ZendeskApi) -> Outcome:
    arguments = Raw(dict(request.arguments), "$.arguments")
    fields = {name: place.value for name, place in arguments["ticket"].fields()}
    outcome = _put(request, fields, arguments["expect"], api)
    comment = fields.get("comment")
    if not isinstance(comment, dict) or "author_id" not in comment:
        return outcome
    as_us = {name: value for name, value in comment.items() if name != "author_id"}
    if outcome.result is Result.REJECTED and outcome.reason != "closed":
        # Nothing landed. It may be that our user may not write in this agent's name: then it goes out in its own.
        return _put(request, {**fields, "comment": as_us}, arguments["expect"], api)
    said = {each["write"].whole() for each in arguments["expect"].items() if each["field"].value == "comment"}
    if outcome.result is Result.CONFIRMED and said & {*outcome.not_applied}:
        return _said_again(request, {**fields, "comment": as_us}, arguments["expect"], outcome, api)
    return outcome


def _put(request: Request, fields: Mapping[str, Any], expect: Raw, api: ZendeskApi) -> Outcome:
    key, stamp = request.ticket.external_id, str(fields.get("updated_stamp", ""))
    if stamp:
        fields = {**fields, "updated_stamp": api.chain.stamp_for(key, stamp, request.number)}
    wanted = _zenpy_ticket(request.ticket, fields)
    answer = api.write(lambda: api.client.tickets.update(wanted))
    outcome = _judged(answer, lambda said: _updated(expect, said), Raw(dict(request.arguments), "$.arguments")["carries"])
    if outcome.version:
        api.chain.confirm(key, stamp, request.number, outcome.version)
    return outcome


def _said_again(request: Request, fields: Mapping[str, Any], expect: Raw, first: Outcome, api: ZendeskApi) -> Outcome:
    """The comment of an agent who may write no public ones came out private, where the customer does not see it: it is said as
    our own user, on the version that the first update left."""
    kept = {name: fields[name] for name in ("comment", "metadata", "safe_update") if name in fields}
    stamp = {"updated_stamp": first.version} if "safe_update" in kept else {}
    comments = Raw([each.value for each in expect.items() if each["field"].value == "comment"], "$.arguments.expect")
    again = _put(request, {**kept, **stamp}, comments, api)
    if again.result is not Result.CONFIRMED:
        return again if again.result is Result.UNKNOWN else first
    said = {each["write"].whole() for each in comments.items()}
    lost = {*first.not_applied} - said | {*again.not_applied}
    return replace(again, not_applied=tuple(sorted(lost)))


def _zenpy_ticket(key: TicketKey, fields: Mapping[str, Any]) -> ZenpyTicket:
    """Attributes are set one by one: zenpy leaves out a None that is given to the constructor, and None clears a field."""
    ticket = ZenpyTicket(id=int(key.external_id))
    for name, value in fields.items():
        setattr(ticket, name, Comment(**value) if name == "comment" else value)
    return ticket


def _send_merge(request: Request, api: ZendeskApi) -> Outcome:
    into, source = str(request.arguments["into"]), request.ticket.external_id
    if not into.isdecimal():
        return Outcome(result=Result.REJECTED, reason="a Zendesk ticket can only be merged into the number of another")
    return _judged(api.write(lambda: api.client.tickets.merge(int(into), int(source))), _merged)


def _judged(answer: requests.Response, confirmed: Callable[[Raw], Outcome], carries: Raw = _NOTHING) -> Outcome:
    """What an answer's status means; `carries`: as `Update` has it. Reasons are words of Zendesk's own, never its sentences:
    those may quote the ticket.

    https://developer.zendesk.com/api-reference/introduction/requests/#response-format
    """
    status = answer.status_code
    try:
        said = read_json(answer.content)
        if status < 300:
            return confirmed(said)
    except PayloadUnexpected as error:
        if status < 300:
            raise OutcomeUnknown(f"the answer to a write has another shape: {error}") from None
        said = Raw({})
    if status == 409 or _error_word(said) == "UpdateConflict":
        return Outcome(result=Result.CONFLICT)
    if status in (404, 410):
        raise TicketGone
    if status == 403:
        return Outcome(result=Result.REJECTED, reason="forbidden")
    if status == 422 and _says_closed(said):
        return Outcome(result=Result.REJECTED, reason="closed")
    named = [_error_word(said), *sorted(name for name, _ in _details(said))]
    reason = " ".join(each for each in (str(status), *named) if each)
    is_about_values = status in (400, 422)
    try:
        refused = refused_writes(said, carries) if is_about_values else ()
    except PayloadUnexpected:
        refused = ()
    return Outcome(result=Result.REJECTED, reason=reason, refused=refused, is_about_values=is_about_values)


def _error_word(said: Raw) -> str:
    """`error` is a word, or an object with a title."""
    value = said["error"].value if isinstance(said["error"].value, str) else said["error"]["title"].value
    return value if isinstance(value, str) and value.replace(" ", "").isalnum() and len(value) <= 60 else ""


def _details(said: Raw) -> list[tuple[str, Raw]]:
    return list(said["details"].fields()) if isinstance(said["details"].value, dict) else []


def _says_closed(said: Raw) -> bool:
    """A closed ticket refuses every write, naming its status."""
    texts = [each["description"].value for _, rows in _details(said) if isinstance(rows.value, list) for each in rows.items()]
    return any(isinstance(text, str) and "closed" in text.lower() for text in texts)


def _updated(expect: Raw, answer: Raw) -> Outcome:
    ticket, audit = answer["ticket"].object(), answer["audit"]
    comments = [event for event in audit["events"].items() if event["type"].value == "Comment"] if audit.is_there else None
    lost = {each["write"].whole() for each in expect.items() if not _is_there(each, ticket, comments)}
    made = comments[0]["id"] if comments else audit["id"]
    return Outcome(
        result=Result.CONFIRMED,
        external_id=made.text(default=""),
        not_applied=tuple(sorted(lost)),
        version=ticket["updated_at"].text(default=""),
    )


def _is_there(expected: Raw, ticket: Raw, comments: list[Raw] | None) -> bool:
    """Whether the answer shows one write. Zendesk drops what it does not take without a word."""
    name = expected["field"].text()
    if name == "comment":
        return comments is None or any(each["public"].value is expected["public"].value for each in comments)
    if name == "tags":
        tags = {tag.text().casefold() for tag in ticket["tags"].items()}
        return {each.text() for each in expected["has"].items()} <= tags and not tags & {
            each.text() for each in expected["lacks"].items()
        }
    if name == "custom_fields":
        rows = {row["id"].text(default=""): row["value"].value for row in ticket["custom_fields"].items()}
        return _is_same(rows.get(expected["id"].text()), expected["wanted"].value)
    return _is_same(ticket[name].value if name in ticket else None, expected["wanted"].value)


def _is_same(found: Json, wanted: Json) -> bool:
    """Equal as Zendesk writes it: numbers may come back as text, "" is null, choices in any order."""
    if isinstance(found, list) and isinstance(wanted, list):
        return sorted(map(str, found)) == sorted(map(str, wanted))
    if isinstance(found, bool) or isinstance(wanted, bool):
        return (found or False) == wanted
    if isinstance(wanted, int | float):
        return _number(found) == float(wanted)
    return (found or "") == (wanted or "") or (
        isinstance(found, str) and isinstance(wanted, str) and found[:10] == wanted[:10] != ""
    )


def _number(value: Json) -> float | None:
    try:
        return float(str(value))
    except ValueError:
        return None


def _merged(answer: Raw) -> Outcome:
    """A merge is a job; one that has failed at once changed nothing."""
    job = answer["job_status"].object()
    if job["status"].text() in ("failed", "killed"):
        return Outcome(result=Result.REJECTED, reason="the merge job failed")
    return Outcome(result=Result.CONFIRMED, external_id=job["id"].text(default=""))


def find_marker(key: TicketKey, marker: str, api: ZendeskApi) -> str | None:
    """The id of our own private comment that holds `marker`, newest first; None if there is none."""
    ours = me(api).external_id
    seen: list[Raw] = []
    for _page, rows in comment_pages(key.external_id, api):
        for comment in rows.items():
            seen.append(comment)
            if comment["public"].value is False and comment["author_id"].text(default="") == ours and _holds(comment, marker):
                return comment["id"].text()
        if len(seen) >= api.account.max_messages and is_newest_first(seen):
            break
    return None


def _holds(comment: Raw, marker: str) -> bool:
    return marker != "" and any(marker in comment[name].text(default="") for name in ("html_body", "body", "plain_body"))

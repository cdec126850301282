"""One request, one call; what the answer proves becomes the Outcome.

Most writes answer with the whole conversation, so each is verified without a further read. The exception to one call:
a tag that the workspace does not have yet is created first, which may be repeated like the tag itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from intercom import AdminReplyConversationRequest, AdminReplyTicketRequest, CreateOrUpdateTagRequest, Intercom
from intercom.conversations import (
    ConversationsManageRequestBody_Assignment,
    ConversationsManageRequestBody_Close,
    ConversationsManageRequestBody_Open,
    ConversationsManageRequestBody_Snoozed,
)

from adapters.errors import OutcomeUnknown, PayloadUnexpected, TicketGone
from adapters.html_text import to_text
from adapters.intercom import people
from adapters.intercom.api import IntercomApi, Refused, explained
from adapters.intercom.hydrate import fetch, parts_of
from adapters.raw import Raw
from adapters.ticket import Json, TicketKey, TicketKind
from adapters.writes import Outcome, Refusal, Request, Result

_MANAGED = {"close": "closed", "open": "open", "snoozed": "snoozed"}  # what we ask for -> the state in the answer


class _NoSuch(Exception):
    """A team, teammate or state of this name does not exist. `place`: of the write that asks for it, None where the call is for
    nothing else."""

    def __init__(self, message: str, place: Raw) -> None:
        super().__init__(message)
        self.place = place.whole() if place.is_there else None


def send(request: Request, api: IntercomApi) -> Outcome:
    """Carry out one request. Raises RateLimited, AccessDenied, TicketGone, HelpdeskDown (nothing was sent)."""
    try:
        return _SENDERS[request.operation](request, Raw(dict(request.arguments), "$.arguments"), api)
    except (OutcomeUnknown, PayloadUnexpected) as error:
        return Outcome(result=Result.UNKNOWN, reason=str(error))
    except _NoSuch as missing:
        whose = () if missing.place is None else (Refusal(place=missing.place),)
        return Outcome(result=Result.REJECTED, reason=str(missing), refused=whose, is_about_values=True, was_asked=False)
    except Refused as refused:
        if refused.status == 409:
            return Outcome(result=Result.CONFLICT, reason=f"{refused.status} {refused.code}")
        if refused.status in (404, 410):
            if not (_names_somebody(request) and _is_there(request.ticket, api)):
                raise TicketGone("gone") from None
            refused.words = "assignee"
            reason = f"{refused.status}: whom it names is not there any more"
        else:
            reason = f"{refused.status} {refused.code}"
        named = _refused_writes(request, refused.words)
        is_about_values = refused.status in (400, 404, 422)
        return Outcome(result=Result.REJECTED, reason=reason, refused=named, is_about_values=is_about_values)


def _names_somebody(request: Request) -> bool:
    """It names a team or a person as well as the ticket: a 404 may mean either."""
    return request.operation in ("assign", "add_participant") or bool(request.arguments.get("to"))


def _refused_writes(request: Request, words: str) -> tuple[Refusal, ...]:
    """The writes that a refusal names: of a call for one tag that one; of several attributes in one call those whose names, which
    are our configuration's, stand in the answer."""
    arguments = Raw(dict(request.arguments), "$.arguments")
    if request.operation in ("attach_tag", "detach_tag"):
        return tuple(Refusal(place=place, tag=arguments["tag"].text(default="")) for place in request.writes)
    attributes = dict(arguments["positions"].fields())
    named = [place for name, place in attributes.items() if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)]
    for word, name in (("priority", "priority_position"), ("assignee", "assign_position"), ("ticket_state", "state_position")):
        named += [arguments[name]] if word in words and arguments[name].is_there else []
    return tuple(Refusal(place=place) for place in sorted({each.whole() for each in named}))


_REFUSES_A_NAME = frozenset({400, 403, 404, 422})  # a teammate who is not there any more is a 404, like a conversation


def _is_there(key: TicketKey, api: IntercomApi) -> bool:
    try:
        with explained():
            fetch(key, api)
    except TicketGone:
        return False
    return True


def find_marker(key: TicketKey, marker: str, api: IntercomApi) -> str | None:
    """The id of our private note that holds `marker`. Notes by others, and public messages, prove nothing."""
    with explained():
        return _note_with(fetch(key, api), marker, people.me(api).external_id)


def _attach_tag(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    name = arguments["tag"].text()
    tag_id, is_fresh = _tag_id(name, api)
    try:
        answer = api.write(lambda client: _tag(client, request.ticket, tag_id, _our_id(api)))
    except Refused as refused:
        if refused.status != 404 or is_fresh:
            raise
        # The tag may have been deleted since we learnt its id: that is no reason to call the ticket gone.
        tag_id = _create_tag(name, api)
        answer = api.write(lambda client: _tag(client, request.ticket, tag_id, _our_id(api)))
    return _confirmed(request, answer["id"].text() == tag_id)


def _detach_tag(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    tag_id = arguments["tag_id"].text(default="") or _tag_id(arguments["tag"].text(), api)[0]
    ours, key = _our_id(api), request.ticket

    def call(client: Intercom) -> Any:
        if key.kind is TicketKind.TICKET:
            return client.tags.untag_ticket(key.external_id, tag_id, admin_id=ours)
        return client.tags.untag_conversation(key.external_id, tag_id, admin_id=ours)

    try:
        api.write(call)
    except Refused as refused:
        if refused.status != 404:
            raise
        # Not there any more: what was wanted. A ticket that is gone shows at the next request, or at the next read.
    return _confirmed(request)


def _update(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    """Priority and custom attributes in one call. python-intercom has no `priority` argument (5.0.1)."""
    body: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if values := dict(arguments["attributes"].fields()):
        body["custom_attributes"] = {name: value.value for name, value in values.items()}
    if arguments["priority"].is_there:
        body |= {"priority": arguments["priority"].text(), "admin_id": _our_id(api)}
        headers["Intercom-Version"] = "Preview"  # the only one that writes it
    answer = api.write(
        lambda client: client.conversations.update(
            request.ticket.external_id,
            request_options={"additional_body_parameters": body, "additional_headers": headers},
        )
    )
    missed = _differing(arguments, answer["custom_attributes"])
    if arguments["priority"].is_there and answer["priority"].value != arguments["priority"].value:
        missed.add(arguments["priority_position"].whole())
    return _confirmed(request, missed=missed)


def _update_ticket(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    wanted: dict[str, Any] = {"admin_id": int(_our_id(api))}
    if values := dict(arguments["attributes"].fields()):
        wanted["ticket_attributes"] = {name: value.value for name, value in values.items()}
    if arguments["until"].is_there:
        wanted["snoozed_until"] = arguments["until"].whole()
    elif arguments["state"].is_there:
        wanted["ticket_state_id"] = _state_id(arguments, api)
        if arguments["state"].value != "resolved":
            wanted["open"] = True
    assignee = _assignee(arguments, api) if arguments["to"].is_there else ""
    if assignee:
        wanted["assignee_id"] = assignee
    answer = api.write(lambda client: client.tickets.update(request.ticket.external_id, **wanted))
    missed = _differing(arguments, answer["ticket_attributes"])
    if "ticket_state_id" in wanted and answer["ticket_state"]["category"].value != arguments["state"].value:
        missed.add(arguments["state_position"].whole())
    if assignee and not _is_assigned(arguments, assignee, answer):
        missed.add(arguments["assign_position"].whole())
    return _confirmed(request, missed=missed)


def _add_participant(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    answer = api.write(
        lambda client: client.conversations.attach_contact_as_admin(
            request.ticket.external_id,
            admin_id=_our_id(api),
            request_options={"additional_body_parameters": {"customer": {"email": arguments["email"].text()}}},
        )
    )
    return _confirmed(request, sum(1 for _ in answer["contacts"]["contacts"].items()) > 1)


def _assign(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    assignee = _assignee(arguments, api)
    body = ConversationsManageRequestBody_Assignment(type=arguments["to"].text(), admin_id=_our_id(api), assignee_id=assignee)
    answer = api.write(lambda client: client.conversations.manage(request.ticket.external_id, request=body))
    return _confirmed(request, _is_assigned(arguments, assignee, answer))


def _set_state(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    state, ours = arguments["state"].text(), _our_id(api)
    body: Any = ConversationsManageRequestBody_Open(admin_id=ours)
    if state == "close":
        body = ConversationsManageRequestBody_Close(admin_id=ours)
    elif state == "snoozed":
        body = ConversationsManageRequestBody_Snoozed(admin_id=ours, snoozed_until=arguments["until"].whole())
    answer = api.write(lambda client: client.conversations.manage(request.ticket.external_id, request=body))
    return _confirmed(request, answer["state"].value == _MANAGED[state])


def _add_note(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    """A note is confirmed by its marker in the answer, and by nothing less."""
    ours = _our_id(api)
    answer = _speak("note", request.ticket, arguments["html"].text(), ours, api)
    if answer["type"].value == "ticket_part":
        note_id = answer["id"].text() if request.marker in answer["body"].text(default="") else None
    else:
        note_id = _note_with(answer, request.marker, ours)
    if note_id is None:
        return Outcome(result=Result.UNKNOWN, reason="the answer does not show the note")
    return Outcome(result=Result.CONFIRMED, external_id=note_id)


def _reply(request: Request, arguments: Raw, api: IntercomApi) -> Outcome:
    """In the agent's name; where Intercom refuses that, which proves that nothing was said, as our own teammate."""
    ours, body = _our_id(api), arguments["html"].text()
    author = arguments["author"].text(default="") or ours
    try:
        answer = _speak("comment", request.ticket, body, author, api)
    except Refused as refused:
        if author == ours or refused.status not in _REFUSES_A_NAME:
            raise
        author = ours
        answer = _speak("comment", request.ticket, body, author, api)
    parts = [answer] if answer["type"].value == "ticket_part" else list(parts_of(answer).items())
    said = to_text(body).split()
    for part in reversed(parts):
        is_theirs = part["author"]["id"].text(default="") == author
        if part["part_type"].value == "comment" and is_theirs and to_text(part["body"].text(default="")).split() == said:
            return Outcome(result=Result.CONFIRMED, external_id=part["id"].text())
    return Outcome(result=Result.UNKNOWN, reason="the answer does not show the reply")


_SENDERS: Mapping[str, Callable[[Request, Raw, IntercomApi], Outcome]] = {
    "attach_tag": _attach_tag,
    "detach_tag": _detach_tag,
    "update": _update,
    "update_ticket": _update_ticket,
    "add_participant": _add_participant,
    "assign": _assign,
    "set_state": _set_state,
    "add_note": _add_note,
    "reply": _reply,
}


def _speak(kind: str, key: TicketKey, body: str, ours: str, api: IntercomApi) -> Raw:
    """Post a note or a public comment. Never repeated here: Intercom takes no idempotency key."""
    if key.kind is TicketKind.TICKET:
        to_ticket = AdminReplyTicketRequest(message_type=kind, body=body, admin_id=ours)
        return api.write(lambda client: client.tickets.reply(key.external_id, request=to_ticket))
    to_conversation = AdminReplyConversationRequest(message_type=kind, body=body, admin_id=ours)
    return api.write(lambda client: client.conversations.reply(key.external_id, request=to_conversation))


def _tag(client: Intercom, key: TicketKey, tag_id: str, ours: str) -> Any:
    if key.kind is TicketKind.TICKET:
        return client.tags.tag_ticket(key.external_id, tag_id=tag_id, admin_id=ours)
    return client.tags.tag_conversation(key.external_id, tag_id=tag_id, admin_id=ours)


def _our_id(api: IntercomApi) -> str:
    return people.me(api).external_id


def _tag_id(name: str, api: IntercomApi) -> tuple[str, bool]:
    """A tag's id by its folded name, and whether it was made just now."""
    listed = Raw(api.reference("tags", lambda: _tag_ids(api)))
    known = listed[name.casefold()].text(default="")
    return (known, False) if known else (_create_tag(name, api), True)


def _tag_ids(api: IntercomApi) -> Json:
    listed = api.read(lambda client: client.tags.list())
    return {each["name"].text().casefold(): each["id"].text() for each in listed["data"].items()}


def _create_tag(name: str, api: IntercomApi) -> str:
    """Makes the tag, or returns the one that has this name. Kept in the cached list."""
    created = api.write(lambda client: client.tags.create(request=CreateOrUpdateTagRequest(name=name)))
    tag_id = created["id"].text()
    known = api.reference("tags", lambda: _tag_ids(api))
    api.cache.put("tags", {**(known if isinstance(known, dict) else {}), name.casefold(): tag_id})
    return tag_id


def _assignee(arguments: Raw, api: IntercomApi) -> str:
    """The id of the named team or teammate; "0" takes the assignment off. Raises _NoSuch."""
    name = arguments["name"].text(default="")
    if not name:
        return "0"
    wanted, is_team = name.casefold(), arguments["to"].value == "team"
    if is_team:
        known = {each.external_id: [each.external_id, each.name] for each in people.teams(api)}
    else:
        known = {each.external_id: [each.external_id, each.email, each.name] for each in people.agents(api)}
    found = next((external_id for external_id, names in known.items() if wanted in map(str.casefold, names)), None)
    if found is None:
        raise _NoSuch(f"Intercom has no {'team' if is_team else 'teammate'} {name!r}", arguments["assign_position"])
    return found


def _is_assigned(arguments: Raw, assignee: str, answer: Raw) -> bool:
    place = answer["team_assignee_id" if arguments["to"].value == "team" else "admin_assignee_id"]
    return place.text(default="0") == assignee


def _state_id(arguments: Raw, api: IntercomApi) -> str:
    """The first state of the wanted category that this ticket type has. Raises _NoSuch."""
    category, ticket_type = arguments["state"].text(), arguments["ticket_type"].text(default="")
    listed = api.reference("ticket_states", lambda: _states(api))
    for state in Raw(listed)["data"].items():
        types = [each["id"].text() for each in state["ticket_types"]["data"].items()]
        if state["category"].value == category and state["archived"].value is not True and ticket_type in (*types, ""):
            return state["id"].text()
    raise _NoSuch(f"Intercom has no ticket state of the category {category} for this ticket type", arguments["state_position"])


def _states(api: IntercomApi) -> Json:
    value: Json = api.read(lambda client: client.ticket_states.list_ticket_states()).value
    return value


def _note_with(raw: Raw, marker: str, ours: str) -> str | None:
    for part in parts_of(raw).items():
        is_note = str(part["part_type"].value).startswith("note")
        is_ours = part["author"]["type"].value == "admin" and part["author"]["id"].text(default="") == ours
        if is_note and is_ours and marker and marker in part["body"].text(default=""):
            return part["id"].text()
    return None


def _differing(arguments: Raw, answer: Raw) -> set[int]:
    """Positions of the attributes that the answer shows with another value than was sent."""
    positions = arguments["positions"]
    return {
        positions[name].whole()
        for name, sent in arguments["attributes"].fields()
        if not _is_same(sent.value, answer[name].value if name in answer else None)
    }


def _is_same(sent: Any, found: Any) -> bool:
    return sent == found or (sent is not None and found is not None and str(sent).casefold() == str(found).casefold())


def _confirmed(request: Request, holds: bool = True, *, missed: set[int] | None = None) -> Outcome:
    if not holds:
        missed = set(request.writes)
    return Outcome(result=Result.CONFIRMED, not_applied=tuple(sorted(missed or ())))

"""Adapters with one mistake each, and the contract's check that must catch it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from adapters.errors import AccessDenied, PayloadUnexpected, RateLimited, SignatureInvalid, TicketGone
from adapters.helpdesk import Account, Adapter, Headers, PollPage, WebhookSecurity
from adapters.raw import Raw
from adapters.ticket import Event, EventType, Macro, MacroPreview, Ticket, TicketKey, Visibility
from adapters.writes import Note, Outcome, Plan, PlannedWrite, Reply, Request, Result, SetTeam
from tests.adapters import contract_door as door
from tests.adapters import contract_reading as reading
from tests.adapters import contract_writing as writing
from tests.adapters.ground import Ground

ALL = ("zendesk", "intercom", "freshdesk")


@dataclass(frozen=True, slots=True)
class Broken:
    """`breaks` makes the broken adapter of a good one; `providers`: where the mistake can be made."""

    name: str
    breaks: Callable[[Adapter], Adapter]
    caught_by: Callable[[Ground], None]
    providers: tuple[str, ...] = ALL


# At the door.


def verify_nothing(adapter: Adapter) -> Adapter:
    return replace(adapter, verify=lambda headers, body, security, now: None)


def verify_refuses_all(adapter: Adapter) -> Adapter:
    def verify(headers: Headers, body: bytes, security: WebhookSecurity, now: datetime) -> None:
        raise SignatureInvalid("mismatch")

    return replace(adapter, verify=verify)


def first_secret_only(adapter: Adapter) -> Adapter:
    def verify(headers: Headers, body: bytes, security: WebhookSecurity, now: datetime) -> None:
        adapter.verify(headers, body, replace(security, secrets=security.secrets[:1]), now)

    return replace(adapter, verify=verify)


def any_time_will_do(adapter: Adapter) -> Adapter:
    def verify(headers: Headers, body: bytes, security: WebhookSecurity, now: datetime) -> None:
        try:
            adapter.verify(headers, body, security, now)
        except SignatureInvalid as error:
            if error.reason != "stale":
                raise

    return replace(adapter, verify=verify)


def key_of_the_ticket_only(adapter: Adapter) -> Adapter:
    def parse(headers: Headers, body: bytes, account_name: str) -> list[Event]:
        return [replace(event, delivery_key=str(event.ticket)) for event in adapter.parse(headers, body, account_name)]

    return replace(adapter, parse=parse)


def key_by_counting(adapter: Adapter) -> Adapter:
    numbers = itertools.count()

    def parse(headers: Headers, body: bytes, account_name: str) -> list[Event]:
        return [replace(event, delivery_key=str(next(numbers))) for event in adapter.parse(headers, body, account_name)]

    return replace(adapter, parse=parse)


def unknown_events_dropped(adapter: Adapter) -> Adapter:
    def parse(headers: Headers, body: bytes, account_name: str) -> list[Event]:
        events = adapter.parse(headers, body, account_name)
        return [event for event in events if event.type not in (EventType.OTHER, EventType.TICKET_UPDATED)]

    return replace(adapter, parse=parse)


def wrong_payload_swallowed(adapter: Adapter) -> Adapter:
    def parse(headers: Headers, body: bytes, account_name: str) -> list[Event]:
        try:
            return adapter.parse(headers, body, account_name)
        except PayloadUnexpected:
            return []

    return replace(adapter, parse=parse)


# Reading.


def _hydrating(change: Callable[[Ticket], Ticket]) -> Callable[[Adapter], Adapter]:
    def breaks(adapter: Adapter) -> Adapter:
        return replace(adapter, hydrate=lambda key, api: change(adapter.hydrate(key, api)))

    return breaks


def _all_public(ticket: Ticket) -> Ticket:
    return replace(ticket, messages=tuple(replace(each, visibility=Visibility.PUBLIC) for each in ticket.messages))


company_forgotten = _hydrating(lambda ticket: replace(ticket, company=None))
notes_taken_for_public = _hydrating(_all_public)
first_page_only = _hydrating(lambda ticket: replace(ticket, messages=ticket.messages[:100]))
nothing_is_ours = _hydrating(
    lambda ticket: replace(ticket, messages=tuple(replace(each, is_ours=False) for each in ticket.messages))
)


def gone_is_empty(adapter: Adapter) -> Adapter:
    def hydrate(key: TicketKey, api: Any) -> Ticket:
        try:
            return adapter.hydrate(key, api)
        except TicketGone:
            return Ticket()

    return replace(adapter, hydrate=hydrate)


def id_put_into_the_path(adapter: Adapter) -> Adapter:
    """For clients whose `get` takes a path."""

    def hydrate(key: TicketKey, api: Any) -> Ticket:
        api.get(f"/tickets/{key.external_id}")
        return adapter.hydrate(key, api)

    return replace(adapter, hydrate=hydrate)


def wait_forgotten(adapter: Adapter) -> Adapter:
    def hydrate(key: TicketKey, api: Any) -> Ticket:
        try:
            return adapter.hydrate(key, api)
        except RateLimited:
            raise RateLimited(1.0) from None

    return replace(adapter, hydrate=hydrate)


def refusal_taken_for_gone(adapter: Adapter) -> Adapter:
    def hydrate(key: TicketKey, api: Any) -> Ticket:
        try:
            return adapter.hydrate(key, api)
        except AccessDenied:
            return Ticket()

    return replace(adapter, hydrate=hydrate)


def token_in_the_error(adapter: Adapter) -> Adapter:
    def send(request: Request, api: Any) -> Outcome:
        try:
            return adapter.send(request, api)
        except AccessDenied as error:
            raise AccessDenied(f"{error}: {dict(api.account.credentials)}") from None

    return replace(adapter, send=send)


# Writing.


def _planning(change: Callable[[Plan], Plan]) -> Callable[[Adapter], Adapter]:
    def breaks(adapter: Adapter) -> Adapter:
        return replace(adapter, to_requests=lambda plan, ticket, api: adapter.to_requests(change(plan), ticket, api))

    return breaks


def _each(change: Callable[[PlannedWrite], PlannedWrite]) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, writes=tuple(change(planned) for planned in plan.writes))


def _note_as_reply(planned: PlannedWrite) -> PlannedWrite:
    return replace(planned, write=Reply(text=planned.write.html)) if isinstance(planned.write, Note) else planned


def _reply_as_note(planned: PlannedWrite) -> PlannedWrite:
    return replace(planned, write=Note(html=planned.write.text, marker="")) if isinstance(planned.write, Reply) else planned


def _unmarked(planned: PlannedWrite) -> PlannedWrite:
    return replace(planned, write=Note(html="<p>a note</p>", marker="")) if isinstance(planned.write, Note) else planned


def _with_another_comma(planned: PlannedWrite) -> PlannedWrite:
    write = planned.write
    return replace(planned, write=replace(write, html=write.html.replace(",", "&#44;"))) if isinstance(write, Note) else planned


note_reworded = _planning(_each(_with_another_comma))
note_made_public = _planning(_each(_note_as_reply))
reply_made_private = _planning(_each(_reply_as_note))
marker_left_out = _planning(_each(_unmarked))
last_write_forgotten = _planning(lambda plan: replace(plan, writes=plan.writes[:-1]))
team_guessed = _planning(
    lambda plan: replace(plan, writes=tuple(each for each in plan.writes if not isinstance(each.write, SetTeam)))
)


def confirmed_without_sending(adapter: Adapter) -> Adapter:
    return replace(adapter, send=lambda request, api: Outcome(result=Result.CONFIRMED))


def sent_twice_when_unknown(adapter: Adapter) -> Adapter:
    def send(request: Request, api: Any) -> Outcome:
        outcome = adapter.send(request, api)
        return adapter.send(request, api) if outcome.result is Result.UNKNOWN else outcome

    return replace(adapter, send=send)


def unknown_taken_for_done(adapter: Adapter) -> Adapter:
    def send(request: Request, api: Any) -> Outcome:
        outcome = adapter.send(request, api)
        return replace(outcome, result=Result.CONFIRMED) if outcome.result is Result.UNKNOWN else outcome

    return replace(adapter, send=send)


def called_repeatable_with_a_note(adapter: Adapter) -> Adapter:
    def to_requests(plan: Plan, ticket: Ticket, api: Any) -> list[Request]:
        return [replace(request, is_repeatable=True) for request in adapter.to_requests(plan, ticket, api)]

    return replace(adapter, to_requests=to_requests)


def note_with_every_write(adapter: Adapter) -> Adapter:
    """Every sending leaves a note behind, so a repeat leaves a second one."""

    def send(request: Request, api: Any) -> Outcome:
        note = Plan(ticket=request.ticket, writes=(PlannedWrite(write=Note(html="<p>done</p>", marker="")),))
        for extra in adapter.to_requests(note, adapter.hydrate(request.ticket, api), api):
            adapter.send(extra, api)
        return adapter.send(request, api)

    return replace(adapter, send=send)


def old_reads_count(adapter: Adapter) -> Adapter:
    """A read counts as new for ever: the list of tags as it was read is put back without a look at what is there now."""

    def connect_api(account: Account, transport: Any, cache: Any) -> Any:
        return adapter.connect_api(replace(account, options={**account.options, "fresh_s": 1e9}), transport, cache)

    return replace(adapter, connect_api=connect_api)


def age_forgotten(adapter: Adapter) -> Adapter:
    """An old snapshot passes for a fresh one: the list as it was read is put back without a look at what is there now."""

    def to_requests(plan: Plan, ticket: Ticket, api: Any) -> list[Request]:
        return [_as_read_now(request) for request in adapter.to_requests(plan, ticket, api)]

    def _as_read_now(request: Request) -> Request:
        return replace(request, arguments={**request.arguments, "read_at": datetime.now(UTC).isoformat()})

    return replace(adapter, to_requests=to_requests)


def condition_left_out(adapter: Adapter) -> Adapter:
    """The whole tag list in a PUT that the vendor does not check against the version we read."""

    def to_requests(plan: Plan, ticket: Ticket, api: Any) -> list[Request]:
        return [_unconditional(request) for request in adapter.to_requests(plan, ticket, api)]

    def _unconditional(request: Request) -> Request:
        body = Raw(request.arguments.get("ticket"))
        fields = {name: place.value for name, place in body.fields() if name not in ("safe_update", "updated_stamp")}
        return replace(request, arguments={**request.arguments, "ticket": fields}, is_conditional=False)

    return replace(adapter, to_requests=to_requests)


def condition_claimed(adapter: Adapter) -> Adapter:
    def to_requests(plan: Plan, ticket: Ticket, api: Any) -> list[Request]:
        return [replace(request, is_conditional=True) for request in adapter.to_requests(plan, ticket, api)]

    return replace(adapter, to_requests=to_requests)


# Markers.


def marker_anywhere(adapter: Adapter) -> Adapter:
    def find_marker(key: TicketKey, marker: str, api: Any) -> str | None:
        found = (each for each in adapter.hydrate(key, api).messages if marker in each.body_html + each.body_text)
        return next((each.external_id for each in found), None)

    return replace(adapter, find_marker=find_marker)


def marker_never_found(adapter: Adapter) -> Adapter:
    return replace(adapter, find_marker=lambda key, marker, api: None)


def marker_among_the_first_only(adapter: Adapter) -> Adapter:
    def find_marker(key: TicketKey, marker: str, api: Any) -> str | None:
        first = adapter.hydrate(key, api).messages[:100]
        return next((each.external_id for each in first if each.is_ours and marker in each.body_html), None)

    return replace(adapter, find_marker=find_marker)


# Lists.


def a_row_left_out(adapter: Adapter) -> Adapter:
    return replace(adapter, capabilities={kind: row for kind, row in adapter.capabilities.items() if kind != "merge"})


def no_teams(adapter: Adapter) -> Adapter:
    return replace(adapter, teams=lambda api: [])


def preview_unrendered(adapter: Adapter) -> Adapter:
    def preview(macro: Macro, ticket: Ticket, api: Any) -> MacroPreview:
        return MacroPreview(macro=macro, text=macro.text)

    return replace(adapter, preview=preview)


def cursor_runs_ahead(adapter: Adapter) -> Adapter:
    def poll(cursor: str, now: datetime, api: Any) -> PollPage:
        page = adapter.poll(cursor, now, api)
        return replace(page, events=()) if cursor else page

    return replace(adapter, poll=poll)


SIGNED, UNSIGNED, PATHS = ("zendesk", "intercom"), ("freshdesk",), ("zendesk", "freshdesk")
BROKEN: tuple[Broken, ...] = (
    Broken("verify_refuses_all", verify_refuses_all, door.a_good_signature_passes),
    Broken("verify_nothing", verify_nothing, door.a_missing_signature_is_refused),
    Broken("verify_nothing", verify_nothing, door.an_altered_signature_is_refused),
    Broken("verify_nothing", verify_nothing, door.an_altered_body_is_refused_where_bodies_are_signed, SIGNED),
    Broken(
        "key_of_the_ticket_only",
        key_of_the_ticket_only,
        door.an_altered_body_is_refused_where_bodies_are_signed,
        ("freshdesk",),
    ),
    Broken("first_secret_only", first_secret_only, door.both_secrets_pass_while_one_is_changed),
    Broken("verify_nothing", verify_nothing, door.no_secret_lets_nobody_in),
    Broken("any_time_will_do", any_time_will_do, door.an_old_time_is_refused_where_a_time_is_signed, SIGNED),
    Broken("key_by_counting", key_by_counting, door.a_delivery_names_its_ticket_and_has_a_lasting_key),
    Broken("unknown_events_dropped", unknown_events_dropped, door.an_unknown_event_is_kept),
    Broken("wrong_payload_swallowed", wrong_payload_swallowed, door.a_wrong_payload_names_the_path),
    Broken("wrong_payload_swallowed", wrong_payload_swallowed, door.a_body_that_is_no_object_is_refused),
    Broken("company_forgotten", company_forgotten, reading.hydrate_brings_the_whole_ticket),
    Broken("notes_taken_for_public", notes_taken_for_public, reading.messages_say_who_sees_them),
    Broken("first_page_only", first_page_only, reading.a_thread_of_more_than_a_hundred_is_read_to_its_end),
    Broken("nothing_is_ours", nothing_is_ours, reading.what_we_wrote_is_known_as_ours),
    Broken("gone_is_empty", gone_is_empty, reading.a_ticket_that_is_not_there_is_gone),
    Broken("id_put_into_the_path", id_put_into_the_path, reading.an_id_never_becomes_another_path, PATHS),
    Broken("wait_forgotten", wait_forgotten, reading.a_rate_limit_tells_how_long_to_wait),
    Broken("refusal_taken_for_gone", refusal_taken_for_gone, reading.refused_credentials_hold_the_account),
    Broken("token_in_the_error", token_in_the_error, reading.no_secret_stands_in_an_error_or_a_repr),
    Broken("confirmed_without_sending", confirmed_without_sending, writing.fields_and_tags_come_back_as_they_were_written),
    Broken("last_write_forgotten", last_write_forgotten, writing.every_planned_write_is_carried_by_a_request),
    Broken("called_repeatable_with_a_note", called_repeatable_with_a_note, writing.every_planned_write_is_carried_by_a_request),
    Broken("note_with_every_write", note_with_every_write, writing.a_repeated_write_does_no_harm),
    Broken("condition_left_out", condition_left_out, writing.an_agents_tag_survives_our_write, ("zendesk",)),
    Broken("old_reads_count", old_reads_count, writing.an_agents_tag_survives_our_write, ("freshdesk",)),
    Broken("note_made_public", note_made_public, writing.a_note_is_private_and_there_once),
    Broken("note_reworded", note_reworded, writing.a_notes_html_stands_word_for_word_in_its_request),
    Broken("reply_made_private", reply_made_private, writing.a_reply_is_public_and_its_text_stays_text),
    Broken("marker_never_found", marker_never_found, writing.the_marker_is_found_in_our_private_note),
    Broken("marker_left_out", marker_left_out, writing.a_note_is_private_and_there_once),
    Broken("marker_anywhere", marker_anywhere, writing.a_marker_in_anybody_elses_words_means_nothing),
    Broken("marker_among_the_first_only", marker_among_the_first_only, writing.the_marker_is_found_behind_a_long_thread),
    Broken("sent_twice_when_unknown", sent_twice_when_unknown, writing.a_write_without_an_answer_is_unknown_and_sent_once),
    Broken("unknown_taken_for_done", unknown_taken_for_done, writing.a_write_without_an_answer_is_unknown_and_sent_once),
    Broken("sent_twice_when_unknown", sent_twice_when_unknown, writing.a_write_that_hangs_is_unknown_when_its_time_is_up),
    Broken("condition_left_out", condition_left_out, writing.what_an_agent_set_is_not_overwritten_unseen, ("zendesk",)),
    Broken("age_forgotten", age_forgotten, writing.what_an_agent_set_is_not_overwritten_unseen, ("freshdesk",)),
    Broken("condition_claimed", condition_claimed, writing.what_an_agent_set_is_not_overwritten_unseen, ("intercom",)),
    Broken("team_guessed", team_guessed, writing.a_team_that_is_not_there_is_refused_in_words),
    Broken("a_row_left_out", a_row_left_out, writing.every_write_kind_is_declared),
    Broken("no_teams", no_teams, reading.the_lists_name_what_the_helpdesk_has),
    Broken("preview_unrendered", preview_unrendered, reading.a_macro_is_previewed_for_its_ticket),
    Broken("cursor_runs_ahead", cursor_runs_ahead, reading.a_poll_finds_what_no_webhook_told),
)

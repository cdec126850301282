"""What every adapter proves, whatever its provider: each check is a function of one `Ground`, named after what holds.

A Ground is an account on its stand-in helpdesk, on loopback, with time that can be moved. A new provider adds a `Bench` and
passes all of `CHECKS`; `broken.py` has the mistakes that each check must catch, so that no check is there for show.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, get_args

from adapters.errors import (
    AccessDenied,
    AdapterError,
    PayloadUnexpected,
    RateLimited,
    SignatureInvalid,
    TicketGone,
    Unsupported,
    WriteRejected,
)
from adapters.helpdesk import Account, Adapter, DictCache, Helpdesk, WebhookSecurity
from adapters.ticket import Direction, EventType, MessageKind, Priority, Status, Ticket, TicketKey
from adapters.transport import Transport
from adapters.writes import (
    AddTags,
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    RemoveTags,
    Reply,
    Request,
    Result,
    SetAssignee,
    SetPriority,
    SetStatus,
    SetTeam,
    Support,
    Write,
)
from sandbox.desk import Desk, TicketView
from sandbox.serve import running

ANNA = "anna.agent@example.com"
LENA = "lead.lena@example.com"
OTTO = "otto.ops@northwind.example"
MARKER = "K7QX2M3A"
NOTE = Note(html=f"<p>Suggested reply, not sent: {MARKER}</p>", marker=MARKER)
OTHER_SECRET = "another-secret-of-forty-characters-00000"
PACE_S = 3.0  # past every vendor's version stamp and past what counts as a fresh snapshot
E = TypeVar("E", bound=Exception)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the suite must know of a provider beyond its adapter.

    `signs_body`: the proof covers the body. `window_s`: how old, and how far ahead, a
    signed time may be; None where no time is signed.
    `unknown_event`: a delivery of a kind that nobody has heard of. `wrong_payload`: one that names no readable ticket, and
    the path that the refusal must name.
    """

    adapter: Adapter
    desk: Callable[..., Desk]
    credentials: Mapping[str, str]
    signs_body: bool
    window_s: tuple[int, int] | None
    unknown_event: Mapping[str, Any]
    wrong_payload: Mapping[str, Any]
    wrong_path: str
    options: Mapping[str, Any] = field(default_factory=dict)


class Ground:
    """An account on its stand-in. `adapter` may be a broken one."""

    def __init__(self, bench: Bench, adapter: Adapter, desk: Desk, address: str) -> None:
        self.bench = bench
        self.adapter = adapter
        self.desk = desk
        self.address = address
        self.helpdesk = self.connect(self.account())

    def account(self, **changes: Any) -> Account:
        settings: dict[str, Any] = {
            "credentials": self.bench.credentials,
            "webhook": WebhookSecurity(secrets=(self.desk.secret,)),
            "company_fields": {"tier": "tier", "arr": "arr", "mrr": "mrr", "csm": "csm"},
            "options": self.bench.options,
        }
        return Account(name="main", provider=self.adapter.provider, address=self.address, **(settings | changes))

    def connect(self, account: Account) -> Helpdesk:
        transport = Transport(account.address, deadline_s=5.0)
        return Helpdesk(self.adapter, account, self.adapter.connect_api(account, transport, DictCache()))

    def open_ticket(self, **changes: Any) -> TicketKey:
        """A customer of Northwind writes in; the key is what our own parse makes of the webhook."""
        order = {"requester": OTTO, "subject": "Everything is down", "body": "Nothing loads since nine.", "tags": ["outage"]}
        with self.webhooks_of() as bodies:
            external_id = self.desk.create_ticket(**(order | changes))
        kinds = {event.ticket for body in bodies() for event in self.bench.adapter.parse({}, body, "main") if event.ticket}
        return next(key for key in kinds if key.external_id == external_id)

    @contextmanager
    def webhooks_of(self) -> Iterator[Callable[[], list[bytes]]]:
        before = len(self.desk.webhooks.sent)
        yield lambda: [delivery.body for delivery in list(self.desk.webhooks.sent)[before:]]

    def delivery(self) -> bytes:
        with self.webhooks_of() as bodies:
            self.desk.create_ticket(requester=OTTO, subject="Everything is down", body="Nothing loads since nine.")
        return bodies()[0]

    def headers(self, body: bytes) -> dict[str, str]:
        return {name.lower(): value for name, value in self.desk.sign(body).items()}

    def verify(self, headers: Mapping[str, str], body: bytes, security: WebhookSecurity) -> None:
        self.adapter.verify(headers, body, security, self.desk.clock())

    def lets_in(self, headers: Mapping[str, str], body: bytes, security: WebhookSecurity, at: datetime) -> bool:
        try:
            self.adapter.verify(headers, body, security, at)
        except SignatureInvalid:
            return False
        return True

    def read(self, key: TicketKey) -> Ticket:
        """The ticket as a run would hold it some seconds later."""
        ticket = self.helpdesk.hydrate(key)
        aged = ticket.read_at - timedelta(seconds=PACE_S) if ticket.read_at else None
        self.wait()
        return replace(ticket, read_at=aged)

    def wait(self) -> None:
        moved = self.desk.clock() + timedelta(seconds=PACE_S) - datetime.now(UTC)
        self.desk.clock = lambda: datetime.now(UTC) + moved

    def requests(self, ticket: Ticket, *writes: Write) -> list[Request]:
        plan = Plan(ticket=ticket.key, writes=tuple(PlannedWrite(write=write) for write in writes), run_id="run-1")
        return self.helpdesk.to_requests(plan, ticket)

    def write(self, ticket: Ticket, *writes: Write) -> list[Outcome]:
        return [self.helpdesk.send(request) for request in self.requests(ticket, *writes)]

    def write_until_settled(self, key: TicketKey, ticket: Ticket, *writes: Write) -> None:
        """As a run does it: a conflict means to read again and to try again, three times at most."""
        for _ in range(4):
            outcomes = self.write(ticket, *writes)
            if all(outcome.result is not Result.CONFLICT for outcome in outcomes):
                return
            ticket = self.read(key)
        raise AssertionError("a conflict did not end")

    def view(self, key: TicketKey) -> TicketView:
        return self.desk.view(key.external_id)

    def sent_writes(self, key: TicketKey) -> int:
        return len(
            [call for call in self.desk.effects.calls() if call.method not in ("GET", "HEAD") and not _is_search(call.path)]
        )


def _is_search(path: str) -> bool:
    return path.endswith("/search")


@contextmanager
def ground_of(bench: Bench, adapter: Adapter | None = None) -> Iterator[Ground]:
    desk = bench.desk()
    with running(desk) as address:
        yield Ground(bench, adapter or bench.adapter, desk, address)


def error_of(kind: type[E], call: Callable[..., object], *arguments: object) -> E:
    """The error that the call must raise."""
    try:
        call(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def write_kinds() -> set[str]:
    return {str(each.__dataclass_fields__["kind"].default) for each in get_args(get_args(Write)[0])}


# At the door.


def a_good_signature_passes(ground: Ground) -> None:
    body = ground.delivery()

    assert ground.lets_in(ground.headers(body), body, ground.helpdesk.account.webhook, ground.desk.clock())


def a_missing_signature_is_refused(ground: Ground) -> None:
    body, security = ground.delivery(), ground.helpdesk.account.webhook

    error = error_of(SignatureInvalid, ground.verify, {}, body, security)

    assert error.reason == "missing"


def an_altered_signature_is_refused(ground: Ground) -> None:
    body, security = ground.delivery(), ground.helpdesk.account.webhook

    for name, value in ground.headers(body).items():
        for altered in (value[:-3] + "AAA", value.swapcase(), "", "ÿ" + value, "\udcff"):
            headers = ground.headers(body) | {name: altered}
            error_of(
                SignatureInvalid, lambda headers=headers: ground.adapter.verify(headers, body, security, ground.desk.clock())
            )


def an_altered_body_is_refused_where_bodies_are_signed(ground: Ground) -> None:
    body, security = ground.delivery(), ground.helpdesk.account.webhook
    headers = ground.headers(body)
    altered = bytes((body[0] ^ 1,)) + body[1:]

    if ground.bench.signs_body:
        error_of(SignatureInvalid, ground.verify, headers, altered, security)
    else:  # then nothing in a body may be believed but which ticket to read: the key must tell any two bodies apart
        keys = {ground.adapter.parse({}, each, "main")[0].delivery_key for each in (body, body + b" ")}
        assert len(keys) == 2


def both_secrets_pass_while_one_is_changed(ground: Ground) -> None:
    body = ground.delivery()

    for secrets in ((OTHER_SECRET, ground.desk.secret), (ground.desk.secret, OTHER_SECRET)):
        assert ground.lets_in(ground.headers(body), body, WebhookSecurity(secrets=secrets), ground.desk.clock())


def no_secret_lets_nobody_in(ground: Ground) -> None:
    body = ground.delivery()

    for secrets in ((), ("",)):
        security = WebhookSecurity(secrets=secrets)
        error_of(SignatureInvalid, ground.verify, ground.headers(body), body, security)


def an_old_time_is_refused_where_a_time_is_signed(ground: Ground) -> None:
    body, security, now = ground.delivery(), ground.helpdesk.account.webhook, ground.desk.clock()
    headers = ground.headers(body)

    if ground.bench.window_s is None:
        assert ground.lets_in(headers, body, security, now + timedelta(days=1))
        return
    old_s, ahead_s = ground.bench.window_s
    for inside_s in (old_s - 5, 5 - ahead_s):
        assert ground.lets_in(headers, body, security, now + timedelta(seconds=inside_s))
    for outside_s in (old_s + 5, -ahead_s - 5):
        moment = now + timedelta(seconds=outside_s)
        error = error_of(SignatureInvalid, ground.adapter.verify, headers, body, security, moment)
        assert error.reason == "stale"


def a_delivery_names_its_ticket_and_has_a_lasting_key(ground: Ground) -> None:
    first, second = ground.delivery(), ground.delivery()

    keys = [[event.delivery_key for event in ground.adapter.parse({}, body, "main")] for body in (first, first, second)]
    events = ground.adapter.parse({}, first, "main")

    assert keys[0] == keys[1]
    assert keys[0] != keys[2]
    assert events[0].ticket is not None
    assert events[0].ticket.account == "main"
    assert events[0].ticket.external_id in ground.desk.ids()
    assert events[0].type is EventType.TICKET_CREATED


def an_unknown_event_is_kept(ground: Ground) -> None:
    body = json.dumps(ground.bench.unknown_event).encode()

    events = ground.adapter.parse({}, body, "main")

    assert len(events) == 1
    assert events[0].type in (EventType.OTHER, EventType.TICKET_UPDATED)
    assert events[0].delivery_key


def a_wrong_payload_names_the_path(ground: Ground) -> None:
    body = json.dumps(ground.bench.wrong_payload).encode()

    error = error_of(PayloadUnexpected, ground.adapter.parse, {}, body, "main")

    assert error.path == ground.bench.wrong_path


def a_body_that_is_no_object_is_refused(ground: Ground) -> None:
    for body in (b"", b"[]", b"null", b'"x"', b"\xff\xfe", b"{", b'{"a": 1, "a": 2}', b"[" * 100_000):
        error_of(PayloadUnexpected, ground.adapter.parse, {}, body, "main")


# Reading.


def hydrate_brings_the_whole_ticket(ground: Ground) -> None:
    key = ground.open_ticket(tags=["outage", "vip"])
    ground.desk.agent_reply(key.external_id, "We are looking.", ANNA)
    ground.desk.agent_note(key.external_id, "Call the data centre.", ANNA)
    ground.desk.agent_update(key.external_id, agent=ANNA, team="Senior", assignee=LENA)

    ticket = ground.helpdesk.hydrate(key)

    assert ticket.key == key
    assert "Nothing loads" in ticket.messages[0].body_text
    assert ticket.tags >= {"outage", "vip"}
    assert ticket.requester is not None
    assert ticket.requester.email == OTTO
    assert ticket.company is not None
    assert (ticket.company.name, ticket.company.tier, ticket.company.arr) == ("Northwind", "enterprise", 120000.0)
    assert ticket.team is not None
    assert ticket.team.name == "Senior"
    assert ticket.assignee is not None
    assert ticket.assignee.email == LENA


def messages_say_who_sees_them(ground: Ground) -> None:
    key = ground.open_ticket()
    ground.desk.agent_reply(key.external_id, "We are looking.", ANNA)
    ground.desk.agent_note(key.external_id, "Call the data centre.", ANNA)
    ground.desk.customer_reply(key.external_id, "Still down!")

    said = [each for each in ground.helpdesk.hydrate(key).messages if each.kind is not MessageKind.EVENT]

    first, reply, note, again = said
    assert first.is_from_customer
    assert reply.is_agent_reply
    assert (note.kind, note.is_public, note.direction) == (MessageKind.NOTE, False, Direction.NONE)
    assert again.is_from_customer
    assert len({each.external_id for each in said}) == 4
    assert not any(each.is_ours for each in said)


def a_thread_of_more_than_a_hundred_is_read_to_its_end(ground: Ground) -> None:
    key = ground.open_ticket()
    for number in range(1, 131):
        ground.desk.customer_reply(key.external_id, f"message number {number}")

    said = [each.body_text for each in ground.helpdesk.hydrate(key).messages if each.is_from_customer]

    assert len(said) == 131
    assert "message number 130" in said[-1]


def what_we_wrote_is_known_as_ours(ground: Ground) -> None:
    key = ground.open_ticket()
    ground.write(ground.read(key), NOTE)

    notes = [each for each in ground.helpdesk.hydrate(key).messages if each.kind is MessageKind.NOTE]

    assert [each.is_ours for each in notes] == [True]


def a_ticket_that_is_not_there_is_gone(ground: Ground) -> None:
    key = ground.open_ticket()
    other = replace(key, external_id=str(int(key.external_id) + 4242))

    error_of(TicketGone, ground.helpdesk.hydrate, other)
    error_of(TicketGone, ground.write, replace(ground.read(key), external_id=other.external_id), NOTE)


def an_id_never_becomes_another_path(ground: Ground) -> None:
    ground.helpdesk.hydrate(ground.open_ticket())
    ground.desk.effects.reset()

    for external_id in ("../agents", "1/../../users/me", "1?x=1", "1#x"):
        key = TicketKey("main", ground.open_ticket().kind, external_id)
        error_of(AdapterError, ground.helpdesk.hydrate, key)

    assert not [call for call in ground.desk.effects.calls() if call.status == 200]


def a_rate_limit_tells_how_long_to_wait(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)
    request = ground.requests(ticket, NOTE)[0]

    calls: tuple[tuple[Callable[..., object], object], ...] = ((ground.helpdesk.hydrate, key), (ground.helpdesk.send, request))
    for call, argument in calls:
        ground.desk.faults.order("429", times=None, retry_after=7)
        error = error_of(RateLimited, call, argument)
        ground.desk.faults.reset()
        assert error.retry_after_s == 7

    assert not ground.view(key).bot_notes


def refused_credentials_hold_the_account(ground: Ground) -> None:
    key = ground.open_ticket()
    wrong = {name: f"wrong-{value}" if "@" not in value else value for name, value in ground.bench.credentials.items()}

    error = error_of(AccessDenied, ground.connect(ground.account(credentials=wrong)).hydrate, key)

    assert not any(value in str(error) for value in wrong.values())


def no_secret_stands_in_an_error_or_a_repr(ground: Ground) -> None:
    key = ground.open_ticket()
    wrong = {name: f"wrong-{value}" if "@" not in value else value for name, value in ground.bench.credentials.items()}
    account, request = ground.account(credentials=wrong), ground.requests(ground.read(key), NOTE)[0]
    body, security = ground.delivery(), ground.helpdesk.account.webhook
    ground.desk.faults.order("502", times=None)

    said = [
        repr(account),
        str(error_of(SignatureInvalid, ground.verify, {}, body, security)),
        str(ground.helpdesk.send(request)),
    ]
    ground.desk.faults.reset()
    said.append(str(error_of(AdapterError, ground.connect(account).send, request)))

    secrets = [
        *(value for value in (*wrong.values(), *ground.bench.credentials.values()) if "@" not in value),
        ground.desk.secret,
    ]
    assert not [text for text in said for secret in secrets if secret in text]


# Writing.


def fields_and_tags_come_back_as_they_were_written(ground: Ground) -> None:
    key = ground.open_ticket()
    writes = (
        AddTags(tags=frozenset({"escalated"})),
        RemoveTags(tags=frozenset({"outage"})),
        SetPriority(priority=Priority.URGENT),
        SetTeam(team="Senior"),
        SetAssignee(agent=LENA),
        SetStatus(status=Status.SOLVED),
    )

    outcomes = ground.write(ground.read(key), *writes)
    ticket = ground.helpdesk.hydrate(key)

    assert [(outcome.result, outcome.not_applied) for outcome in outcomes] == [(Result.CONFIRMED, ())] * len(outcomes)
    assert "escalated" in ticket.tags
    assert "outage" not in ticket.tags
    assert (ticket.priority, ticket.status) == (Priority.URGENT, Status.SOLVED)
    assert ticket.team is not None
    assert ticket.team.name == "Senior"
    assert ticket.assignee is not None
    assert ticket.assignee.email == LENA


def every_planned_write_is_carried_by_a_request(ground: Ground) -> None:
    ticket = ground.read(ground.open_ticket())

    requests = ground.requests(ticket, NOTE, AddTags(tags=frozenset({"new"})), SetTeam(team="Senior"), Reply(text="Hello"))

    assert sorted(position for request in requests for position in request.writes) == [0, 1, 2, 3]
    assert [request.number for request in requests] == list(range(len(requests)))
    assert all(not request.is_repeatable for request in requests if request.marker or request.is_public)
    json.dumps([dict(request.arguments) for request in requests])


def a_repeated_write_does_no_harm(ground: Ground) -> None:
    key = ground.open_ticket()
    requests = ground.requests(ground.read(key), AddTags(tags=frozenset({"new"})), SetTeam(team="Senior"))

    for request in requests:
        ground.helpdesk.send(request)
    once = ground.view(key)
    for request in requests:
        assert request.is_repeatable
        ground.helpdesk.send(request)
    twice = ground.view(key)

    assert (twice.tags, twice.team, len(twice.messages)) == (once.tags, once.team, len(once.messages))
    assert "new" in twice.tags


def an_agents_tag_survives_our_write(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)
    ground.desk.agent_update(key.external_id, agent=ANNA, tags_add=["by-anna"])
    ground.wait()

    ground.write_until_settled(key, ticket, AddTags(tags=frozenset({"ours"})), RemoveTags(tags=frozenset({"outage"})))

    assert ground.view(key).tags >= {"by-anna", "ours"}
    assert "outage" not in ground.view(key).tags


def a_note_is_private_and_there_once(ground: Ground) -> None:
    key = ground.open_ticket()

    [outcome] = ground.write(ground.read(key), NOTE)
    view = ground.view(key)

    assert outcome.result is Result.CONFIRMED
    assert [MARKER in note.html for note in view.bot_notes] == [True]
    assert not view.replies


def a_reply_is_public_and_its_text_stays_text(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)

    [request] = ground.requests(ticket, Reply(text="Hello <b>Otto</b> & all"))
    ground.helpdesk.send(request)

    assert request.is_public
    assert ["<b>Otto</b> & all" in reply.text for reply in ground.view(key).bot_replies] == [True]


def the_marker_is_found_in_our_private_note(ground: Ground) -> None:
    key = ground.open_ticket()
    ground.desk.agent_note(key.external_id, "something else", ANNA)
    request = next(each for each in ground.requests(ground.read(key), NOTE) if each.marker)

    before = ground.helpdesk.find_marker(key, MARKER)
    ground.helpdesk.send(request)

    assert request.marker == MARKER
    assert before is None
    assert ground.helpdesk.find_marker(key, MARKER)


def a_marker_in_anybody_elses_words_means_nothing(ground: Ground) -> None:
    key = ground.open_ticket(body=f"What is {MARKER}?")
    ground.desk.customer_reply(key.external_id, f"I wrote {MARKER} again")
    ground.desk.agent_note(key.external_id, f"the customer names {MARKER}", ANNA)
    ground.desk.agent_reply(key.external_id, f"{MARKER} is ours", ANNA)
    ground.write(ground.read(key), Reply(text=f"About {MARKER}"))

    assert ground.helpdesk.find_marker(key, MARKER) is None


def the_marker_is_found_behind_a_long_thread(ground: Ground) -> None:
    key = ground.open_ticket()
    for number in range(120):
        ground.desk.customer_reply(key.external_id, f"message number {number}")
    ground.write(ground.read(key), NOTE)

    assert ground.helpdesk.find_marker(key, MARKER)


def a_write_without_an_answer_is_unknown_and_sent_once(ground: Ground) -> None:
    for kind in ("502", "503", "reset_before", "reset_after_commit", "truncate", "html_200"):
        key = ground.open_ticket()
        request = ground.requests(ground.read(key), NOTE)[0]
        ground.desk.effects.reset()
        for method in ("POST", "PUT"):
            ground.desk.faults.order(kind, method=method, times=None)

        outcome = ground.helpdesk.send(request)
        ground.desk.faults.reset()

        assert outcome.result is Result.UNKNOWN, kind
        assert ground.sent_writes(key) == 1, kind
        was_applied = kind in ("reset_after_commit", "truncate")
        assert bool(ground.helpdesk.find_marker(key, MARKER)) is was_applied, kind


def a_team_that_is_not_there_is_refused_in_words(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)

    try:
        requests = ground.requests(ticket, SetTeam(team="No Such Team"), AddTags(tags=frozenset({"new"})))
    except (WriteRejected, Unsupported) as error:
        assert "No Such Team" in str(error)
        return
    outcomes = {request.writes: ground.helpdesk.send(request) for request in requests}

    refusals = [outcome for writes, outcome in outcomes.items() if 0 in writes]
    assert [outcome.result for outcome in refusals] == [Result.REJECTED]
    assert "No Such Team" in refusals[0].reason
    assert "new" in ground.view(key).tags


def every_write_kind_is_declared(ground: Ground) -> None:
    table = ground.adapter.capabilities

    assert set(table) == write_kinds()
    assert all(row.fallback for row in table.values() if row.support is Support.FALLBACK)


# Lists.


def the_lists_name_what_the_helpdesk_has(ground: Ground) -> None:
    helpdesk = ground.helpdesk

    assert {"Tier 1", "Senior", "Billing"} <= {team.name for team in helpdesk.teams()}
    assert {ANNA, LENA} <= {agent.email for agent in helpdesk.agents()}
    assert helpdesk.me().email == "deskhand.bot@example.com"
    assert "VIP acknowledgement" in {macro.name for macro in helpdesk.macros()}


def a_macro_is_previewed_for_its_ticket(ground: Ground) -> None:
    ticket = ground.helpdesk.hydrate(ground.open_ticket())
    macro = next(each for each in ground.helpdesk.macros() if each.name == "VIP acknowledgement")

    preview = ground.helpdesk.preview(macro, ticket)

    assert "Otto" in preview.text
    assert "{{" not in preview.text
    assert preview.missing == ()


def a_poll_finds_what_no_webhook_told(ground: Ground) -> None:
    known = ground.open_ticket()
    cursor = ground.helpdesk.poll("", ground.desk.clock()).cursor
    ground.wait()
    news = ground.open_ticket()

    page = ground.helpdesk.poll(cursor, ground.desk.clock())
    later = ground.helpdesk.poll(page.cursor, ground.desk.clock())

    assert news in {event.ticket for event in page.events}
    seen = {event.delivery_key for event in page.events}
    assert {event.delivery_key for event in later.events} <= seen
    assert known != news


CHECKS: tuple[Callable[[Ground], None], ...] = (
    a_good_signature_passes,
    a_missing_signature_is_refused,
    an_altered_signature_is_refused,
    an_altered_body_is_refused_where_bodies_are_signed,
    both_secrets_pass_while_one_is_changed,
    no_secret_lets_nobody_in,
    an_old_time_is_refused_where_a_time_is_signed,
    a_delivery_names_its_ticket_and_has_a_lasting_key,
    an_unknown_event_is_kept,
    a_wrong_payload_names_the_path,
    a_body_that_is_no_object_is_refused,
    hydrate_brings_the_whole_ticket,
    messages_say_who_sees_them,
    a_thread_of_more_than_a_hundred_is_read_to_its_end,
    what_we_wrote_is_known_as_ours,
    a_ticket_that_is_not_there_is_gone,
    an_id_never_becomes_another_path,
    a_rate_limit_tells_how_long_to_wait,
    refused_credentials_hold_the_account,
    no_secret_stands_in_an_error_or_a_repr,
    fields_and_tags_come_back_as_they_were_written,
    every_planned_write_is_carried_by_a_request,
    a_repeated_write_does_no_harm,
    an_agents_tag_survives_our_write,
    a_note_is_private_and_there_once,
    a_reply_is_public_and_its_text_stays_text,
    the_marker_is_found_in_our_private_note,
    a_marker_in_anybody_elses_words_means_nothing,
    the_marker_is_found_behind_a_long_thread,
    a_write_without_an_answer_is_unknown_and_sent_once,
    a_team_that_is_not_there_is_refused_in_words,
    every_write_kind_is_declared,
    the_lists_name_what_the_helpdesk_has,
    a_macro_is_previewed_for_its_ticket,
    a_poll_finds_what_no_webhook_told,
)

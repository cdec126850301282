"""What every adapter proves when it reads: tickets, lists, polls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from adapters.errors import (
    AccessDenied,
    AdapterError,
    RateLimited,
    SignatureInvalid,
    TicketGone,
)
from adapters.ticket import Direction, MessageKind, TicketKey
from tests.adapters.ground import ANNA, LENA, NOTE, OTTO, Ground, error_of


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

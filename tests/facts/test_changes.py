"""What happened to a ticket is read from two snapshots, so that polls and webhooks of any kind say the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.ticket import (
    INTERNAL,
    Agent,
    AuthorKind,
    Direction,
    Event,
    EventType,
    Message,
    MessageKind,
    Priority,
    Provider,
    Status,
    Team,
    Ticket,
    TicketKey,
    TicketKind,
    Visibility,
)
from bot.facts.changes import changes, events, new_messages, said_by_people

pytestmark = pytest.mark.both_storages

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEY = TicketKey("acme", TicketKind.TICKET, "42")
ASKED = Message(external_id="m1", body_text="It is down")


def said(kind: EventType = EventType.TICKET_UPDATED, **fields: object) -> Event:
    return Event(provider=Provider.ZENDESK, type=kind, ticket=KEY, delivery_key="e1", **fields)  # type: ignore[arg-type]


def customer(number: int = 2) -> Message:
    return Message(external_id=f"m{number}", body_text="Hello?")


def agent(number: int = 2) -> Message:
    return Message(external_id=f"m{number}", author_kind=AuthorKind.AGENT, direction=Direction.OUT)


def note(number: int = 2, *, is_ours: bool = False) -> Message:
    return Message(
        external_id=f"m{number}",
        author_kind=AuthorKind.AGENT,
        direction=Direction.NONE,
        visibility=Visibility.INTERNAL,
        kind=MessageKind.NOTE,
        is_ours=is_ours,
    )


def young(*messages: Message, hours: float = 1.0) -> Ticket:
    return Ticket(messages=(ASKED, *messages), created_at=NOW - timedelta(hours=hours))


def test_a_young_ticket_that_nobody_answered_is_new() -> None:
    assert events(None, young(), (said(),), NOW) == {EventType.TICKET_CREATED}


def test_an_old_ticket_with_the_customer_waiting_is_a_reply() -> None:
    assert events(None, young(agent(2), customer(3), hours=72), (said(),), NOW) == {EventType.CUSTOMER_REPLIED}


def test_an_old_ticket_that_was_answered_is_an_update() -> None:
    assert events(None, young(agent(2), hours=72), (said(),), NOW) == {EventType.TICKET_UPDATED}


def test_a_young_ticket_that_was_answered_is_no_longer_new() -> None:
    assert events(None, young(agent(2)), (said(),), NOW) == {EventType.TICKET_UPDATED}


def test_what_the_payload_calls_created_is_created_however_late_it_comes() -> None:
    assert events(None, young(hours=72), (said(EventType.TICKET_CREATED),), NOW) == {EventType.TICKET_CREATED}


def test_our_own_note_at_first_sight_does_not_make_a_ticket_old() -> None:
    assert events(None, young(note(is_ours=True)), (said(),), NOW) == {EventType.TICKET_CREATED}


@pytest.mark.parametrize(
    ("message", "expected"),
    [(customer(), EventType.CUSTOMER_REPLIED), (agent(), EventType.AGENT_REPLIED), (note(), EventType.NOTE_CREATED)],
)
def test_a_new_message_is_told_by_who_wrote_it(message: Message, expected: EventType) -> None:
    assert events(young(), young(message), (said(),), NOW) == {expected}


@pytest.mark.parametrize("ours", [note(is_ours=True), replace(agent(), is_ours=True)])
def test_our_own_messages_are_no_news(ours: Message) -> None:
    assert events(young(), young(ours), (said(),), NOW) == frozenset()
    assert new_messages(young(), young(ours)) == ()


def test_an_entry_of_the_system_is_no_news() -> None:
    entry = Message(external_id="m2", author_kind=AuthorKind.SYSTEM, direction=Direction.NONE, kind=MessageKind.EVENT)

    assert events(young(), young(entry), (said(),), NOW) == frozenset()


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ({"status": Status.SOLVED}, EventType.STATUS_CHANGED),
        ({"priority": Priority.HIGH}, EventType.PRIORITY_CHANGED),
        ({"team": Team(external_id="7", name="Senior")}, EventType.ASSIGNEE_CHANGED),
        ({"assignee": Agent(external_id="31")}, EventType.ASSIGNEE_CHANGED),
        ({"tags": frozenset({"vip"})}, EventType.TAGS_CHANGED),
        ({"rating": 1}, EventType.RATING_RECEIVED),
        ({"merged_into": "9"}, EventType.TICKET_MERGED),
        ({"is_deleted": True}, EventType.TICKET_DELETED),
        ({"subject": "Something else"}, EventType.TICKET_UPDATED),
        ({"custom": {"area": "web"}}, EventType.TICKET_UPDATED),
    ],
)
def test_each_changed_field_has_its_event(after: dict[str, object], expected: EventType) -> None:
    assert events(young(), replace(young(), **after), (said(),), NOW) == {expected}  # type: ignore[arg-type]


def test_several_things_at_once_are_all_told() -> None:
    after = replace(young(customer()), status=Status.OPEN, tags=frozenset({"x"}))

    assert events(replace(young(), status=Status.PENDING), after, (), NOW) == {
        EventType.CUSTOMER_REPLIED,
        EventType.STATUS_CHANGED,
        EventType.TAGS_CHANGED,
    }


def test_what_only_counts_or_times_is_no_change() -> None:
    after = replace(young(), updated_at=NOW, read_at=NOW, version="2", message_count=9, waiting_since=NOW, raw={"x": 1})

    assert changes(young(), after) == {}
    assert events(young(), after, (said(EventType.STATUS_CHANGED),), NOW) == frozenset()


def test_the_first_answer_alone_does_not_change_the_status() -> None:
    """Intercom and Freshdesk say `open` before and after it: that the ticket was `new` are our words."""
    before = replace(young(), status=Status.NEW, status_raw="2")
    after = replace(young(agent()), status=Status.OPEN, status_raw="2")

    assert changes(before, after) == {}
    assert events(before, after, [], NOW) == {EventType.AGENT_REPLIED}


def test_a_status_that_the_helpdesk_calls_otherwise_has_changed() -> None:
    before = replace(young(), status=Status.NEW, status_raw="new")
    after = replace(young(agent()), status=Status.OPEN, status_raw="open")

    assert changes(before, after) == {"status": ("new", "open")}


def test_changes_hold_both_values_and_ids_of_people_and_teams() -> None:
    before = replace(young(), team=Team(external_id="7", name="Senior"), tags=frozenset({"b", "a"}))
    after = replace(young(), assignee=Agent(external_id="31", email="anna.agent@example.com"))

    assert changes(before, after) == {"team": ("7", None), "assignee": (None, "31"), "tags": (["a", "b"], [])}


def test_a_team_that_was_only_renamed_is_no_change() -> None:
    before, after = (replace(young(), team=Team(external_id="7", name=name)) for name in ("Senior", "Seniors"))

    assert changes(before, after) == {}


def test_at_first_sight_nothing_changed() -> None:
    assert changes(None, young()) == {}


def test_a_draft_that_came_is_news_by_itself() -> None:
    for internal in INTERNAL:
        assert events(young(), young(), (said(internal),), NOW) == {internal}


kinds = st.sampled_from([kind for kind in EventType if kind not in INTERNAL])
snapshots = st.builds(
    lambda messages, status, tags, priority: replace(young(*messages), status=status, tags=tags, priority=priority),
    st.sampled_from([(), (customer(),), (agent(),), (note(),), (customer(), agent(3))]),
    st.sampled_from(Status),
    st.frozensets(st.sampled_from(["vip", "outage"])),
    st.sampled_from(Priority),
)


@given(snapshots, snapshots, st.lists(kinds, max_size=4))
def test_polls_thin_webhooks_and_full_webhooks_say_the_same(before: Ticket, after: Ticket, told: list[EventType]) -> None:
    assert events(before, after, [said(kind) for kind in told], NOW) == events(before, after, (), NOW)


@given(snapshots)
def test_a_ticket_does_not_differ_from_itself(ticket: Ticket) -> None:
    assert changes(ticket, ticket) == {}
    assert events(ticket, ticket, (said(),), NOW) == frozenset()


def test_what_agents_changed_before_we_saw_the_ticket_is_read_from_payloads_if_it_still_holds() -> None:
    ticket = replace(young(), priority=Priority.LOW, status=Status.OPEN)
    told = said(actor="31", changes={"priority": ("high", "low"), "status": ("new", "solved"), "subject": ("a", "b")})

    assert said_by_people((told,), ticket) == {"priority": ("high", "low")}

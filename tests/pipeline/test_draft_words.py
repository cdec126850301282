"""Whose word a tag is: by the helpdesk's own record, else by a payload that told of this very tag."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.freshdesk.webhook import parse
from adapters.helpdesk import Helpdesk, TaggedBy
from adapters.ticket import Event, EventType, Provider, Ticket
from bot.pipeline.draft_words import Word, left_over, mistyped, new_tags, words
from tests.harness.desk_in_memory import ANNA, KEY, US, Desk

pytestmark = pytest.mark.both_storages

BEFORE = Ticket(tags=frozenset({"vip"}))
TAGGED = Ticket(tags=frozenset({"vip", "dh-accept"}))


def helpdesk(said: TaggedBy | None = None) -> Helpdesk:
    made = Desk().helpdesk()
    return replace(made, adapter=replace(made.adapter, tagged_by=lambda tag, ticket, api: said))


def told(actor: str | None, *after: str, before: tuple[str, ...] = ()) -> Event:
    return Event(
        provider=Provider.FRESHDESK,
        type=EventType.TAGS_CHANGED,
        ticket=KEY,
        delivery_key="1",
        actor=actor,
        changes={"tags": ([*before], [*after])},
    )


def by(said: TaggedBy | None, *events: Event) -> TaggedBy | None:
    [word] = words(helpdesk(said), BEFORE, TAGGED, events)
    return word.by


def test_the_helpdesks_own_record_comes_first() -> None:
    machine = TaggedBy(otherwise="a trigger or automation")

    assert by(machine, told(ANNA.external_id, "dh-accept")) == machine


def test_a_payload_that_told_of_this_tag_names_its_actor() -> None:
    assert by(None, told(ANNA.external_id, "DH-Accept")) == TaggedBy(agent=ANNA)
    assert by(None, told(US.external_id, "dh-accept")) == TaggedBy(otherwise="Deskhand's own user")
    assert by(None, told("c1", "dh-accept")) == TaggedBy(otherwise="somebody who is no agent here")


@pytest.mark.parametrize(
    "events",
    [
        [],
        [told(None, "dh-accept")],
        [told(ANNA.external_id, "vip")],
        [told(ANNA.external_id, "dh-accept", before=("dh-accept",))],
        [told(ANNA.external_id, "dh-accept"), told("c1", "dh-accept")],
    ],
)
def test_a_payload_that_leaves_a_doubt_names_nobody(events: list[Event]) -> None:
    assert by(None, *events) is None


@pytest.mark.parametrize("tags", [[["vip"], ["vip", "dh-accept"]], {"added": ["dh-accept"], "removed": []}])
def test_a_freshworks_app_tells_who_set_a_tag(tags: object) -> None:
    body = {"event": "onTicketUpdate", "data": {"ticket": {"id": 42}, "actor": {"id": 8}, "changes": {"tags": tags}}}

    assert by(None, *parse({}, json.dumps(body).encode(), "acme")) == TaggedBy(agent=ANNA)


@pytest.mark.parametrize("changes", [{"tags": "dh-accept"}, {"tags": [1, 2]}, ["tags"], None])
def test_an_odd_shape_of_changes_says_nothing(changes: object) -> None:
    body = {"event": "onTicketUpdate", "data": {"ticket": {"id": 42}, "actor": {"id": 8}, "changes": changes}}

    assert by(None, *parse({}, json.dumps(body).encode(), "acme")) is None


def test_who_is_not_named_may_be_an_agent_and_who_is_no_agent_is_none() -> None:
    assert Word(tag="dh-accept").is_by_an_agent
    assert Word(tag="dh-accept", by=TaggedBy(agent=ANNA)).is_by_an_agent
    assert not Word(tag="dh-accept", by=TaggedBy(otherwise="another app")).is_by_an_agent


def test_only_what_came_since_is_a_word_and_all_of_it_is_left_over() -> None:
    assert new_tags(TAGGED, TAGGED) == []
    assert new_tags(None, TAGGED) == []
    assert left_over(TAGGED) == {"dh-accept"}
    assert mistyped(BEFORE, Ticket(tags=frozenset({"dh-aprove", "dh-audit"}))) == {"dh-aprove": "dh-accept"}
    assert mistyped(None, Ticket(tags=frozenset({"dh-aprove"}))) == {}

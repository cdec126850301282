from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.freshdesk.triggered import Words, read_trigger, read_words
from adapters.ticket import EventType


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{ticket_action:created}", {"ticket_action": "created"}),
        ("{status:{from:4,to:6}}", {"status": {"from": "4", "to": "6"}}),
        ("{note_type:private}", {"note_type": "private"}),
        ('{"reply_sent": "sent"}', {"reply_sent": "sent"}),
        (
            "{ priority : { from : 1 , to : 4 } , status : {from:2,to:3} }",
            {"priority": {"from": "1", "to": "4"}, "status": {"from": "2", "to": "3"}},
        ),
        ("{group:{from:Tier 1,to:Senior}}", {"group": {"from": "Tier 1", "to": "Senior"}}),
        ("{status:{from:4", {"status": {"from": "4"}}),
        ("created", {}),
        ("", {}),
        ("}}}{{{:::", {}),
    ],
)
def test_words_are_read_without_quotes(text: str, words: Words) -> None:
    assert read_words(text) == words


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{ticket_action:created}", EventType.TICKET_CREATED),
        ("{ticket_action:updated}", EventType.TICKET_UPDATED),
        ("{status:{from:4,to:6}}", EventType.STATUS_CHANGED),
        ("{note_type:public}", EventType.NOTE_CREATED),
        ("{reply_sent:sent}", EventType.AGENT_REPLIED),
        ("{priority:{from:1,to:4}}", EventType.PRIORITY_CHANGED),
        ("{weather:sunny,priority:{from:1,to:4}}", EventType.PRIORITY_CHANGED),
        ("{weather:sunny}", EventType.TICKET_UPDATED),
        ("none of it", EventType.TICKET_UPDATED),
    ],
)
def test_what_set_it_off_becomes_our_event_type(text: str, kind: EventType) -> None:
    assert read_trigger(text).type is kind


def test_a_status_that_the_customer_made_keeps_its_number() -> None:
    assert read_trigger("{status:{from:2,to:14}}").changes == {"status": ("open", "14")}


def test_what_no_database_takes_is_left_out() -> None:
    trigger = read_trigger("{sta\x00tus:{from:2,to:\udc80tea\x00}}")

    assert trigger.kind_raw == "{status:{from:2,to:tea}}"
    assert trigger.changes == {"status": ("open", "tea")}


@given(st.text(alphabet="{}:,\"' abc123", max_size=200))
def test_no_text_brings_the_reader_down(text: str) -> None:
    trigger = read_trigger(text)

    assert len(trigger.kind_raw) <= 200


def test_a_very_deep_text_is_cut() -> None:
    assert read_words("{a:" * 5000) is not None

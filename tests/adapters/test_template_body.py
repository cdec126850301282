"""Which ticket a template's body names: a customer's words in it never choose."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.errors import PayloadUnexpected, TicketUnclear
from adapters.freshdesk import webhook as freshdesk
from adapters.raw import Raw
from adapters.template_body import read_object, read_pairs, rescue_json, rescue_xml
from adapters.zendesk import webhook as zendesk

OWN, OTHERS = "48213", "7"
NOT_JSON = PayloadUnexpected("$", "not JSON")
READERS = {"freshdesk": freshdesk.parse, "zendesk": zendesk.parse}
each_reader = pytest.mark.parametrize("provider", READERS)

# Where a template may put its id and the words of a customer, which helpdesks fill in as they are.
TEMPLATES = (
    '{"ticket_id": "48213", "subject": "%s"}',
    '{"subject": "%s", "ticket_id": "48213"}',
    '{"subject": "%s", "ticket_id": 48213, "body": "%s"}',
    '{"ticketId": "48213", "subject": "%s"}',
    '{"title": "%s", "ticketId": "48213"}',
    '{"id": "48213", "subject": "%s"}',
    '{"subject": "%s", "id": "48213"}',
    '{"ticket": {"id": 48213, "subject": "%s"}, "event": "created"}',
    '{\n  "event": "updated",\n  "ticket": {"subject": "%s", "id": "48213"}\n}',
    '{"freshdesk_webhook": {"ticket_subject": "%s", "ticket_id": 48213}}',
)
# What somebody would write who knows the template.
FRAGMENTS = ('"', ",", "{", "}", ":", " ", "\\", "\n", "7", '"ticket_id"', '"ticketId"', '"id"', '"ticket"', '"data"', '"event"')
FORGED = (
    ' "ticket_id": 7 fails',
    ',"ticket_id": 7',
    '","ticket_id":"7","x":"',
    '"},"ticket_id":"7","x":{"y":"',
    '","ticket":{"id":7},"x":"',
    '","id":7,"x":"',
    '","type":"zen:event-type:ticket.created","detail":{"id":"7","actor_id":"9"},"x":"',
    '","event":"onTicketUpdate","data":{"ticket":{"id":7}},"x":"',
    '","freshdesk_webhook":{"ticket_id":7},"x":"',
    '"},"event":"onTicketUpdate","data":{"ticket":{"id":7}},"x":{"y":"',
    '"},"type":"zen:event-type:ticket.created","detail":{"id":"7"},"x":{"y":"',
    ',"ticket_id":',
    '"ticket_id":"',
)
words = st.one_of(st.lists(st.sampled_from(FRAGMENTS), max_size=14).map("".join), st.sampled_from(FORGED), st.text(max_size=30))


def named_by(provider: str, body: str, content_type: str = "application/json") -> str | None:
    """The ticket that is read, or None where the delivery is refused or kept unread."""
    try:
        [event] = READERS[provider]({"content-type": content_type}, body.encode("utf-8", "replace"), "main")
    except PayloadUnexpected:
        return None
    return event.ticket.external_id if event.ticket else None


@each_reader
@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize("template", TEMPLATES)
def test_what_a_customer_makes_up_never_chooses_the_ticket(provider: str, template: str, forged: str) -> None:
    assert named_by(provider, template.replace("%s", forged)) in (OWN, None)


@each_reader
@given(template=st.sampled_from(TEMPLATES), said=words)
@example(template=TEMPLATES[1], said=',"ticket_id": 7')
def test_no_words_whatever_choose_the_ticket(provider: str, template: str, said: str) -> None:
    assert named_by(provider, template.replace("%s", said)) in (OWN, None)


@each_reader
@given(said=words)
def test_a_template_that_begins_with_its_id_is_read_however_words_break_it(provider: str, said: str) -> None:
    body = f'{{"ticket_id": "{OWN}", "subject": "{said}"}}'
    try:
        json.loads(body)
    except ValueError:
        assert named_by(provider, body) == OWN
    else:
        assert named_by(provider, body) == OWN  # with a key twice as well


@each_reader
@pytest.mark.parametrize(
    "said",
    ['he said "no"', "two\nlines", 'my json "ticket_id": 7 fails', "back\\slash", '"ticket_id": "#7"', 'a "quote" {', "\tx\x01"],
)
@pytest.mark.parametrize("template", [TEMPLATES[1], TEMPLATES[4], TEMPLATES[6], TEMPLATES[7]])
def test_words_that_only_break_the_body_cost_nothing(provider: str, template: str, said: str) -> None:
    assert named_by(provider, template.replace("%s", said)) == OWN


@each_reader
def test_of_a_template_that_begins_with_its_id_a_second_one_is_somebodys_words(provider: str) -> None:
    """Answered with 400 it would be lost: a trigger is not sent again."""
    assert named_by(provider, '{"ticket_id": 48213, "subject": "x","ticket_id":7,"y":""}') == OWN
    with pytest.raises(TicketUnclear):
        READERS[provider]({}, b'{"subject": "x","ticket_id":7,"y":"", "ticket_id": 48213}', "main")


@each_reader
@pytest.mark.parametrize("body", ['{"id": 42}', '{"ticketId": "42"}', '{"ticket": {"id": 42}}', '{"ticket_id": "042", "id": 9}'])
def test_both_helpdesks_read_the_same_names(provider: str, body: str) -> None:
    assert named_by(provider, body) == "42"


AGENT = {"id": 9, "available": True, "ticket_scope": 1, "contact": {"name": "Anna"}, "created_at": "2026-01-02T03:04:05Z"}
COMPANY = {"id": 9, "name": "Acme", "domains": ["acme.example"], "health_score": None}
CONTACT = {"id": 9, "name": "Nina", "email": "nina@acme.example", "created_at": "2026-01-02T03:04:05Z"}
USER = {"id": 9, "role": "agent", "name": "Anna"}


@each_reader
@pytest.mark.parametrize("thing", [AGENT, COMPANY, CONTACT, USER])
def test_the_id_of_something_else_names_no_ticket(provider: str, thing: dict[str, Any]) -> None:
    for body in (thing, {"freshdesk_webhook": thing}) if provider == "freshdesk" else (thing,):
        with pytest.raises(TicketUnclear):
            READERS[provider]({}, json.dumps(body).encode(), "main")


def test_a_message_names_the_ticket_it_is_in() -> None:
    message = {"id": 9, "ticket_id": 42, "body": "<p>Hello</p>", "incoming": True}

    assert read_object(Raw(message)).ticket_id == "42"


def test_an_id_that_is_no_number_is_none_of_a_ticket() -> None:
    assert read_object(Raw({"subject": "x", "id": "another", "freshdesk_webhook": {"ticket_id": 42}})).ticket_id == "42"
    with pytest.raises(PayloadUnexpected, match=r"^\$\.ticket_id: wanted a ticket's id, found nothing"):
        read_object(Raw({"id": "another"}))


def test_two_ids_are_unclear_and_say_what_to_do() -> None:
    with pytest.raises(TicketUnclear, match="begin with ticket_id"):
        read_object(Raw({"subject": "x", "ticket_id": "7", "ticket": {"id": 42}}))
    with pytest.raises(TicketUnclear):
        rescue_json(b'{"a": "x", "ticket_id": 7, "b": ""quoted"", "ticket_id": 42}', NOT_JSON)


def test_what_set_a_broken_body_off_is_believed_only_where_it_stands_once() -> None:
    body = b'{"ticket_id": 42, "triggered_event": "{note_type:private}", "subject": "a "b" c%s"}'

    assert rescue_json(body.replace(b"%s", b""), NOT_JSON).members["triggered_event"].value == "{note_type:private}"
    forged = body.replace(b"%s", b'", "triggered_event": "{priority:{from:4,to:1}}')
    assert rescue_json(forged, NOT_JSON).members["triggered_event"].value == ""


@pytest.mark.parametrize(
    ("body", "ticket"),
    [
        (b"<freshdesk_webhook><ticket_id>42</ticket_id><subject>Q & A</subject></freshdesk_webhook>", "42"),
        (b"<?xml version='1.0'?>\n<x>\n  <ticket-id type='integer'>42</ticket-id><s>a < b</s></x>", "42"),
        (b"<x><s>Q & A</s><ticketId>42</ticketId></x>", "42"),
        (b"<x><s>Q & <ticket_id>7</ticket_id></s><ticket_id>42</ticket_id></x>", None),
        (b"<x><ticket_id>42</ticket_id><s>Q & <ticket_id>7</ticket_id></s></x>", "42"),
    ],
)
def test_xml_that_words_broke_is_saved_as_json_is(body: bytes, ticket: str | None) -> None:
    assert named_by("freshdesk", body.decode(), "text/xml") == ticket
    if ticket:
        assert rescue_xml(body, PayloadUnexpected("$", "not XML")).ticket_id == ticket


@given(
    said=st.lists(st.sampled_from(["<", ">", "&", "/", "<ticket_id>", "</ticket_id>", "7", "</s>", "<s>", "<id>7</id>"])).map(
        "".join
    )
)
@pytest.mark.parametrize(
    "template", ["<x><ticket_id>48213</ticket_id><s>%s</s></x>", "<x><s>%s</s><ticket_id>48213</ticket_id></x>"]
)
def test_no_words_in_xml_choose_the_ticket(template: str, said: str) -> None:
    assert named_by("freshdesk", template.replace("%s", said), "text/xml") in (OWN, None)


def test_a_form_that_words_broke_is_read_by_its_first_id_or_not_at_all() -> None:
    assert read_pairs([("ticket_id", "42"), ("subject", "a"), ("ticket_id", "7")]).ticket_id == "42"
    assert read_pairs([("subject", "a"), ("subject", "b"), ("ticket_id", "42")]).members["subject"].value == "a"
    with pytest.raises(TicketUnclear):
        read_pairs([("subject", "a"), ("ticket_id", "7"), ("ticket_id", "42")])


@pytest.mark.parametrize(
    "body", [b'{"ticket_id"' * 60_000, b"{" + b' "id": 7, "id": 8,' * 45_000, b"<x>" + b"<id " * 200_000, b"{" + b" " * 900_000]
)
def test_a_hostile_body_costs_little(body: bytes) -> None:
    started = time.thread_time()

    with pytest.raises(PayloadUnexpected):
        (rescue_xml if body[:1] == b"<" else rescue_json)(body + b"~", NOT_JSON)

    assert time.thread_time() - started < 5

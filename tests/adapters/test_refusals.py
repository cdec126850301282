"""Which writes a refusal names, in each vendor's error body. What it does not name is nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.freshdesk.api import Answer
from adapters.freshdesk.update import refused
from adapters.intercom.sending import _refused_writes
from adapters.raw import Raw
from adapters.ticket import TicketKey, TicketKind
from adapters.writes import Refusal, Request
from adapters.zendesk.refusals import refused_writes

ZENDESK = {
    "priority": [0], "status": [1], "assignee_id": [2], "group_id": [3], "tags": [4, 5], "custom_fields.360": [6],
    "custom_fields.361": [7], "email_ccs": [8], "followers": [9], "problem_id": [10], "comment": [11],
}  # fmt: skip
REQUIRED = {"description": "Type:: is required when solving a ticket", "error": None, "ticket_field_type": "FieldTagger"}


@pytest.mark.parametrize(
    ("details", "places"),
    [
        ({"assignee": [{"description": "Assignee: is not a member of the group", "error": "InvalidValue"}]}, [2]),
        ({"assignee_id": [{}], "group": [{}]}, [2, 3]),
        ({"tags": [{"description": "canary"}]}, [4, 5]),
        ({"collaborators": [{}]}, [8, 9]),
        ({"ticket_type": [{}]}, [10]),
        ({"comment": [{"description": "too long"}]}, [11]),
        ({"360": [{}]}, [6]),
        ({"custom_fields": [{}]}, [6, 7]),
        ({"base": [{"ticket_field_id": 361, "description": "x"}]}, [7]),
        ({"base": [{"ticket_field_id": 5, "ticket_field_type": "FieldPriority"}]}, [0]),
        ({"base": [{**REQUIRED, "ticket_field_id": 12345657}]}, [1]),  # a field that was not sent: a solved ticket must have it
        ({"base": [{"description": "Status: solved is not allowed"}]}, [1]),
        ({"base": [{"description": "canary"}]}, []),
        ({"requester": [{"description": "canary"}]}, []),
        ({"status": "not a list"}, [1]),
        ({}, []),
        ([], []),
        ("text", []),
    ],
)
def test_zendesk_names_fields_in_its_details(details: Any, places: list[int]) -> None:
    assert refused_writes(Raw({"details": details}), Raw(ZENDESK)) == tuple(Refusal(place=each) for each in places)


def test_zendesk_may_ask_for_what_nobody_sent() -> None:
    said = Raw({"details": {"base": [{**REQUIRED, "ticket_field_id": 9}]}})

    assert refused_writes(said, Raw({"priority": [0]})) == ()


FRESHDESK = {"status": [0], "responder_id": [1], "tags": [2, 3], "custom_fields.cf_region": [4]}


@pytest.mark.parametrize(
    ("errors", "found"),
    [
        ([{"field": "responder_id", "code": "invalid_value"}], [Refusal(place=1)]),
        ([{"field": "tags", "code": "datatype_mismatch"}], [Refusal(place=2), Refusal(place=3)]),
        ([{"field": "cf_region", "code": "invalid_field"}], [Refusal(place=4, is_for_any_value=True)]),
        ([{"field": "custom_fields", "code": "invalid_field"}], [Refusal(place=4, is_for_any_value=True)]),
        ([{"field": "type", "code": "missing_field"}], [Refusal(place=0)]),  # required on close
        ([{"field": "the customer wrote", "code": "invalid_value"}], []),
        ([], []),
    ],
)
def test_freshdesk_names_fields_in_its_errors(errors: Any, found: list[Refusal]) -> None:
    outcome = refused(Answer(400, Raw({"description": "Validation failed", "errors": errors})), Raw(FRESHDESK))

    assert outcome.refused == tuple(found)
    assert outcome.is_about_values


def request(operation: str, **arguments: Any) -> Request:
    key = TicketKey("main", TicketKind.CONVERSATION, "1")
    return Request(ticket=key, number=0, operation=operation, arguments=arguments, writes=(0, 1, 2))


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ("Custom attribute 'Plan' is not valid", [1]),
        ("Plan and Region are wrong", [1, 2]),
        ("priority must be one of: priority, not_priority", [0]),
        ("Planet is not known", []),
        ("", []),
    ],
)
def test_intercom_names_attributes_in_its_sentence(words: str, places: list[int]) -> None:
    sent = request("update", attributes={"Plan": "x"}, positions={"Plan": 1, "Region": 2}, priority="x", priority_position=0)

    assert _refused_writes(sent, words) == tuple(Refusal(place=each) for each in places)


@pytest.mark.parametrize(("words", "places"), [("assignee_id is invalid", [1]), ("ticket_state_id is invalid", [2])])
def test_of_a_tickets_update_it_names_assignee_and_state(words: str, places: list[int]) -> None:
    sent = request("update_ticket", to="team", assign_position=1, state="resolved", state_position=2)

    assert _refused_writes(sent, words) == tuple(Refusal(place=each) for each in places)


def test_a_refused_tag_is_that_one() -> None:
    assert _refused_writes(request("attach_tag", tag="vip"), "")[0] == Refusal(place=0, tag="vip")

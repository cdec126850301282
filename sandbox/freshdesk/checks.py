"""What Freshdesk refuses in a body, and in which words. https://developers.freshdesk.com/api/#error"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sandbox.freshdesk.people import Directory
from sandbox.freshdesk.words import CLOSED, PRIORITY_LABELS, RESOLVED, SOURCES, STATUS_LABELS, moment_of

Json = dict[str, Any]
_TAG_LENGTH = 32
_WRITABLE = {
    "name", "requester_id", "email", "phone", "subject", "type", "status", "priority", "description", "responder_id",
    "custom_fields", "due_by", "email_config_id", "fr_due_by", "group_id", "product_id", "source", "tags", "company_id",
    "cc_emails", "parent_id", "unique_external_id", "related_ticket_ids",
}  # fmt: skip
_NOTE = {"body", "private", "notify_emails", "incoming", "user_id", "attachments"}
_REPLY = {"body", "from_email", "cc_emails", "bcc_emails", "user_id", "attachments"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_RUBY = {str: "String", bool: "Boolean", int: "Integer", float: "Float", list: "Array", dict: "Key/Value Pair"}
_CUSTOM: dict[str, tuple[type | tuple[type, ...], str]] = {
    "custom_text": (str, "String"),
    "custom_paragraph": (str, "String"),
    "custom_number": (int, "Integer"),
    "custom_decimal": ((int, float), "Number"),
    "custom_checkbox": (bool, "Boolean"),
}


def failure(field: str, message: str, code: str) -> Json:
    return {"field": field, "message": message, "code": code}


def mismatch(field: str, value: Any, wanted: str) -> Json:
    """A value of the wrong JSON type; Freshdesk names Ruby's words for types, without a space after the stop."""
    if value is None:
        return failure(field, f"It should be a/an {wanted}", "datatype_mismatch")
    kind = _RUBY.get(type(value), type(value).__name__)
    return failure(field, f"Value set is of type {kind}.It should be a/an {wanted}", "datatype_mismatch")


def ticket_fields(body: Json, people: Directory) -> list[Json]:
    """What is wrong with the body of a ticket's creation or update."""
    wrong = [failure(name, "Unexpected/invalid field in request", "invalid_field") for name in body if name not in _WRITABLE]
    checks: dict[str, Callable[[str, Any], list[Json]]] = {
        "status": lambda name, value: _one_of(name, value, STATUS_LABELS),
        "priority": lambda name, value: _one_of(name, value, PRIORITY_LABELS),
        "source": lambda name, value: _one_of(name, value, SOURCES),
        "responder_id": lambda name, value: _reference(name, value, people.agents, "agent"),
        "group_id": lambda name, value: _reference(name, value, people.groups, "group"),
        "company_id": lambda name, value: _reference(name, value, people.companies, "company"),
        "requester_id": lambda name, value: _reference(name, value, people.contacts, "contact"),
        "tags": _tags,
        "cc_emails": _emails,
        "subject": _text,
        "description": _text,
        "due_by": _time,
        "fr_due_by": _time,
        "type": lambda name, value: _ticket_type(name, value, people),
        "custom_fields": lambda name, value: _custom_fields(name, value, people),
    }
    for name, check in checks.items():
        if name in body:
            wrong += check(name, body[name])
    return wrong


def closing(body: Json, ticket: Json, people: Directory) -> list[Json]:
    """Fields that must not be empty when the status becomes resolved or closed."""
    if body.get("status") not in (RESOLVED, CLOSED):
        return []
    values = {**ticket["custom_fields"], **body.get("custom_fields", {})}
    empty = [each["name"] for each in people.fields if each["required_for_closure"] and values.get(each["name"]) in (None, "")]
    return [failure(name, "It should not be blank as this is a mandatory field", "missing_field") for name in empty]


def note(body: Json, people: Directory) -> list[Json]:
    wrong = _message(body, _NOTE, people)
    wrong += [mismatch(name, body[name], "Boolean") for name in ("private", "incoming") if not _is(body.get(name, True), bool)]
    return wrong + (_emails("notify_emails", body["notify_emails"]) if "notify_emails" in body else [])


def reply(body: Json, people: Directory) -> list[Json]:
    wrong = _message(body, _REPLY, people)
    for name in ("cc_emails", "bcc_emails"):
        wrong += _emails(name, body[name]) if name in body else []
    return wrong


def merging(body: Json) -> list[Json]:
    wrong = []
    if not _is(body.get("primary_id"), int):
        wrong.append(mismatch("primary_id", body.get("primary_id"), "Positive Integer"))
    numbers = body.get("ticket_ids")
    if not isinstance(numbers, list) or not numbers or not all(_is(each, int) for each in numbers):
        wrong.append(mismatch("ticket_ids", numbers, "Array"))
    return wrong


def _message(body: Json, known: set[str], people: Directory) -> list[Json]:
    wrong = [failure(name, "Unexpected/invalid field in request", "invalid_field") for name in body if name not in known]
    if "body" not in body:
        wrong.append(failure("body", "It should be a/an String", "missing_field"))
    elif not isinstance(body["body"], str):
        wrong.append(mismatch("body", body["body"], "String"))
    elif not body["body"].strip():
        wrong.append(failure("body", "It should not be blank as this is a mandatory field", "invalid_value"))
    if "user_id" in body and body["user_id"] not in people.agents and body["user_id"] not in people.contacts:
        wrong.append(failure("user_id", "There is no user matching the given user_id", "invalid_value"))
    return wrong


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    """isinstance, with true and false not taken for numbers."""
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))


def _one_of(name: str, value: Any, known: dict[int, str]) -> list[Json]:
    choices = f"It should be one of these values: '{','.join(map(str, known))}'"
    if not _is(value, int):
        kind = _RUBY.get(type(value), "Null")
        return [failure(name, f"Value set is of type {kind}.{choices}", "datatype_mismatch")]
    return [] if value in known else [failure(name, choices, "invalid_value")]


def _reference(name: str, value: Any, known: dict[int, Json], what: str) -> list[Json]:
    if value is None:
        return []
    if not _is(value, int):
        return [mismatch(name, value, "Positive Integer")]
    return [] if value in known else [failure(name, f"There is no {what} matching the given {name}", "invalid_value")]


def _tags(name: str, value: Any) -> list[Json]:
    if not isinstance(value, list):
        return [mismatch(name, value, "Array")]
    if not all(isinstance(each, str) for each in value):
        return [failure(name, "It should contain elements of type String only", "datatype_mismatch")]
    if any("," in each for each in value):
        return [failure(name, "Special characters ',' is not allowed", "invalid_value")]
    if any(len(each) > _TAG_LENGTH for each in value):
        return [failure(name, f"It should only contain elements that have maximum of {_TAG_LENGTH} characters", "invalid_value")]
    return []


def _emails(name: str, value: Any) -> list[Json]:
    if not isinstance(value, list):
        return [mismatch(name, value, "Array")]
    if all(isinstance(each, str) and _EMAIL.fullmatch(each) for each in value):
        return []
    return [failure(name, "It should contain elements in the 'valid email address' format", "invalid_value")]


def _text(name: str, value: Any) -> list[Json]:
    return [] if isinstance(value, str) else [mismatch(name, value, "String")]


def _time(name: str, value: Any) -> list[Json]:
    try:
        if value is not None:
            moment_of(value)
    except (ValueError, AttributeError, TypeError):
        return [failure(name, "It should be in the 'combined date and time ISO8601' format", "invalid_value")]
    return []


def _ticket_type(name: str, value: Any, people: Directory) -> list[Json]:
    known = next(each["choices"] for each in people.fields if each["name"] == "ticket_type")
    if value is None or value in known:
        return []
    return [failure(name, f"It should be one of these values: '{','.join(known)}'", "invalid_value")]


def _custom_fields(name: str, value: Any, people: Directory) -> list[Json]:
    if not isinstance(value, dict):
        return [mismatch(name, value, "Key/Value Pair")]
    return [wrong for field, each in value.items() for wrong in _custom_field(field, each, people)]


def _custom_field(name: str, value: Any, people: Directory) -> list[Json]:
    field = people.custom_field(name)
    if field is None:
        return [failure(name, "Unexpected/invalid field in request", "invalid_field")]
    if value is None:
        return []
    if field["type"] == "custom_dropdown":
        known = [str(each) for each in field["choices"]]
        if value in known:
            return []
        return [failure(name, f"It should be one of these values: '{','.join(known)}'", "invalid_value")]
    if field["type"] == "custom_date":
        right = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value)
        return [] if right else [failure(name, "It should be in the 'YYYY-MM-DD' format", "invalid_value")]
    kind, word = _CUSTOM[field["type"]]
    return [] if _is(value, kind) else [mismatch(name, value, word)]

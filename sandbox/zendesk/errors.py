"""Zendesk's error answers. `error` is a word in most of them and an object in some, which clients must stand.

https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify

_WORDS: dict[int, tuple[Any, str | None]] = {
    400: ({"title": "Invalid attribute", "message": "You passed an invalid value. Invalid parameter."}, None),
    401: ("Couldn't authenticate you", None),
    403: ({"title": "Forbidden", "message": "You do not have access to this page. Please contact the account owner."}, None),
    404: ("RecordNotFound", "Not found"),
    405: ("MethodNotAllowed", "Method not allowed"),
    409: ("UpdateConflict", "Unable to update record because it has changed since it was read. Fetch it again."),
    422: ("RecordInvalid", "Record validation errors"),
    429: ("APIRateLimitExceeded", "Number of allowed API requests per minute exceeded"),
    503: ("ServiceUnavailable", "The service is being maintained, please try again later"),
}


class Refused(Exception):
    """A route ends with this error answer."""

    def __init__(self, status: int, details: dict[str, Any] | None = None, description: str | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.details = details
        self.description = description


def invalid(field: str, sentence: str) -> Refused:
    """422 with the sentence under its field."""
    return Refused(422, {field: [{"description": sentence, "error": "InvalidValue"}]})


def invalid_fields(fields: Sequence[str]) -> Response:
    """422 as for these fields of a ticket as they were sent, a custom one named by its number. Without any the answer says only
    that something is wrong."""
    details: dict[str, Any] = {}
    for field in fields:
        name = _CALLED.get(field, field)
        if field.isdecimal():
            row = {"description": "Field: is not valid", "error": None, "ticket_field_type": "FieldText"}
            details.setdefault("base", []).append({**row, "ticket_field_id": int(field)})
        else:
            details[name] = [{"description": f"{name.capitalize()}: is not valid", "error": "InvalidValue"}]
    return answer(422, details=details or {"base": [{"description": "Ticket is invalid", "error": "InvalidValue"}]})


_CALLED = {"assignee_id": "assignee", "group_id": "group", "problem_id": "problem", "followers": "collaborators"}


def answer(status: int, *, details: dict[str, Any] | None = None, description: str | None = None) -> Response:
    """The error answer for `status`."""
    error, sentence = _WORDS.get(status, ("InternalError", "Something went wrong on our side"))
    if isinstance(error, dict) and description:
        error = {**error, "message": description}
    body: dict[str, Any] = {"error": error}
    if isinstance(error, str) and (description or sentence):
        body["description"] = description or sentence
    if details is not None:
        body["details"] = details
    response = jsonify(body)
    response.status_code = status
    return response

"""Which writes a refused ticket update was refused for: 422 with `details`, rows under the names of fields. Pure.

Rows under `base` name a field by its number, or only in their sentence. A field that we did not send is one that a solved ticket
must have: then it is the status that was refused.
https://developer.zendesk.com/api-reference/introduction/requests/#response-format
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.raw import Raw
from adapters.writes import Refusal

# As the answer calls a field -> as we sent it (the keys of `carries`).
_SENT_AS: Mapping[str, tuple[str, ...]] = {
    "assignee": ("assignee_id",),
    "fieldassignee": ("assignee_id",),
    "group": ("group_id",),
    "fieldgroup": ("group_id",),
    "problem": ("problem_id",),
    "type": ("problem_id",),
    "ticket_type": ("problem_id",),
    "fieldtickettype": ("problem_id",),
    "status": ("status",),
    "status_id": ("status",),
    "custom_status": ("status",),
    "custom_status_id": ("status",),
    "fieldstatus": ("status",),
    "priority": ("priority",),
    "priority_id": ("priority",),
    "fieldpriority": ("priority",),
    "tags": ("tags",),
    "current_tags": ("tags",),
    "set_tags": ("tags",),
    "collaborators": ("followers", "email_ccs"),
    "collaborator": ("followers", "email_ccs"),
    "comment": ("comment",),
    "comments": ("comment",),
}


def refused_writes(said: Raw, carries: Raw) -> tuple[Refusal, ...]:
    """The writes that the answer names, in the plan's order. `carries`: field as it was sent -> plan positions."""
    known = dict(carries.fields())
    names = {name for row in _rows(said) for name in _named(row, known)}
    return tuple(Refusal(place=place) for place in sorted({each.whole() for name in names for each in known[name].items()}))


def _rows(said: Raw) -> Iterator[tuple[str, Raw]]:
    details = said["details"]
    for name, rows in details.fields() if isinstance(details.value, dict) else ():
        for row in rows.items() if isinstance(rows.value, list) else (rows,):
            yield name, row


def _named(row: tuple[str, Raw], known: Mapping[str, Raw]) -> tuple[str, ...]:
    """The fields that we sent and that one row speaks of."""
    name, said = row
    number = said["ticket_field_id"].text(default="") if isinstance(said.value, dict) else ""
    sentence = said["description"].value if isinstance(said.value, dict) else said.value
    kind = str(said["ticket_field_type"].value).casefold() if number else ""
    titled = str(sentence).partition(":")[0].strip().casefold() if name == "base" and not number else ""
    for word in (f"custom_fields.{number}", f"custom_fields.{name}", kind, name, titled):
        if sent := [each for each in (word, *_SENT_AS.get(word, ())) if each in known]:
            return tuple(sent)
    if name == "custom_fields" and not number:
        return tuple(each for each in known if each.startswith("custom_fields."))
    is_named = bool(number) or name in _SENT_AS or name.isdecimal()
    return ("status",) if is_named and "status" in known else ()

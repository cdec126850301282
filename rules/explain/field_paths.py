"""Where a field's value stands in the facts' JSON, and how it is written there: the way back from `rules/language/fields.py`.

`changes_to(facts, field, value)` says what to change so that the field has that value. Fields that are counted or derived are
changed where they come from: one more customer message, an earlier renewal, a later look. None where one change cannot do it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.ticket import Company, Json, Person, Ticket
from rules.language.fields import CLOCKS, HOUR_S
from rules.language.history_counts import FAMILY
from rules.language.registry import Field
from rules.model.canonical_json import facts_to_json
from rules.model.facts import Facts
from rules.model.view import FactValue, View, exchanges, waiting_s

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One value of the facts' JSON: its place, what stands there (None where nothing does) and what should."""

    place: Place
    was: Json
    to: Json


_TICKET = frozenset(each.name for each in fields(Ticket)) - {"assignee", "team", "description", "language", "messages"}
_OF = {"company": frozenset(each.name for each in fields(Company)), "requester": frozenset(each.name for each in fields(Person))}
_CLOCKS = {each.name: each for each in CLOCKS}
_TWO_WAYS = ("is_spam", "is_auto_reply")  # a signal or the helpdesk's own mark


def change_to(facts: Facts, tree: Mapping[str, Any], field: Field, value: FactValue) -> Change | None:
    """What to change in `tree` (the facts' JSON) so that the field has this value."""
    found = _place(facts, field, value)
    if found is None:
        return None
    place, written = found
    was = _at(tree, place)
    if was is None and place == ("ticket", field.name):  # what is as usual is left out of the JSON: a new ticket's status
        was = _written(field.read(View(facts)))
    return Change(place, was, written)


def with_change(tree: Any, change: Change) -> dict[str, Any]:
    """The JSON with the change made; the given one stays as it is."""
    return with_value(tree, change.place, change.to)


def with_value(tree: Any, place: Place, value: Json) -> dict[str, Any]:
    """The JSON with this value at its place."""
    changed: dict[str, Any] = _set(tree, place, value)
    return changed


def _place(facts: Facts, field: Field, value: FactValue) -> tuple[Place, Json] | None:
    name, written = field.name, _written(value)
    if name in _SPECIAL:
        return _SPECIAL[name](facts, value)
    if field.is_signal or name in _TWO_WAYS:
        return ("signals", name), {"value": written}
    if name.startswith(FAMILY):
        return ("counts", name.removeprefix(FAMILY)), written
    if name in _CLOCKS:
        is_hours = isinstance(value, int | float) and _CLOCKS[name].unit_s == HOUR_S
        return ("clocks", name.removeprefix("clocks.")), value / HOUR_S if is_hours and isinstance(
            value, int | float
        ) else written
    family, _, slug = name.partition(".")
    if not slug:
        return (("ticket", name), written) if name in _TICKET else None
    if family == "custom":
        return ("ticket", "custom", slug), written
    if family in _OF:
        return ((family, *slug.split(".", 1)), written) if slug.partition(".")[0] in _OF[family] else None
    return None


def _named(key: str, name: str) -> Callable[[Facts, FactValue], tuple[Place, Json]]:
    """A person or team, which is an object in the ticket."""
    return lambda facts, value: (("ticket", name), {key: str(value)} if value else None)


def _listed(family: str, name: str) -> Callable[[Facts, FactValue], tuple[Place, Json]]:
    return lambda facts, value: ((family, name), [str(value)] if value else [])


def _first_words(facts: Facts, value: FactValue) -> tuple[Place, Json]:
    is_message = facts.ticket.customer_messages and not facts.ticket.description
    return _message(facts, 0) if is_message else ("ticket", "description"), str(value or "")


def _own_newest_words(facts: Facts, value: FactValue) -> tuple[Place, Json]:
    is_told_apart = facts.own_words.newest is not None
    return (("own_words", "newest"), str(value or "")) if is_told_apart else _newest_words(facts, value)


def _newest_words(facts: Facts, value: FactValue) -> tuple[Place, Json]:
    return _message(facts, -1) if facts.ticket.customer_messages else ("ticket", "description"), str(value or "")


def _message(facts: Facts, which: int) -> Place:
    wanted = facts.ticket.customer_messages[which]
    number = next(number for number, each in enumerate(facts.ticket.messages) if each is wanted)
    return "ticket", "messages", number, "body_text"


def _waiting(facts: Facts, value: FactValue) -> tuple[Place, Json] | None:
    """Another time of the look."""
    now_s = waiting_s(View(facts))
    if now_s is None or not isinstance(value, int | float):
        return None
    return ("now",), _written(facts.now + timedelta(seconds=value - now_s))


def _renewal(facts: Facts, value: FactValue) -> tuple[Place, Json] | None:
    if not isinstance(value, int | float):
        return ("company", "renewal_at"), None
    return ("company", "renewal_at"), _written(facts.now + timedelta(seconds=value))


def _more(have: Callable[[Ticket], int], *of_one: Json) -> Callable[[Facts, FactValue], tuple[Place, Json] | None]:
    """As many messages more as it takes, each time all of `of_one`; none are taken away."""

    def place(facts: Facts, value: FactValue) -> tuple[Place, Json] | None:
        missing = int(value) - have(facts.ticket) if isinstance(value, int | float) else 0
        if not 0 < missing <= _MOST_MESSAGES:
            return None
        tree: Any = facts_to_json(facts)
        return ("ticket", "messages"), [*tree.get("ticket", {}).get("messages", []), *[*of_one] * missing]

    return place


_OURS: Json = {"body_text": "(one more message)", "direction": "out", "author_kind": "agent"}
_THEIRS: Json = {"body_text": "(one more message)", "direction": "in", "author_kind": "person"}
_MOST_MESSAGES = 20
_SPECIAL: dict[str, Callable[[Facts, FactValue], tuple[Place, Json] | None]] = {
    "assignee": _named("email", "assignee"),
    "team": _named("name", "team"),
    "requester.email": _listed("requester", "emails"),
    "company.domain": _listed("company", "domains"),
    "description": _first_words,
    "last_message": _own_newest_words,
    "last_message_raw": _newest_words,
    "quoted_text": lambda facts, value: (("own_words", "quoted"), str(value or "")),
    "text": _own_newest_words,
    "hours_waiting": _waiting,
    "company.renewal_in": _renewal,
    "event": lambda facts, value: (("events",), _written(value)),
    "now": lambda facts, value: (("now",), _written(value)),
    "in_working_time": lambda facts, value: (("in_working_time",), value is True),
    "message_count": lambda facts, value: (("ticket", "message_count"), _written(value)),
    "agent_replies": _more(lambda ticket: len(ticket.agent_replies), _OURS),
    "customer_messages": _more(lambda ticket: len(ticket.customer_messages), _THEIRS),
    "exchanges": _more(exchanges, _OURS, _THEIRS),
}


def _written(value: FactValue) -> Json:
    if isinstance(value, frozenset):
        return [*sorted(value)]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def _at(tree: Any, place: Place) -> Json:
    for step in place:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    found: Json = tree
    return found


def _set(tree: Any, place: Place, value: Json) -> Any:
    if not place:
        return value
    step, *rest = place
    if isinstance(step, int):
        return [_set(each, tuple(rest), value) if number == step else each for number, each in enumerate(tree)]
    inside = tree if isinstance(tree, Mapping) else {}
    return {**inside, step: _set(inside.get(step), tuple(rest), value)}

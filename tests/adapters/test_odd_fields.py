"""Whatever type one field of a vendor's answer has, the rest of the ticket is read; not so what no ticket can be without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.errors import PayloadUnexpected
from adapters.freshdesk import hydrate as freshdesk
from adapters.freshdesk.thread import Thread
from adapters.intercom import hydrate as intercom
from adapters.intercom.dialect import Dialect
from adapters.intercom.people import to_company, to_person
from adapters.raw import Raw
from adapters.ticket import Ticket
from adapters.zendesk import hydrate as zendesk
from tests.adapters.freshdesk.conftest import account as at_freshdesk
from tests.adapters.freshdesk.conftest import answer_of
from tests.adapters.intercom.conftest import account as at_intercom
from tests.adapters.intercom.conftest import answer
from tests.adapters.zendesk.account import ACCOUNT, fixture

ODD: tuple[Any, ...] = (None, True, 4.5, "odd", ["odd", None], {"odd": None}, "")
NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
Reader = Callable[[Any], Ticket]


def _read_zendesk(answers: Any) -> Ticket:
    found = Raw(answers["ticket"])
    users = {str(user["id"]): Raw(user) for user in answers["people"]} | {"7": Raw(answers["user"])}
    comments = tuple(Raw(answers["comments"])["comments"].items())
    organization = Raw(answers["organization"])
    read = zendesk.Found(ticket=found, comments=comments, users=users, organization=organization, comment_count=2)
    return zendesk.to_ticket(read, ACCOUNT, "9", NOW)


def _zendesk() -> Any:
    follow_up = fixture("follow_up")
    people = [*follow_up["users"], *fixture("comments")["users"]]
    user = next(each for each in people if each["id"] == follow_up["ticket"]["requester_id"])
    ticket = follow_up["ticket"] | {"satisfaction_rating": {"score": "good", "comment": "Thanks"}, "tags": ["vip"]}
    organization = {"id": 1, "name": "North", "domain_names": ["north.example"], "tags": ["a"], "organization_fields": {"arr": 1}}
    return {"ticket": ticket, "people": people, "user": user, "comments": fixture("comments"), "organization": organization}


def _read_intercom(answers: Any) -> Ticket:
    ours = at_intercom()
    person, company = to_person(Raw(answers["contact"])), to_company(Raw(answers["company"]), ours)
    around = intercom.Around(our_id="9", requester=person, company=company)
    return intercom.to_conversation(Raw(answers["conversation"]), around, Dialect(ours), NOW)


def _intercom() -> Any:
    conversation = answer("conversation") | {"conversation_rating": {"rating": 4, "remark": "Thanks", "created_at": 1772000000}}
    return {"conversation": conversation, "contact": answer("contact"), "company": answer("company")}


def _read_freshdesk(answers: Any) -> Ticket:
    raw = Raw(answers["ticket"])
    thread = Thread(parts=tuple(Raw(answers["thread"]).items()), count=1)
    known = freshdesk.Known(contact=Raw(answers["contact"]), company=Raw(answers["company"]))
    return freshdesk.to_ticket(raw, thread, at_freshdesk(), known, NOW)


def _freshdesk() -> Any:
    ticket = answer_of("ticket")
    thread = ticket.pop("conversations")
    return {"ticket": ticket, "thread": thread, "contact": answer_of("contact"), "company": answer_of("company")}


# Without these there is no ticket, no message, or no saying who may read it.
NEEDED = {
    "zendesk": {"ticket.id", "ticket.is_public", *(f"comments.comments{place}" for place in ("", "[]", "[].id", "[].public"))},
    "intercom": {"conversation.id", "conversation.conversation_parts.conversation_parts"},
    "freshdesk": {"ticket.id", "thread[].id", "thread[].private"},
}
PROVIDERS: dict[str, tuple[Reader, Callable[[], Any]]] = {
    "zendesk": (_read_zendesk, _zendesk),
    "intercom": (_read_intercom, _intercom),
    "freshdesk": (_read_freshdesk, _freshdesk),
}


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value in a tree, the trees below the top included."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in inside:
        yield (*path, name)
        yield from _places(each, (*path, name))


@contextmanager
def _changed(tree: Any, path: tuple[Any, ...], odd: Any) -> Iterator[Any]:
    """The tree with another value at one place."""
    place = tree
    for step in path[:-1]:
        place = place[step]
    before, place[path[-1]] = place[path[-1]], odd
    try:
        yield tree
    finally:
        place[path[-1]] = before


def _named(path: tuple[Any, ...]) -> str:
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_one_field_of_another_type_never_stops_the_ticket(provider: str) -> None:
    read, make = PROVIDERS[provider]
    answers = make()
    whole = read(answers)
    stopped: set[str] = set()
    tried = 0

    for path in list(_places(answers)):
        if len(path) < 2 or path[0] == "people" or (len(path) == 2 and isinstance(path[1], int)):
            continue
        for odd in ODD:
            tried += 1
            try:
                with _changed(answers, path, odd) as changed:
                    assert read(changed).key == whole.key or _named(path) in NEEDED[provider]
            except PayloadUnexpected:
                stopped.add(_named(path))

    assert tried > 300
    assert stopped <= NEEDED[provider]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_message_whose_readers_are_unclear_is_an_error_and_never_public_by_default(provider: str) -> None:
    places = {"zendesk": ("comments", "comments", 0, "public"), "freshdesk": ("thread", 0, "private")}
    if provider not in places:  # Intercom says it by the kind of a part: an unknown kind is an event, which nobody reads as words
        conversation = _intercom()
        for part in conversation["conversation"]["conversation_parts"]["conversation_parts"]:
            part["part_type"] = ["odd"]
        assert not any(each.is_agent_reply for each in _read_intercom(conversation).messages[1:])
        return
    read, make = PROVIDERS[provider]

    with pytest.raises(PayloadUnexpected, match="wanted true or false"), _changed(make(), places[provider], "yes") as changed:
        read(changed)

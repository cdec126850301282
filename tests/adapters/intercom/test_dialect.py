"""How one workspace says things: priorities in two dialects, and what carries them."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.intercom.dialect import PRIORITY, PRIORITY_TAG, PRIORITY_WORD, Dialect
from adapters.ticket import Priority
from tests.adapters.intercom.conftest import account
from tests.adapters.intercom.reading import conversation, read, tagged


@pytest.mark.parametrize("priority", list(Priority))
def test_the_native_priority_table_holds_both_ways(priority: Priority) -> None:
    assert PRIORITY[PRIORITY_WORD[priority]] is priority
    assert set(PRIORITY_TAG) == set(Priority) - {Priority.NONE}


@pytest.mark.parametrize(
    ("native", "tags", "priority"),
    [
        ("not_priority", (), Priority.NONE),
        ("priority", (), Priority.HIGH),
        ("priority", ("priority-urgent",), Priority.URGENT),
        ("not_priority", ("priority-urgent",), Priority.URGENT),
        ("not_priority", ("priority-low",), Priority.LOW),
        ("none", ("Priority-High",), Priority.HIGH),
        ("medium", (), Priority.NORMAL),
        ("urgent", ("priority-low",), Priority.URGENT),
        ("low", ("priority-high", "priority-urgent"), Priority.URGENT),
        ("brand_new_word", (), Priority.NONE),
    ],
)
def test_priorities_of_both_dialects_and_their_carriers_are_read(native: str, tags: tuple[str, ...], priority: Priority) -> None:
    ticket = read(conversation(priority=native, tags=tagged(*tags, "vip")))

    assert (ticket.priority, ticket.priority_raw, set(ticket.tags)) == (priority, native, {"vip"})


def test_with_preview_only_the_native_priority_counts() -> None:
    ticket = read(conversation(priority="low", tags=tagged("priority-urgent")), version="Preview")

    assert (ticket.priority, set(ticket.tags)) == (Priority.LOW, {"priority-urgent"})


def test_a_priority_may_stand_in_an_attribute() -> None:
    raw = conversation(priority="none", custom_attributes={"Urgency": "urgent"}, tags=tagged("priority-high"))

    ticket = read(raw, priority_attribute="Urgency")

    assert (ticket.priority, set(ticket.tags)) == (Priority.URGENT, {"priority-high"})


@pytest.mark.parametrize(
    ("options", "writes"), [({}, False), ({"version": "Preview"}, True), ({"priority_by_preview": True}, True)]
)
def test_a_priority_is_written_under_preview_alone_and_never_on_a_ticket(options: dict[str, Any], writes: bool) -> None:
    assert Dialect(account(**options)).writes_priority is writes
    assert not Dialect(account(**options), is_ticket=True).writes_priority


@pytest.mark.parametrize(("version", "has"), [("2.9", False), ("2.15", False), ("2.16", True), ("3.0", True), ("Preview", True)])
def test_versions_are_compared_as_numbers(version: str, has: bool) -> None:
    assert Dialect(account(version=version)).has_macros is has


def test_tags_that_carry_something_else_are_hidden() -> None:
    assert Dialect(account()).hidden_tags >= {"pending-customer", "survey-off", "priority-urgent"}
    assert Dialect(account(pending_tag="Waiting", version="Preview")).hidden_tags == {"waiting", "survey-off"}

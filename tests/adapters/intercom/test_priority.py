"""Native word and carrier: the one that was said last is the priority, whoever said it and whichever is higher."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.ticket import Priority
from tests.adapters.intercom.reading import T, conversation, part, read

US, ANNA = "7009", "7001"


def carrier(name: str, at: int | None, by: str = US) -> dict[str, Any]:
    who = {"type": "admin", "id": by}
    return {"id": name, "name": name, "applied_at": None if at is None else T + at, "applied_by": who}


def priority_of(native: str, carriers: list[dict[str, Any]], *changed_at: int, **options: Any) -> Priority:
    """With the native word changed at these seconds."""
    parts = [part("priority_changed", "admin", at, None) for at in changed_at]
    return read(conversation(*parts, priority=native, tags={"tags": carriers}), **options).priority


@pytest.mark.parametrize(
    ("native", "ours"),
    [
        ("low", Priority.LOW),
        ("medium", Priority.NORMAL),
        ("none", Priority.NONE),
        ("urgent", Priority.URGENT),
        ("not_priority", Priority.NONE),
        ("priority", Priority.HIGH),
    ],
)
def test_a_native_word_that_changed_after_our_tag_is_the_persons_choice(native: str, ours: Priority) -> None:
    assert priority_of(native, [carrier("priority-high", at=10)], 5, 20) is ours


@pytest.mark.parametrize("native", ["low", "urgent", "not_priority"])
def test_a_tag_that_was_put_on_after_the_native_word_changed_counts(native: str) -> None:
    assert priority_of(native, [carrier("priority-high", at=10)], 5) is Priority.HIGH
    assert priority_of(native, [carrier("priority-high", at=10, by=ANNA)], 5) is Priority.HIGH


def test_whoever_takes_the_tag_off_leaves_the_native_word() -> None:
    assert priority_of("low", [], 5) is Priority.LOW
    assert priority_of("none", []) is Priority.NONE


def test_of_two_tags_the_newer_counts_and_of_one_second_the_higher() -> None:
    older, newer = carrier("priority-urgent", at=10), carrier("priority-low", at=20, by=ANNA)

    assert priority_of("none", [newer, older]) is Priority.LOW
    assert priority_of("none", [older, carrier("priority-low", at=10)]) is Priority.URGENT


def test_within_one_second_a_change_of_another_came_after_our_tag() -> None:
    assert priority_of("low", [carrier("priority-high", at=10)], 10) is Priority.LOW
    assert priority_of("low", [carrier("priority-high", at=10, by=ANNA)], 10) is Priority.HIGH


def test_where_no_time_is_told_the_higher_counts() -> None:
    assert priority_of("low", [carrier("priority-high", at=10)]) is Priority.HIGH
    assert priority_of("urgent", [carrier("priority-high", at=10)]) is Priority.URGENT
    assert priority_of("low", [carrier("priority-high", at=None)], 20) is Priority.HIGH


def test_under_preview_there_is_the_native_word_alone() -> None:
    assert priority_of("low", [carrier("priority-high", at=10)], 5, version="Preview") is Priority.LOW


@pytest.mark.parametrize(("native_at", "ours"), [(5, Priority.URGENT), (20, Priority.LOW)])
def test_an_attribute_carries_as_a_tag_does(native_at: int, ours: Priority) -> None:
    told = {"event_details": {"attribute": {"name": "Urgency"}, "value": {"name": "urgent"}}}
    written = part("conversation_attribute_updated_by_admin", "bot", 10, None) | told
    other = part("conversation_attribute_updated_by_admin", "bot", 30, None) | {"event_details": {"attribute": {"name": "Plan"}}}
    parts = [written, other, part("priority_changed", "admin", native_at, None)]
    raw = conversation(*parts, priority="low", custom_attributes={"Urgency": "urgent"})

    assert read(raw, priority_attribute="Urgency").priority is ours

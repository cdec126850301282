"""What a decision would do to a ticket, entry by entry."""

from __future__ import annotations

from adapters.ticket import Priority, Ticket
from bot.writes.summary import writes_of
from rules.model.decision import Decision, NoteWish


def test_each_tag_and_field_is_an_entry_with_its_rules() -> None:
    decision = Decision(
        tags_add=frozenset({"a", "b"}), priority=Priority.HIGH, by={"tag:a": ("r1",), "tag:b": ("r2",), "priority": ("r3",)}
    )

    assert writes_of(Ticket(), decision) == {
        "tag:a": ("add", ("r1",)),
        "tag:b": ("add", ("r2",)),
        "priority": ("high", ("r3",)),
    }


def test_what_the_ticket_has_already_is_no_entry() -> None:
    ticket = Ticket(tags=frozenset({"a"}), priority=Priority.HIGH)

    assert writes_of(ticket, Decision(tags_add=frozenset({"a"}), priority=Priority.HIGH)) == {}


def test_what_is_said_is_shown_by_a_hash_that_follows_its_words() -> None:
    one, same, other = (
        writes_of(Ticket(), Decision(notes=(NoteWish(rule="r1", title="T", text=text),)))["note of r1"]
        for text in ("secret words", "secret words", "others")
    )

    assert one == same != other
    assert "secret" not in one[0]
    assert one[1] == ("r1",)

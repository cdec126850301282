"""A draft's life: found by ticket and state, moved on with what was decided, lost where nobody wrote it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot.store import drafts
from bot.store.drafts import StoredDraft
from rules.model.decision import DraftWish
from tests.store.makers import KEY, NOW, OTHER_KEY, later

DRAFT = StoredDraft(
    id="draft-1",
    key=KEY,
    run_id="run-1",
    state="live",
    message_id="m1",
    marker="ABCDEFGH",
    wish=DraftWish(rule="r1", tone="executive"),
    draft={"text": "Hello", "language": "en"},
    text="Hello",
    language="en",
    created_at=NOW,
)


def test_a_draft_comes_back_as_it_went(connection: Connection) -> None:
    drafts.add(connection, KEY, DRAFT)

    assert drafts.get(connection, "draft-1") == DRAFT
    assert drafts.get(connection, "draft-2") is None


def test_drafts_are_found_by_ticket_and_state_newest_first(connection: Connection) -> None:
    drafts.add(connection, KEY, DRAFT)
    drafts.add(connection, KEY, replace(DRAFT, id="draft-2", created_at=later(minutes=1)))
    drafts.add(connection, KEY, replace(DRAFT, id="draft-3", state="rejected"))
    drafts.add(connection, OTHER_KEY, replace(DRAFT, id="draft-4"))

    assert [each.id for each in drafts.in_state(connection, KEY, "live")] == ["draft-2", "draft-1"]
    assert len(drafts.in_state(connection, KEY, "live", "rejected")) == 3


def test_a_draft_moves_on_with_what_was_decided(connection: Connection) -> None:
    drafts.add(connection, KEY, DRAFT)

    drafts.move(connection, "draft-1", "retired", later(minutes=5), decided_by="reply", similarity=0.93, band="light edit")

    assert drafts.in_state(connection, KEY, "live") == []
    assert [each.id for each in drafts.in_state(connection, KEY, "retired")] == ["draft-1"]


def test_only_drafts_asked_for_long_ago_are_lost(connection: Connection) -> None:
    drafts.add(connection, KEY, replace(DRAFT, state="asked", draft=None))
    drafts.add(connection, KEY, replace(DRAFT, id="draft-2", state="asked", draft=None, created_at=later(minutes=10)))
    drafts.add(connection, KEY, replace(DRAFT, id="draft-3"))

    assert [each.id for each in drafts.asked_before(connection, later(minutes=5))] == ["draft-1"]

"""A draft's life, times to come, and what rules remember."""

from __future__ import annotations

import time
from dataclasses import replace

from sqlalchemy import Connection

from bot.process.ids import new_id
from bot.store import drafts, due
from bot.store.drafts import StoredDraft
from bot.store.rules import rule_states
from rules.model.decision import DraftWish
from rules.model.facts import RuleState
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


def test_a_time_comes_once(connection: Connection) -> None:
    due.add_due(connection, KEY, later(hours=1), "follow_up", {"rule": "r1", "text": "Look again"})

    assert due.due_now(connection, NOW) == []
    [row] = due.due_now(connection, later(hours=2))
    assert (row.key, row.at, row.what, row.payload) == (KEY, later(hours=1), "follow_up", {"rule": "r1", "text": "Look again"})
    due.close_due(connection, row.id)
    assert due.due_now(connection, later(hours=2)) == []


def test_rules_remember_live_and_shadow_apart(connection: Connection) -> None:
    held = RuleState(rule="r1", semantic_hash="h1", held=True, fired=2, fired_at=(NOW,), message_id="m1")

    rule_states.keep(connection, KEY, "live", {"r1": held})

    assert rule_states.of_ticket(connection, KEY, "live") == {"r1": held}
    assert rule_states.of_ticket(connection, KEY, "shadow") == {}
    assert rule_states.of_ticket(connection, OTHER_KEY, "live") == {}


def test_a_rules_newer_state_takes_the_place_of_the_older(connection: Connection) -> None:
    old = {name: RuleState(rule=name, semantic_hash="h1", held=True) for name in ("r1", "r2")}
    rule_states.keep(connection, KEY, "live", old)

    rule_states.keep(connection, KEY, "live", {"r1": RuleState(rule="r1", semantic_hash="h2")})
    rule_states.keep(connection, KEY, "live", {})

    assert rule_states.of_ticket(connection, KEY, "live") == {**old, "r1": RuleState(rule="r1", semantic_hash="h2")}


def test_ids_sort_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    second = new_id()

    assert first < second
    assert (first[14], first[19] in "89ab", len(first)) == ("7", True, 36)
    assert len({new_id() for _ in range(1000)}) == 1000

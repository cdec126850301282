"""Asking with patience: a draft in time, a late one as an event, a lost one asked for again."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from adapters.ticket import EventType, Provider, Ticket, TicketKey
from bot.drafts import Draft, DraftAsk
from bot.pipeline.draft_request import Asked, Late, draft_json, draft_of, internal
from bot.store import deliveries, drafts, tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.drafts import StoredDraft
from rules.model.decision import DraftWish
from tests.harness.servers import wait_for
from tests.store.makers import KEY, event

pytestmark = pytest.mark.both_storages

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ASK = DraftAsk(ticket=Ticket(subject="Help"), now=NOW)
DRAFT = Draft(text="We are on it.", language="en")


class SlowDrafter:
    """Answers when it is allowed to."""

    def __init__(self) -> None:
        self.may = threading.Event()

    def draft(self, ask: DraftAsk) -> Draft:
        self.may.wait(10)
        return DRAFT


class SilentBell:
    def ring(self, key: TicketKey) -> bool:
        return True


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'drafts.sqlite3'}")
    migrate(made)
    yield made
    made.dispose()


def late(engine: Engine) -> Late:
    return Late(engine, SilentBell(), KEY, Provider.ZENDESK, NOW)


def store_asked(engine: Engine, draft_id: str, state: str = "asked") -> None:
    wish = DraftWish(rule="r1", tone="executive")
    row = StoredDraft(
        id=draft_id,
        key=KEY,
        run_id="run-1",
        state=state,
        message_id="m1",
        marker="",
        wish=wish,
        draft=None,
        text="",
        language="",
        created_at=NOW,
    )
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, NOW)
        drafts.add(connection, KEY, row)


def in_inbox(engine: Engine) -> list[EventType]:
    with reading(engine) as connection:
        return [each.type for waiting in deliveries.pending(connection, KEY) for each in waiting.events]


def test_a_draft_in_time_is_given_at_once_and_its_thread_ends() -> None:
    drafter = SlowDrafter()
    drafter.may.set()

    asked = Asked(drafter, ASK).start()

    assert asked.within(10) == DRAFT
    wait_for("the thread's end", lambda: not any(thread.name == "drafting" for thread in threading.enumerate()))


def test_a_drafter_that_fails_withholds_the_draft_and_says_what_failed_without_words() -> None:
    class Broken:
        def draft(self, ask: DraftAsk) -> Draft:
            raise ValueError("Help")

    draft = Asked(Broken(), ASK).start().within(10)

    assert draft is not None
    assert (draft.withheld, draft.reason) == (True, "the drafter failed (ValueError)")


def test_a_late_draft_comes_back_as_an_event_with_its_text(engine: Engine) -> None:
    drafter = SlowDrafter()
    asked = Asked(drafter, ASK).start()
    assert asked.within(0.01) is None
    store_asked(engine, asked.id)
    asked.hand_over(late(engine))

    drafter.may.set()
    wait_for("the draft", lambda: in_inbox(engine) == [EventType.DRAFT_READY])

    with reading(engine) as connection:
        row = drafts.get(connection, asked.id)
    assert row is not None
    assert (row.state, row.text) == ("ready", "We are on it.")
    assert draft_of(row.draft) == DRAFT


def test_a_draft_that_cannot_be_stored_is_told_and_left_to_be_asked_again(tmp_path: Path) -> None:
    asked = Asked(SlowDrafter(), ASK)
    asked.hand_over(late(make_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite3'}")))
    asked.drafter.may.set()  # type: ignore[attr-defined]

    with capture_logs() as lines:
        asked._write()

    assert [(line["event"], line["draft"]) for line in lines] == [("draft.not_brought", asked.id)]


def test_a_draft_that_comes_before_its_row_is_stored_waits_for_it(engine: Engine) -> None:
    """Late for the run, but quicker than its transaction."""
    drafter = SlowDrafter()
    asked = Asked(drafter, ASK).start()
    assert asked.within(0.01) is None
    drafter.may.set()
    time.sleep(0.05)
    store_asked(engine, asked.id)

    asked.hand_over(late(engine))

    wait_for("the draft", lambda: in_inbox(engine) == [EventType.DRAFT_READY])


def test_a_draft_comes_back_once(engine: Engine) -> None:
    store_asked(engine, "draft-1")

    late(engine).bring("draft-1", DRAFT)
    late(engine).bring("draft-1", DRAFT)
    late(engine).bring("draft-1", None)

    assert in_inbox(engine) == [EventType.DRAFT_READY]


@pytest.mark.parametrize("state", ["superseded", "live", "rejected"])
def test_a_draft_that_nobody_waits_for_any_more_is_dropped(engine: Engine, state: str) -> None:
    store_asked(engine, "draft-1", state)

    late(engine).bring("draft-1", DRAFT)
    late(engine).bring("draft-unknown", DRAFT)

    assert in_inbox(engine) == []


def test_a_lost_draft_comes_back_without_a_text(engine: Engine) -> None:
    store_asked(engine, "draft-1")

    late(engine).bring("draft-1", None)

    assert in_inbox(engine) == [EventType.DRAFT_READY]
    with reading(engine) as connection:
        row = drafts.get(connection, "draft-1")
    assert row is not None
    assert row.draft is None


def test_an_event_of_our_own_keeps_what_it_is_about() -> None:
    made = internal(event(KEY, "internal:due:1"), NOW, {"rule": "r1"})

    assert (made.account, made.delivery_key, made.body) == ("acme", "internal:due:1", b'{"rule":"r1"}')


def test_a_stored_draft_comes_back_as_it_went() -> None:
    assert draft_of(draft_json(DRAFT, "hash")) == DRAFT
    assert draft_of(None) is None

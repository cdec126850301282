"""This machine's clock beside the helpdesks': what their answers say is kept, and ours is right where it agrees with any."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from bot.shared.helpdesk_clock import HelpdeskClock, agreed, in_words
from bot.store.database.engine import make_engine, reading
from bot.store.helpdesks import clock_skews
from tests.harness.deskhand import deskhand
from tests.harness.storage import put_tables_into

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    put_tables_into(tmp_path)
    return make_engine(f"sqlite:///{tmp_path / 'deskhand.sqlite3'}")


def kept(engine: Engine, now: datetime = NOW) -> dict[str, float]:
    with reading(engine) as connection:
        return {each.account: each.ahead_s for each in clock_skews.recent(connection, now)}


def test_what_an_answer_says_is_kept(engine: Engine) -> None:
    clock = HelpdeskClock(engine, "acme", lambda: NOW)

    clock.saw(NOW - timedelta(minutes=20))

    assert clock.ahead_s() == 1200.0
    assert kept(engine) == {"acme": 1200.0}


def test_an_hour_later_nobody_knows(engine: Engine) -> None:
    HelpdeskClock(engine, "acme", lambda: NOW).saw(NOW)

    assert kept(engine, NOW + timedelta(hours=2)) == {}
    assert kept(engine, NOW + timedelta(days=410)) == {}


def test_the_same_second_by_second_is_kept_once_in_a_while(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[float] = []
    monkeypatch.setattr(clock_skews, "keep", lambda _, __, ahead_s, ___: written.append(ahead_s))
    clock = HelpdeskClock(engine, "acme", lambda: NOW)

    for ahead_s in (1.0, 2.0, 3.0, 300.0, 301.0):
        clock.saw(NOW - timedelta(seconds=ahead_s))

    assert written == [1.0, 300.0]


def test_one_helpdesk_with_a_wrong_clock_does_not_make_ours_wrong() -> None:
    assert agreed([86_400.0, -0.4]) == -0.4
    assert agreed([]) is None


@pytest.mark.parametrize(
    ("ahead_s", "words"),
    [(1_200.0, "20 min ahead of"), (-42.0, "42 s behind"), (410 * 86_400.0, "410 days ahead of"), (-7_300.0, "2 h behind")],
)
def test_a_difference_is_said_in_its_unit(ahead_s: float, words: str) -> None:
    assert in_words(ahead_s) == words


@pytest.mark.parametrize("provider", ["zendesk", "intercom", "freshdesk"])
def test_each_helpdesks_answers_tell_its_time(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.date_ahead_s = -1200.0
        run.parts.helpdesk(run.config.settings.accounts[0]).me()

        assert run.parts.clocks[provider].ahead_s() == pytest.approx(1200.0, abs=5.0)

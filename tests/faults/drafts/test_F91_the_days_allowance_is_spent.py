"""F91: what the model may cost in a day is used up: rules only, an alarm, and drafts again on the next day."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from bot.cli.group import main
from bot.config import ModelSettings
from bot.drafts import Draft
from bot.drafts.llm.chat_completion import Answered, CompletionFailed, Used
from bot.drafts.llm.model_drafter import ModelDrafter
from bot.shared.model_budget import SharedAllowance, used_today
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from bot.store.models.model_use import Use
from tests.drafts.makers import SHELF, ask
from tests.faults.model_setup import mind

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
GOOD = json.dumps({"language": "en", "sentences": [{"text": "1. Open Settings and choose Data.", "sources": ["A1"]}]})


class Worker:
    """One worker with its own connection to the database, and a model that answers as told."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.engine = make_engine(f"sqlite:///{folder / 'deskhand.sqlite3'}")
        migrate(self.engine)
        self.now = NOON
        self.answer: Answered | Exception = Answered(text=GOOD, used=Used(prompt=300, answer=100))
        model = ModelSettings(base_url="https://model.example.com/v1", name="m", max_tokens=100, **settings)
        allowance = SharedAllowance(self.engine, model, lambda: self.now)
        self._drafter = ModelDrafter(model, SHELF, complete=self._complete, allowance=allowance)

    def _complete(self, *_: object) -> Answered:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def draft(self) -> Draft:
        return self._drafter.draft(ask())

    @property
    def used(self) -> Use:
        return used_today(self.engine, self.now)


def test_F91_all_workers_share_one_allowance(tmp_path: Path) -> None:
    first, second = Worker(tmp_path, daily_tokens=1300), Worker(tmp_path, daily_tokens=1300)

    drafts = [first.draft(), second.draft(), first.draft(), second.draft()]

    assert [each.withheld for each in drafts] == [False, False, True, True]
    assert drafts[2].reason == "the model's allowance for 2026-11-21 is used up (1300 tokens)"
    assert first.used == second.used == Use(prompt_tokens=600, answer_tokens=200, calls=2, is_spent=True)


def test_F91_the_alarm_is_raised_once_by_whoever_comes_first(tmp_path: Path) -> None:
    first, second = Worker(tmp_path, daily_tokens=1), Worker(tmp_path, daily_tokens=1)

    with capture_logs() as lines:
        for worker in (first, second, first):
            worker.draft()

    [alarm] = [each for each in lines if each["event"] == "model.allowance_spent"]
    assert (alarm["log_level"], alarm["day"]) == ("error", "2026-11-21")


def test_F91_the_next_day_has_drafts_again(tmp_path: Path) -> None:
    worker = Worker(tmp_path, daily_tokens=900)
    assert [worker.draft().withheld for _ in range(2)] == [False, True]

    worker.now += timedelta(hours=12)

    assert not worker.draft().withheld


def test_F91_money_counts_where_there_are_prices(tmp_path: Path) -> None:
    worker = Worker(tmp_path, daily_cost=0.0015, prompt_price=1.0, answer_price=2.0)  # 0.0005 a call

    drafts = [worker.draft() for _ in range(4)]

    assert [each.withheld for each in drafts] == [False, False, True, True]
    assert drafts[2].reason.endswith("is used up (cost 0.0015)")


def test_F91_a_ceiling_in_money_wants_prices() -> None:
    with pytest.raises(ValueError, match="daily_cost wants prompt_price and answer_price"):
        ModelSettings(base_url="https://model.example.com/v1", name="m", daily_cost=1.0)


@pytest.mark.parametrize(("is_free", "calls", "tokens"), [(True, 1, 0), (False, 1, 100)])
def test_F91_a_call_that_failed_costs_nothing_only_where_nothing_was_made(
    tmp_path: Path, is_free: bool, calls: int, tokens: int
) -> None:
    worker = Worker(tmp_path)
    worker.answer = CompletionFailed("the model gave no answer within 6 s", is_free=is_free)

    assert worker.draft().withheld

    assert (worker.used.calls, worker.used.answer_tokens) == (calls, tokens)
    assert (worker.used.prompt_tokens == 0) is is_free


def test_F91_an_endpoint_that_does_not_count_is_counted_at_the_most(tmp_path: Path) -> None:
    worker = Worker(tmp_path)
    worker.answer = Answered(text=GOOD)

    worker.draft()

    assert worker.used.answer_tokens == 100
    assert worker.used.prompt_tokens > 300


def test_F91_rules_go_on_the_note_says_why_and_the_doctor_raises_it(tmp_path: Path) -> None:
    with mind(tmp_path, daily_tokens=3000) as asked:
        first = asked.ask()
        asked.assert_draft(first)
        spent = [asked.ask() for _ in range(4)][-1]

        asked.assert_offline(spent, "the model's allowance for")
        assert asked.calls == 0
        result = CliRunner().invoke(main, ["doctor", "--json", "--config", str(asked.run.config.path)])
        [finding] = [each for each in json.loads(result.stdout)["findings"] if each["what"] == "model"]
        assert not finding["ok"]
        assert "ceiling: 3000 tokens: used up, no drafts until midnight UTC" in finding["words"]


def test_F91_what_the_stand_in_counts_is_what_is_counted(tmp_path: Path) -> None:
    """Over HTTP, in a stream: the usage of its last event."""
    with mind(tmp_path) as asked:
        asked.ask()

        used = used_today(asked.run.parts.engine, datetime.now(UTC))
    [call] = asked.endpoint.asked
    assert used.calls == 1
    assert call.prompt_chars // 4 <= used.prompt_tokens < call.prompt_chars // 4 + 100
    assert 50 < used.answer_tokens < 400

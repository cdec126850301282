"""What the model costs in a day, shared by all workers: the most is set aside before, the real cost counted after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.config import ModelSettings
from bot.drafts.llm.budget import AllowanceSpent
from bot.drafts.llm.chat_completion import Used
from bot.shared.model_budget import SharedAllowance, ceiling_of, day_of, judge, used_today
from bot.store.models import model_use
from bot.store.models.model_use import Ceiling, Use
from tests.store.conftest import engine as engine
from tests.store.conftest import sqlite_template as sqlite_template

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOST = Used(prompt=300, answer=100)


def settings(**more: Any) -> ModelSettings:
    return ModelSettings(base_url="https://model.example.com/v1", name="m", **more)


def test_the_most_is_set_aside_and_the_real_cost_takes_its_place(engine: Engine) -> None:
    allowance = SharedAllowance(engine, settings(), lambda: NOON)

    taken = allowance.take(MOST)
    before = used_today(engine, NOON)
    allowance.settle(taken, Used(prompt=250, answer=7))

    assert before == Use(prompt_tokens=300, answer_tokens=100, calls=1)
    assert used_today(engine, NOON) == Use(prompt_tokens=250, answer_tokens=7, calls=1)


def test_a_call_that_has_no_room_is_refused_and_not_counted(engine: Engine) -> None:
    first, second = (SharedAllowance(engine, settings(daily_tokens=700), lambda: NOON) for _ in range(2))
    first.take(MOST)

    with capture_logs() as lines:
        for each in (second, first):
            with pytest.raises(AllowanceSpent, match="for 2026-11-21 is used up \\(700 tokens\\)"):
                each.take(MOST)

    assert used_today(engine, NOON) == Use(prompt_tokens=300, answer_tokens=100, calls=1, is_spent=True)
    assert [each["event"] for each in lines] == ["model.allowance_spent"]


def test_a_call_is_settled_on_the_day_that_it_began(engine: Engine) -> None:
    now = [NOON.replace(hour=23, minute=59)]
    allowance = SharedAllowance(engine, settings(), lambda: now[0])
    taken = allowance.take(MOST)

    now[0] += timedelta(minutes=2)
    allowance.settle(taken, Used(prompt=1, answer=1))

    assert used_today(engine, now[0]) == Use()
    assert used_today(engine, NOON).tokens == 2


def test_a_database_that_is_away_afterwards_costs_no_answer(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    allowance = SharedAllowance(engine, settings(), lambda: NOON)
    taken = allowance.take(MOST)

    def fail(*_: object) -> None:
        raise OperationalError("update", {}, ConnectionError())

    monkeypatch.setattr(model_use, "correct", fail)
    with capture_logs() as lines:
        allowance.settle(taken, Used(prompt=1, answer=1))

    assert [each["event"] for each in lines] == ["model.cost_not_settled"]


def test_a_day_is_one_in_utc() -> None:
    assert day_of(datetime(2026, 11, 21, 23, 59, tzinfo=UTC)) == "2026-11-21"


def test_prices_that_nobody_named_are_nothing() -> None:
    assert ceiling_of(settings(daily_tokens=9)) == Ceiling(tokens=9, cost=None, prompt_price=0.0, answer_price=0.0)


USE = Use(prompt_tokens=1_000_000, answer_tokens=500_000, calls=3)


@pytest.mark.parametrize(
    ("named", "use", "has_room", "words"),
    [
        ({}, USE, True, "3 calls today, 1500000 tokens; ceiling: none (drafts.model.daily_tokens)"),
        (
            {"daily_tokens": 9, "daily_cost": 2.5, "prompt_price": 1.0, "answer_price": 2.0},
            USE,
            True,
            "3 calls today, 1500000 tokens, cost 2.00; ceiling: 9 tokens or cost 2.5",
        ),
        (
            {"daily_tokens": 9},
            Use(is_spent=True),
            False,
            "0 calls today, 0 tokens; ceiling: 9 tokens: used up, no drafts until midnight UTC",
        ),
    ],
)
def test_the_doctor_is_told_the_days_use_in_words(named: dict[str, Any], use: Use, has_room: bool, words: str) -> None:
    assert judge(settings(**named), use) == (has_room, words)

"""What the model cost in a day: the ceiling holds however many workers count at once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Connection, Engine

from bot.store.database.engine import reading
from bot.store.models import model_use
from bot.store.models.model_use import Ceiling, Use

DAY = "2026-11-21"


def test_a_day_begins_at_zero(connection: Connection) -> None:
    assert model_use.of_day(connection, DAY) == Use()


def test_calls_are_counted_up_to_the_ceiling_and_not_over_it(connection: Connection) -> None:
    ceiling = Ceiling(tokens=1000)

    taken = [model_use.take(connection, DAY, 300, 100, ceiling) for _ in range(4)]

    assert taken == [True, True, False, False]
    assert model_use.of_day(connection, DAY) == Use(prompt_tokens=600, answer_tokens=200, calls=2)


def test_each_day_has_its_own_count(connection: Connection) -> None:
    assert model_use.take(connection, DAY, 900, 0, Ceiling(tokens=1000))
    assert model_use.take(connection, "2026-11-22", 900, 0, Ceiling(tokens=1000))


def test_what_was_not_used_is_there_for_the_next_call(connection: Connection) -> None:
    model_use.take(connection, DAY, 300, 700, Ceiling(tokens=1000))

    model_use.correct(connection, DAY, -100, -600)

    assert model_use.of_day(connection, DAY).tokens == 300
    assert model_use.take(connection, DAY, 300, 400, Ceiling(tokens=1000))


@pytest.mark.parametrize(("cost", "calls"), [(0.003, 1), (0.0059, 1), (0.006, 2), (1.0, 4)])
def test_money_is_a_ceiling_too(connection: Connection, cost: float, calls: int) -> None:
    """1000 prompt tokens at 1.0 and 500 answer tokens at 4.0 for a million: 0.003 a call."""
    ceiling = Ceiling(cost=cost, prompt_price=1.0, answer_price=4.0)

    taken = [model_use.take(connection, DAY, 1000, 500, ceiling) for _ in range(4)]

    assert sum(taken) == calls


def test_without_a_ceiling_all_is_counted(connection: Connection) -> None:
    assert all(model_use.take(connection, DAY, 10**9, 10**9, Ceiling()) for _ in range(3))
    assert model_use.of_day(connection, DAY).tokens == 6 * 10**9


def test_the_alarm_is_for_one_of_all_workers(connection: Connection) -> None:
    model_use.take(connection, DAY, 1, 1, Ceiling())

    assert [model_use.tell_once(connection, DAY) for _ in range(3)] == [True, False, False]


def test_workers_at_once_cannot_pass_the_ceiling_together(engine: Engine) -> None:
    taken: list[bool] = []

    def work() -> None:
        for _ in range(10):
            with engine.begin() as connection:
                taken.append(model_use.take(connection, DAY, 10, 0, Ceiling(tokens=125)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (taken.count(True), len(taken)) == (12, 40)
    with reading(engine) as connection:
        assert model_use.of_day(connection, DAY) == Use(prompt_tokens=120, calls=12)

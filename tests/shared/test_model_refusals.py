"""What a model's endpoint refuses: known to all workers, for an hour, for that endpoint and model."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from bot.config import ModelSettings
from bot.shared.model_refusals import SharedRefusals
from bot.store.database.engine import make_engine
from tests.store.conftest import engine as engine
from tests.store.conftest import sqlite_template as sqlite_template

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MODEL = ModelSettings(base_url="https://model.example.com/v1", name="m")


def test_what_one_worker_finds_out_all_know_for_an_hour(engine: Engine) -> None:
    moment = [NOON]
    first, second = (SharedRefusals(engine, lambda: moment[0]) for _ in range(2))
    assert second.known(MODEL) == frozenset()

    first.learn(MODEL, frozenset({"max_tokens", "temperature"}))

    assert second.known(MODEL) == {"max_tokens", "temperature"}
    assert second.known(MODEL.model_copy(update={"base_url": f"{MODEL.base_url}/"})) == {"max_tokens", "temperature"}
    assert second.known(MODEL.model_copy(update={"name": "another"})) == frozenset()
    moment[0] += timedelta(hours=1, seconds=1)
    assert second.known(MODEL) == frozenset()


def test_what_is_kept_names_options_and_no_secret(engine: Engine) -> None:
    SharedRefusals(engine, lambda: NOON).learn(MODEL, frozenset({"temperature"}))

    with engine.connect() as connection:
        [row] = connection.execute(text("select account, name, value from reference"))
    assert (row.account, row.value) == ("", '["temperature"]')
    assert row.name.startswith("model-")
    assert "example" not in row.name


def test_while_the_database_is_away_nothing_is_known_and_nothing_raised() -> None:
    away = SharedRefusals(make_engine("sqlite:////nowhere/deskhand.sqlite3"), lambda: NOON)

    away.learn(MODEL, frozenset({"temperature"}))

    assert away.known(MODEL) == frozenset()

"""What the doctor says of the model whose opinion is asked: found out about an invented message."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor.checks import Finding
from bot.cli.doctor.opinion_checks import look_at_opinions
from bot.config import Config, load
from bot.process.clock import utc_now
from bot.shared.model_budget import used_today
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from sandbox.model import Endpoint
from sandbox.stories.config import write_config

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def configured(folder: Path, base_url: str, patience_s: float = 3.0, **settings: Any) -> Config:
    model = {"base_url": base_url, "name": "scripted", "allow_private": True, "timeout_s": 30.0, **settings}
    senses = {"model": model, "patience_s": patience_s}
    config = load(write_config(folder, {"zendesk": "http://127.0.0.1:9"}, 0, NOW, senses=senses), {})
    migrate(make_engine(config.database_url))
    return config


def look(config: Config) -> Finding:
    [found] = look_at_opinions(config)
    return found


def test_a_model_that_sees_what_is_said_is_well_and_the_question_is_counted(tmp_path: Path, endpoint: Endpoint) -> None:
    config = configured(tmp_path, endpoint.base_url)

    found = look(config)

    assert (found.is_well, found.is_warning) == (True, False)
    assert "sees data_loss.missing.disappeared in an invented loss of data" in found.words
    assert "of 0 messages that were asked about 0 had no answer, 0 a late one" in found.words
    assert used_today(make_engine(config.database_url), utc_now()).calls == 1


def test_without_a_model_nothing_is_asked(tmp_path: Path) -> None:
    config = load(write_config(tmp_path, {"zendesk": "http://127.0.0.1:9"}, 0, NOW), {})

    assert list(look_at_opinions(config)) == []


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("lying", "is not what the message says"),
        ("other-lists", "rest on words that nobody wrote"),
        ("hostile", "parts of its answer were no words of the lists"),
    ],
)
def test_a_model_that_says_something_else_is_a_warning(tmp_path: Path, endpoint: Endpoint, mode: str, words: str) -> None:
    endpoint.order({"mode": mode})

    found = look(configured(tmp_path, endpoint.base_url))

    assert (found.is_well, found.is_warning) == (True, True)
    assert words in found.words


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("500", "answered 500: look at its own log"),
        ("401", "look at senses.model.api_key"),
        ("malformed", "it does not answer in JSON"),
        ("html", "something else than a completion"),
    ],
)
def test_a_model_that_does_not_work_is_ill(tmp_path: Path, endpoint: Endpoint, mode: str, words: str) -> None:
    endpoint.order({"mode": mode})

    found = look(configured(tmp_path, endpoint.base_url))

    assert not found.is_well
    assert words in found.words
    assert found.words.endswith("tickets are read by the detectors alone meanwhile")


def test_a_model_that_is_slower_than_runs_wait_is_a_warning(tmp_path: Path, endpoint: Endpoint) -> None:
    found = look(configured(tmp_path, endpoint.base_url, patience_s=0.0))

    assert found.is_warning
    assert "most answers come late" in found.words


def test_a_spent_allowance_is_a_warning(tmp_path: Path, endpoint: Endpoint) -> None:
    found = look(configured(tmp_path, endpoint.base_url, daily_tokens=10))

    assert (found.is_well, found.is_warning) == (True, True)
    assert "used up" in found.words
    assert endpoint.asked == []

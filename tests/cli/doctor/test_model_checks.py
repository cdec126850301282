"""What the doctor says of a model: found out with one small question, which is counted and holds no customer's word."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli.doctor.checks import Finding
from bot.cli.doctor.model_checks import look_at_endpoint
from bot.config import Config, load
from bot.process.clock import utc_now
from bot.shared.model_budget import used_today
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from sandbox.model import Endpoint
from sandbox.stories.config import write_config

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def configured(folder: Path, base_url: str, **settings: Any) -> Config:
    model = {"base_url": base_url, "name": "scripted", "allow_private": True, "timeout_s": 30.0, **settings}
    config = load(write_config(folder, {"zendesk": "http://127.0.0.1:9"}, 0, NOW, drafts={"model": model}), {})
    migrate(make_engine(config.database_url))
    return config


def look(config: Config) -> Finding:
    [found] = look_at_endpoint(config)
    return found


def test_an_endpoint_that_takes_everything_is_well_and_the_question_is_counted(tmp_path: Path, endpoint: Endpoint) -> None:
    config = configured(tmp_path, endpoint.base_url)

    found = look(config)

    assert (found.is_well, found.is_warning) == (True, False)
    assert found.words.endswith("in a stream, keeps to a JSON schema")
    [asked] = endpoint.asked
    assert (asked.max_tokens, asked.prompt_chars < 200) == (64, True)
    used = used_today(make_engine(config.database_url), utc_now())
    assert used.calls == 1
    assert 0 < used.tokens < 200


@pytest.mark.parametrize(
    ("manners", "words", "is_warning"),
    [
        ({"refuses": {"max_tokens": 400, "temperature": 400}},
         "refuses max_tokens (max_completion_tokens takes its place), temperature: nothing to do", False),
        ({"refuses": {"response_format": 400}}, "takes no JSON schema (the answer is looked for in its text)", False),
        ({"json_schema": "ignored"}, "takes a JSON schema and does not keep to it", False),
        ({"streams": False}, "whole, not in a stream", False),
        ({"refuses": {"stream": 400}}, "refuses stream: nothing to do", False),
        ({"refuses": {"system": 400}}, "refuses a system message (it goes with the user's): nothing to do", False),
        ({"refuses": {"max_tokens": 400, "max_completion_tokens": 400}}, "takes no limit of tokens", True),
        ({"reasons": "field"}, "it reasons before it answers, and max_tokens (700) has to hold that too: 2000 or more", True),
        ({"reasons": "think"}, "it reasons before it answers", True),
        ({"counts": False}, "it does not say what a call costs, so each counts at its most", True),
    ],
)  # fmt: skip
def test_what_an_endpoint_can_and_cannot_do_is_told_with_what_to_do(
    tmp_path: Path, endpoint: Endpoint, manners: dict[str, Any], words: str, is_warning: bool
) -> None:
    endpoint.order(manners)

    found = look(configured(tmp_path, endpoint.base_url, daily_tokens=100_000))

    assert words in found.words
    assert (found.is_well, found.is_warning) == (True, is_warning)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("401", "does not take the api_key: look at drafts.model.api_key"),
        ("html", "something else than a completion: base_url must lead to"),
        ("503", "answered 503: look at its own log or status page"),
        ("hang:1", "no answer within 0.3 s: take a faster model, or raise drafts.model.timeout_s"),
    ],
)
def test_an_endpoint_that_fails_is_ill_and_says_what_to_do(tmp_path: Path, endpoint: Endpoint, mode: str, words: str) -> None:
    endpoint.order({"mode": mode})

    found = look(configured(tmp_path, endpoint.base_url, **({"timeout_s": 0.3} if mode == "hang:1" else {})))

    assert not found.is_well
    assert words in found.words
    assert found.words.endswith("; drafts are written offline meanwhile")


def test_where_nobody_listens_it_is_ill_and_costs_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    config = configured(tmp_path, address)

    found = look(config)

    assert (found.is_well, "does it run, and is drafts.model.base_url its address?" in found.words) == (False, True)
    assert used_today(make_engine(config.database_url), utc_now()).tokens == 0


def test_a_spent_allowance_is_not_overdrawn_for_it(tmp_path: Path, endpoint: Endpoint) -> None:
    found = look(configured(tmp_path, endpoint.base_url, daily_tokens=9))

    assert (found.is_well, found.is_warning, found.words) == (True, True, "not asked: the allowance is used up")
    assert endpoint.asked == []

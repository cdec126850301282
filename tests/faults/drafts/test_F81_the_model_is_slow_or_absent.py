"""F81: the model is slow, refuses or is not there: the rules' writes come in time, with an offline draft that says why."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.model_setup import TIMEOUT_S, Mind, mind

FAILING = [
    ("hang:1", "the model gave no answer within 0.8 s"),
    ("slow:3", "the model gave no answer within 0.8 s"),
    ("429", "the model's endpoint answered 429"),
    ("500", "the model's endpoint answered 500"),
    ("503", "the model's endpoint answered 503"),
    ("401", "the model's endpoint answered 401"),
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind")) as made:
        yield made


@pytest.mark.parametrize(("how", "reason"), FAILING)
def test_F81_a_failing_model_costs_its_draft_alone(asked: Mind, how: str, reason: str) -> None:
    ticket = asked.ask(how)

    asked.assert_offline(ticket, reason)


def test_F81_a_slow_model_delays_the_rules_writes_by_its_timeout_and_no_more(asked: Mind) -> None:
    usual_s = _seconds(lambda: asked.ask("500"))

    slow_s = _seconds(lambda: asked.ask("hang:5"))

    assert slow_s < usual_s + TIMEOUT_S + 1.5


def test_F81_where_nobody_listens_the_draft_is_an_offline_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
    with mind(tmp_path, base_url=address) as asked:
        ticket = asked.ask()

        asked.assert_offline(ticket, "the model cannot be reached")


def _seconds(work: object) -> float:
    assert callable(work)
    began = time.monotonic()
    work()
    return time.monotonic() - began

"""F81: the model is slow, refuses or is not there: the rules' writes come in time, with an offline draft that says why."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.model_setup import Mind, mind

SLOW = [("hang:1", "the model gave no answer within 0.8 s"), ("slow:3", "the model gave no answer within 0.8 s")]
REFUSING = [
    ("429", "the model's endpoint answered 429"),
    ("500", "the model's endpoint answered 500"),
    ("503", "the model's endpoint answered 503"),
    ("401", "the model's endpoint answered 401"),
]

TIMEOUT_S = 0.8
HANGS_S = 90.0  # of `hang:9`


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind"), timeout_s=TIMEOUT_S) as made:
        yield made


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind")) as made:
        yield made


@pytest.mark.parametrize(("how", "reason"), SLOW)
def test_F81_a_slow_model_costs_its_draft_alone(asked: Mind, how: str, reason: str) -> None:
    ticket = asked.ask(how)

    asked.assert_offline(ticket, reason)


@pytest.mark.parametrize(("how", "reason"), REFUSING)
def test_F81_a_model_that_refuses_costs_its_draft_alone(patient: Mind, how: str, reason: str) -> None:
    ticket = patient.ask(how)

    patient.assert_offline(ticket, reason)


def test_F81_a_slow_model_delays_the_rules_writes_by_its_timeout_and_no_more(asked: Mind) -> None:
    asked.ask("500")  # the first time costs more

    assert _seconds(lambda: asked.ask("hang:9")) < HANGS_S / 2


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

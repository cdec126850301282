"""F84: the model does not stop: its answer is cut by tokens, by bytes and by time, whichever comes first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import ModelSettings
from bot.drafts.llm import completion
from bot.drafts.llm.chat_completion import ChatClient, CompletionFailed, get_ready
from sandbox import model
from sandbox.model import Endpoint
from tests.faults.model_setup import mind

DRIPS_S = 20.0  # of `drip:2`
MESSAGES = [{"role": "system", "content": "Write."}, {"role": "user", "content": "How do I export my data?"}]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with model.running_model() as running:
        yield running


def _cut(endpoint: Endpoint, how: str, timeout_s: float = 20.0, max_tokens: int = 100) -> tuple[str, float]:
    """Why the call ended, and after how many seconds."""
    settings = ModelSettings(base_url=endpoint.base_url, name=how, timeout_s=timeout_s, max_tokens=max_tokens, allow_private=True)
    get_ready()
    began = time.monotonic()
    with pytest.raises(CompletionFailed) as caught:
        ChatClient().complete(settings, MESSAGES, began + timeout_s)
    return str(caught.value), time.monotonic() - began


def test_F84_a_stream_beyond_the_tokens_is_cut_long_before_its_time(endpoint: Endpoint) -> None:
    reason, seconds = _cut(endpoint, "endless")

    assert reason == "the model's answer does not end"
    assert seconds < 10


def test_F84_a_body_beyond_the_bytes_is_cut_long_before_its_time(endpoint: Endpoint) -> None:
    reason, seconds = _cut(endpoint, "endless-body")

    assert reason == "the model's answer is too large"
    assert seconds < 10


def test_F84_a_megabyte_at_once_is_cut(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _cut(endpoint, "huge")[0] == "the model's answer does not end"

    monkeypatch.setattr(completion, "CHARS_PER_TOKEN", 10**9)
    monkeypatch.setattr(completion, "PIECES_PER_TOKEN", 10**9)
    assert _cut(endpoint, "huge")[0] == "the model's answer is too large"


@pytest.mark.parametrize("how", ["drip:2", "endless"])
def test_F84_a_trickle_is_cut_by_the_time(endpoint: Endpoint, how: str) -> None:
    reason, seconds = _cut(endpoint, how, timeout_s=3.0, max_tokens=8000)

    assert reason == "the model's answer came too slowly"
    assert seconds < DRIPS_S / 2


def test_F84_the_rules_go_on_with_an_offline_draft(tmp_path: Path) -> None:
    with mind(tmp_path) as asked:
        ticket = asked.ask("endless")

        asked.assert_offline(ticket, "does not end")

"""One call to an endpoint: what is asked for, what is read of both kinds of answer, and where it is cut off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace

import httpx2
import pytest

from bot.config import ModelSettings
from bot.drafts.llm import chat_completion, pinned_transport
from bot.drafts.llm.chat_completion import MAX_BYTES, Answered, CompletionFailed, Used, complete

SETTINGS = ModelSettings(base_url="https://model.example.com/v1", name="m", timeout_s=5, max_tokens=50)
Answer = Callable[[dict[str, object]], httpx2.Response]
Call = Callable[[Answer], Answered]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Makes one call, which the given function answers in the endpoint's place."""

    def called(answer: Answer) -> Answered:
        wire = httpx2.MockTransport(lambda request: answer(json.loads(request.read())))
        monkeypatch.setattr(pinned_transport, "WayOut", lambda allow_private: wire)
        return complete(SETTINGS, [{"role": "user", "content": "Hello"}], time.monotonic() + 60)

    return called


def events(*pieces: object) -> httpx2.Response:
    """A stream of these events; a text stands for a piece of the answer."""
    found = [{"choices": [{"delta": {"content": each}}]} if isinstance(each, str) else each for each in pieces]
    body = "".join(f"data: {json.dumps(each)}\n\n" for each in found) + "data: [DONE]\n\n"
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body.encode())


def test_a_stream_is_put_together_with_its_tokens(call: Call) -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}

    assert call(lambda asked: events("Hel", "lo", usage)) == Answered(text="Hello", used=Used(prompt=7, answer=2))


def test_an_endpoint_that_does_not_stream_is_understood_too(call: Call) -> None:
    whole = {"choices": [{"message": {"content": "Hello"}}]}

    assert call(lambda asked: httpx2.Response(200, json=whole)) == Answered(text="Hello", used=None)


def test_who_refuses_a_schema_is_asked_once_more_without(call: Call) -> None:
    asked_for: list[bool] = []

    def plain_only(asked: dict[str, object]) -> httpx2.Response:
        asked_for.append("response_format" in asked)
        return httpx2.Response(400, json={}) if "response_format" in asked else events("Hello")

    assert call(plain_only).text == "Hello"
    assert asked_for == [True, False]


@pytest.mark.parametrize(
    ("answer", "reason", "is_free"),
    [
        (httpx2.Response(400, json={}), "refused the request (400)", True),
        (httpx2.Response(503), "answered 503", True),
        (httpx2.Response(200, text="<html>"), "something else than a completion", False),
        (httpx2.Response(200, json={"choices": []}), "something else than a completion", False),
        (httpx2.Response(200, json={"choices": [{"message": {"refusal": "no"}}]}), "the model refused", False),
        (events({"error": {"message": "secret words"}}), "broke off with an error", False),
        (events({"choices": [{"delta": {"refusal": "no"}}]}), "the model refused", False),
        (events("word " * 100), "does not end", False),
        (httpx2.Response(200, content=b"x" * (MAX_BYTES + 1)), "too large", False),
    ],
)
def test_no_answer_is_a_reason_and_costs_nothing_where_nothing_was_generated(
    call: Call, answer: httpx2.Response, reason: str, is_free: bool
) -> None:
    with pytest.raises(CompletionFailed) as caught:
        call(lambda asked: answer)

    assert reason in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.is_free is is_free


@pytest.mark.parametrize("usage", ["many", {"prompt_tokens": -1, "completion_tokens": 2}, {"prompt_tokens": "7"}])
def test_a_count_of_tokens_that_cannot_be_is_none(call: Call, usage: object) -> None:
    assert call(lambda asked: events("Hello", {"usage": usage})).used is None


def test_without_time_left_nobody_is_called() -> None:
    with pytest.raises(CompletionFailed, match="no answer within 5 s") as caught:
        complete(SETTINGS, [], time.monotonic() - 1)

    assert caught.value.is_free


def test_an_answer_that_comes_too_slowly_is_cut(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    def late(asked: dict[str, object]) -> httpx2.Response:
        monkeypatch.setattr(chat_completion, "time", SimpleNamespace(monotonic=lambda: float("inf")))
        return events("Hello")

    with pytest.raises(CompletionFailed, match="too slowly"):
        call(late)

"""One call to an endpoint: what is asked for, what is read of both kinds of answer, and where it is cut off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from types import SimpleNamespace

import httpx2
import pytest

from bot.config import ModelSettings
from bot.drafts.llm import completion, pinned_transport
from bot.drafts.llm.chat_completion import Answered, ChatClient, CompletionFailed, Used
from bot.drafts.llm.completion import BYTES_PER_TOKEN, MAX_BYTES
from sandbox.model import Endpoint

SETTINGS = ModelSettings(base_url="https://model.example.com/v1", name="m", timeout_s=5, max_tokens=50)
Answer = Callable[[dict[str, object]], httpx2.Response]
Call = Callable[[Answer], Answered]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Makes one call, which the given function answers in the endpoint's place."""

    def called(answer: Answer) -> Answered:
        wire = httpx2.MockTransport(lambda request: answer(json.loads(request.read())))
        monkeypatch.setattr(pinned_transport, "WayOut", lambda allow_private: wire)
        return ChatClient().complete(SETTINGS, [{"role": "user", "content": "Hello"}], time.monotonic() + 60)

    return called


def events(*pieces: object) -> httpx2.Response:
    """A stream of these events; a text stands for a piece of the answer."""
    found = [{"choices": [{"delta": {"content": each}}]} if isinstance(each, str) else each for each in pieces]
    body = "".join(f"data: {json.dumps(each)}\n\n" for each in found) + "data: [DONE]\n\n"
    return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=body.encode())


def test_a_stream_is_put_together_with_its_tokens(call: Call) -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}}

    answered = call(lambda asked: events("Hel", "lo", usage))

    assert (answered.text, answered.used, answered.is_stream) == ("Hello", Used(prompt=7, answer=2), True)


def test_an_endpoint_that_does_not_stream_is_understood_too(call: Call) -> None:
    whole = {"choices": [{"message": {"content": "Hello"}}]}

    assert call(lambda asked: httpx2.Response(200, json=whole)) == Answered(text="Hello", used=None)


@pytest.mark.parametrize(
    ("answer", "reason", "is_free"),
    [
        (httpx2.Response(400, json={}), "refused the request (400)", True),
        (httpx2.Response(401), "does not take the api_key", True),
        (httpx2.Response(404), "no such model or path", True),
        (httpx2.Response(503), "answered 503", True),
        (httpx2.Response(400, json={"error": {"message": "secret", "param": "messages"}}), "refused the request (400)", True),
        (
            httpx2.Response(
                400, json={"error": {"message": "max_tokens is too large: 50. This model supports at most 9 tokens"}}
            ),
            "prompt and max_tokens (50) are more than the model takes",
            True,
        ),
        (httpx2.Response(200, text="<html>"), "something else than a completion", False),
        (httpx2.Response(200, json={"choices": []}), "something else than a completion", False),
        (httpx2.Response(200, json={"choices": [{"message": {"refusal": "no"}}]}), "the model refused", False),
        (events({"error": {"message": "secret words"}}), "broke off with an error", False),
        (events({"choices": [{"delta": {"refusal": "no"}}]}), "the model refused", False),
        (events("word " * 100), "does not end", False),
        (httpx2.Response(200, content=b"x" * (MAX_BYTES + 50 * BYTES_PER_TOKEN + 1)), "too large", False),
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
        ChatClient().complete(SETTINGS, [], time.monotonic() - 1)

    assert caught.value.is_free


def test_an_answer_that_comes_too_slowly_is_cut(monkeypatch: pytest.MonkeyPatch, call: Call) -> None:
    def late(asked: dict[str, object]) -> httpx2.Response:
        monkeypatch.setattr(completion, "time", SimpleNamespace(monotonic=lambda: float("inf")))
        return events("Hello")

    with pytest.raises(CompletionFailed, match="too slowly"):
        call(late)


MESSAGES = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello"}]


def ask(endpoint: Endpoint, client: ChatClient, name: str = "m", seconds: float = 60) -> Answered:
    settings = ModelSettings(base_url=endpoint.base_url, name=name, timeout_s=60, max_tokens=50, allow_private=True)
    return client.complete(settings, MESSAGES, time.monotonic() + seconds)


ALL = {"max_tokens": 400, "temperature": 422, "response_format": 500, "stream_options": 400, "stream": 422, "system": 400}


@pytest.mark.parametrize(
    ("refuses", "names_it", "calls"),
    [
        ({"max_tokens": 400}, "param", 2),
        ({"max_tokens": 422}, "detail", 2),
        ({"temperature": 400}, "message", 2),
        ({"temperature": 500}, "text", 2),
        ({"response_format": 500}, "text", 2),
        ({"response_format": 422}, "detail", 2),
        ({"response_format": 500}, "nothing", 2),
        ({"stream_options": 400}, "param", 2),
        ({"stream": 400}, "message", 2),
        ({"system": 400}, "param", 2),
        ({"max_tokens": 400, "max_completion_tokens": 400}, "message", 3),
        ({"max_tokens": 400, "temperature": 400}, "nothing", 3),
        (ALL, "param", 7),
        (ALL, "detail", 7),
    ],
)
def test_what_an_endpoint_refuses_is_left_out_one_after_another_and_remembered(
    endpoint: Endpoint, refuses: dict[str, int], names_it: str, calls: int
) -> None:
    if names_it == "detail":
        refuses = {name: status for name, status in refuses.items() if name != "system"}  # its place would be `messages`
    endpoint.order({"refuses": refuses, "names_it": names_it})
    client = ChatClient()

    first = ask(endpoint, client)
    asked = len(endpoint.asked)
    second = ask(endpoint, client)

    assert first.text == second.text != ""
    assert asked == (6 if names_it == "detail" and calls == 7 else calls)
    assert len(endpoint.asked) == asked + 1  # it is remembered
    assert len([each for each in endpoint.asked if each.finish == "stop"]) == 2  # nothing else was generated, or paid for


def test_the_other_name_carries_the_same_limit(endpoint: Endpoint) -> None:
    endpoint.order({"refuses": {"max_tokens": 400}})

    ask(endpoint, ChatClient())

    assert [each.max_tokens for each in endpoint.asked] == [50, 50]


def test_what_one_model_refuses_another_may_take(endpoint: Endpoint) -> None:
    client = ChatClient()
    endpoint.order({"refuses": {"temperature": 400}})
    ask(endpoint, client)
    endpoint.reset()

    ask(endpoint, client, "another")

    assert [each.finish for each in endpoint.asked] == ["stop"]


@pytest.mark.parametrize("mode", ["400", "401", "429", "500", "503"])
def test_an_endpoint_that_takes_nothing_is_asked_four_times_at_most_and_nothing_is_learnt(endpoint: Endpoint, mode: str) -> None:
    client = ChatClient()
    endpoint.order({"mode": mode, "times": 4})

    with pytest.raises(CompletionFailed):
        ask(endpoint, client)
    assert len(endpoint.asked) <= 4
    endpoint.reset()
    ask(endpoint, client)

    assert [each.json_schema for each in endpoint.asked] == [True]


def test_all_tries_share_one_time_limit(endpoint: Endpoint) -> None:
    endpoint.order({"refuses": {"temperature": 400}, "mode": "hang:3"})
    began = time.monotonic()

    with pytest.raises(CompletionFailed, match="no answer"):
        ask(endpoint, ChatClient(), seconds=0.4)

    assert time.monotonic() - began < 20  # of the 30 s that each try would take


@pytest.mark.parametrize(
    "manners",
    [
        {"streams": False},
        {"content": "parts"},
        {"content": "parts", "streams": False},
        {"reasons": "field"},
        {"reasons": "field", "streams": False},
        {"reasons": "parts"},
        {"reasons": "parts", "streams": False},
    ],
)
def test_one_object_parts_and_reasoning_beside_the_text_are_read_as_the_plain_answer(
    endpoint: Endpoint, manners: dict[str, object]
) -> None:
    plain = ask(endpoint, ChatClient()).text
    endpoint.order(manners)

    answered = ask(endpoint, ChatClient())

    assert answered.text == plain
    assert answered.is_stream is manners.get("streams", True)
    assert answered.has_reasoned is (manners.get("reasons") == "field")
    assert answered.used is not None


def test_an_error_in_a_body_that_says_200_is_a_refusal_too(call: Call) -> None:
    def answer(asked: dict[str, object]) -> httpx2.Response:
        return events({"error": {"message": "temperature is not supported", "code": 400}} if "temperature" in asked else "Hello")

    assert call(answer).text == "Hello"


def test_a_stream_that_does_not_call_itself_one_is_read(call: Call) -> None:
    def answer(asked: dict[str, object]) -> httpx2.Response:
        return httpx2.Response(200, content=events("Hel", "lo").content.removesuffix(b"data: [DONE]\n\n").rstrip())

    assert call(answer).text == "Hello"

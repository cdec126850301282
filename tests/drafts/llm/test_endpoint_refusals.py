"""What an error of an endpoint says about the request: what to leave out, or that this would not help."""

from __future__ import annotations

import json

import pytest

from bot.config import ModelSettings
from bot.drafts.llm.endpoint_refusals import REMEMBERED_S, RefusalsOfProcess, read_refusal

SENT = {"max_tokens", "temperature", "response_format", "stream_options", "stream", "system message"}


def openai_says(message: str, param: str | None = None, code: str | None = None) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


@pytest.mark.parametrize(
    ("status", "said", "left_out"),
    [
        (400, openai_says("Use max_completion_tokens.", "max_tokens", "unsupported_parameter"), {"max_tokens"}),
        (400, openai_says("'temperature' does not support 0 with this model.", "temperature"), {"temperature"}),
        (400, openai_says("Your organization must be verified to stream this model.", "stream"), {"stream"}),
        (400, openai_says("Invalid schema", "response_format.json_schema.strict"), {"response_format"}),
        (400, openai_says("The `stream_options` field is only allowed when `stream` is enabled"), {"stream_options"}),
        (400, openai_says("This model does not support structured outputs"), {"response_format"}),
        (400, openai_says("max_tokens and temperature are not supported"), {"max_tokens", "temperature"}),
        (400, openai_says("Use max_completion_tokens"), {"max_tokens"}),
        (200, openai_says("temperature is not supported"), {"temperature"}),
        (400, openai_says("System role not supported"), {"system message"}),
        (422, {"detail": [{"loc": ["body", "stream_options"], "msg": "?", "input": {"a": "temperature"}}]},
         {"stream_options"}),
        (422, {"message": {"detail": [{"loc": ["body", "max_tokens"], "msg": "Extra inputs"}]}}, {"max_tokens"}),
        (400, [{"error": {"code": 400, "message": 'Unknown name "stream_options": Cannot find field.'}}], {"stream_options"}),
        (500, {"error": "guided_json is not supported by this engine"}, {"response_format"}),
        (500, "temperature must be positive", {"temperature"}),
        (500, {}, {"response_format", "stream_options"}),
        (422, "", {"response_format", "stream_options"}),
    ],
)  # fmt: skip
def test_an_error_names_what_to_leave_out(status: int, said: object, left_out: set[str]) -> None:
    body = said.encode() if isinstance(said, str) else json.dumps(said).encode()

    assert read_refusal(status, body, SENT).options == left_out


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, openai_says("The response was filtered", "prompt", "content_filter")),
        (400, openai_says("Invalid role", "messages.[0].role")),
        (401, openai_says("wrong key")),
        (404, openai_says("no such model")),
        (429, openai_says("too many requests, temperature rising")),
        (503, {}),
    ],
)
def test_an_error_about_something_else_is_not_answered_with_another_try(status: int, said: object) -> None:
    found = read_refusal(status, json.dumps(said).encode(), SENT)

    assert (found.options, found.is_too_long) == (frozenset(), False)


@pytest.mark.parametrize(
    "said",
    [
        openai_says("max_tokens is too large: 9000. This model supports at most 4096 completion tokens", "max_tokens"),
        openai_says("This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"),
    ],
)
def test_more_tokens_than_the_model_takes_is_no_refusal_of_an_option(said: object) -> None:
    found = read_refusal(400, json.dumps(said).encode(), SENT)

    assert (found.options, found.is_too_long) == (frozenset(), True)


@pytest.mark.parametrize("status", [400, 422, 500])
def test_an_error_without_a_word_is_tried_without_less_and_less_and_then_given_up(status: int) -> None:
    sent = set(SENT)
    tries = 0
    while found := read_refusal(status, b"{}", sent).options:
        sent -= found
        tries += 1

    assert (sent, tries) == (({"system message"}, 2) if status < 500 else (SENT - {"response_format", "stream_options"}, 1))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[" * 9_000, b'{"param": 7}', b"null", b"x" * 99_999])
def test_any_body_is_read(body: bytes) -> None:
    assert read_refusal(503, body, SENT).options == frozenset()


def test_a_process_remembers_for_an_hour() -> None:
    moment = [1000.0]
    kept = RefusalsOfProcess(lambda: moment[0])
    model = ModelSettings(base_url="https://model.example.com/v1", name="m")

    kept.learn(model, frozenset({"temperature"}))

    assert kept.known(model) == {"temperature"}
    assert kept.known(model.model_copy(update={"name": "n"})) == frozenset()
    moment[0] += REMEMBERED_S
    assert kept.known(model) == frozenset()

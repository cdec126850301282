"""How the stand-in model differs, as real endpoints do: what it refuses, how it answers, how it reasons."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox.model import Endpoint, create_model_app
from sandbox.model_manners import REASONS

BODY: dict[str, Any] = {"messages": [{"role": "system", "content": "x"}, {"role": "user", "content": "Help"}], "max_tokens": 50}


@pytest.fixture
def client() -> FlaskClient:
    return create_model_app(Endpoint()).test_client()


def ask(client: FlaskClient, orders: dict[str, Any], **more: Any) -> Any:
    assert client.post("/_sandbox/model", json=orders).status_code == 200
    return client.post("/v1/chat/completions", json={**BODY, **more})


@pytest.mark.parametrize(
    ("names_it", "named"), [("param", True), ("message", True), ("detail", True), ("text", True), ("nothing", False)]
)
def test_a_refusal_names_the_parameter_in_the_ordered_way(client: FlaskClient, names_it: str, named: bool) -> None:
    answer = ask(client, {"refuses": {"max_tokens": 422}, "names_it": names_it})

    assert answer.status_code == 422
    assert ("max_tokens" in answer.get_data(as_text=True)) is named
    assert client.post("/v1/chat/completions", json={"messages": BODY["messages"]}).status_code == 200


def test_a_system_message_can_be_refused(client: FlaskClient) -> None:
    answer = ask(client, {"refuses": {"system": 400}})

    assert (answer.status_code, "System role" in answer.get_data(as_text=True)) == (400, True)


def test_it_can_answer_a_wish_for_a_stream_with_one_object_and_leave_the_usage_out(client: FlaskClient) -> None:
    answer = ask(client, {"streams": False, "counts": False}, stream=True)

    assert answer.content_type == "application/json"
    assert "usage" not in answer.get_json()


def test_it_can_answer_in_parts(client: FlaskClient) -> None:
    [part] = ask(client, {"content": "parts"}).get_json()["choices"][0]["message"]["content"]

    assert json.loads(part["text"])["sentences"]


@pytest.mark.parametrize("reasons", [each for each in REASONS if each not in {"no", "parts", "field"}])
def test_reasoning_comes_before_the_answer(client: FlaskClient, reasons: str) -> None:
    said = ask(client, {"reasons": reasons}).get_json()["choices"][0]["message"]["content"]

    assert "{" in said[: said.rindex('{"language')]


@pytest.mark.parametrize("orders", [{"names_it": "loudly"}, {"reasons": "twice"}, {"content": "verse"}, {"refuses": "all"}])
def test_a_word_that_no_setting_takes_is_refused(client: FlaskClient, orders: dict[str, Any]) -> None:
    assert client.post("/_sandbox/model", json=orders).status_code == 400

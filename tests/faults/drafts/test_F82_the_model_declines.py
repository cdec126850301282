"""F82: the model declines, says nothing, or speaks another language: nothing of it is shown, and the reason is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.model_setup import Mind, mind, mode, saying


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind")) as made:
        yield made


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("refusal", "the model refused"),
        ("empty", "it was empty"),
        ("whitespace", "it was empty"),
        ("wrong-language", "the model wrote in de, not in en"),
    ],
)
def test_F82_an_offline_draft_and_a_reason(asked: Mind, how: str, reason: str) -> None:
    ticket = asked.ask(how)

    asked.assert_offline(ticket, reason)


def test_F82_a_refusal_inside_an_answer_is_one(asked: Mind) -> None:
    with mode("declining", saying("As an AI I cannot help with this.")) as how:
        ticket = asked.ask(how)

    asked.assert_offline(ticket, "the model refused")

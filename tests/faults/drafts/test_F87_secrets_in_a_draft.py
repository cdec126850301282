"""F87: a draft holds the instructions, a key or another customer's words: it is blocked, or they never reach it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.model import Call
from sandbox.model_answers import read_prompt
from tests.faults.model_setup import Mind, answering, mind, mode, saying

CLARA = "clara.chief@northwind.example"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind")) as made:
        yield made


def canary(call: Call) -> str:
    return saying(f"My reference is {read_prompt(call.body).canary}.")(call)


def spelled_canary(call: Call) -> str:
    """The canary with signs between that nobody sees."""
    return saying("My reference is " + "\u200b".join(read_prompt(call.body).canary))(call)


def instructions(call: Call) -> str:
    return saying(f"I was told this: {' '.join(read_prompt(call.body).system.split()[8:24])}")(call)


@pytest.mark.parametrize("leak", [canary, spelled_canary, instructions])
def test_F87_a_draft_with_its_instructions_is_blocked(asked: Mind, leak: Any) -> None:
    with mode("leaking", leak) as how:
        ticket = asked.ask(how)

    asked.assert_offline(ticket, "blocked: the model repeated its instructions")


@pytest.mark.parametrize(
    "key",
    [
        "sk-abcdefghijklmnop1234",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "Bearer abcdefghijklmnop.qrstuvwxyz",
    ],
)
def test_F87_a_draft_with_something_like_a_key_is_blocked(asked: Mind, key: str) -> None:
    with mode("leaking", saying(f"Use {key} for that.")) as how:
        ticket = asked.ask(how)

    asked.assert_offline(ticket, "blocked: the draft holds something like a key")
    [kept] = asked.drafts(ticket, "live")
    assert key not in str(kept)


def test_F87_a_model_is_told_nothing_of_other_customers(asked: Mind) -> None:
    seen: list[str] = []

    def listening(call: Call) -> str:
        seen.append(str(call.body["messages"]))
        return answering(call)

    asked.run.desk.create_ticket(requester=CLARA, subject="Export of the Zanzibar project", body="Zanzibar is secret.")
    with mode("listening", listening) as how:
        asked.ask(how)

    of_nina = [each for each in seen if "Subject: Export as CSV" in each]
    assert len(of_nina) == 1
    assert "Zanzibar" not in of_nina[0]
    assert CLARA not in of_nina[0]


def test_F87_another_customers_address_is_taken_out(asked: Mind) -> None:
    with mode("telling", saying(f"{CLARA} has the same problem.")) as how:
        ticket = asked.ask(how)

    assert CLARA not in asked.assert_draft(ticket)
    assert CLARA not in asked.note(ticket)

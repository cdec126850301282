"""F83: the model's JSON is broken: it is asked once more and no oftener, then the rules go on without a draft."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.model_setup import Mind, mind, mode


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind")) as made:
        yield made


BROKEN = ["malformed", "truncated", "duplicate-keys", "wrong-types"]


@pytest.mark.parametrize("how", BROKEN)
def test_F83_two_broken_answers_are_no_draft_and_two_calls(asked: Mind, how: str) -> None:
    ticket = asked.ask(how)

    asked.assert_offline(ticket, "the model's answer could not be used")
    assert asked.calls == 2


@pytest.mark.parametrize("how", BROKEN)
def test_F83_one_broken_answer_is_repaired(asked: Mind, how: str) -> None:
    ticket = asked.ask(how, times=1)

    asked.assert_draft(ticket)
    assert asked.calls == 2


@pytest.mark.parametrize("how", ["fenced", "trailing"])
def test_F83_an_answer_among_other_words_needs_no_repair(asked: Mind, how: str) -> None:
    ticket = asked.ask(how)

    asked.assert_draft(ticket)
    assert asked.calls == 1


def test_F83_a_bomb_of_brackets_is_read_by_nobody(asked: Mind) -> None:
    with mode("brackets", lambda call: '{"sentences":' + "[" * 3_000) as how:
        ticket = asked.ask(how)

    asked.assert_offline(ticket, "its JSON is broken or cut off")

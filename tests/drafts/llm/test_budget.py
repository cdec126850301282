"""What a model's call may cost, seen from the drafter."""

from __future__ import annotations

import pytest

from bot.drafts.llm.budget import Taken, Unlimited, most_of
from bot.drafts.llm.chat_completion import Used


def test_a_call_costs_at_most_its_bytes_by_three_and_all_tokens_of_the_answer() -> None:
    messages = [{"role": "system", "content": "a" * 300}, {"role": "user", "content": "ä" * 300}]

    assert most_of(messages, 500) == Used(prompt=300 + 2 * 8, answer=500)


@pytest.mark.parametrize("text", ["", "\ud800", "名" * 10])
def test_any_text_has_its_price(text: str) -> None:
    assert most_of([{"role": "user", "content": text}], 1).prompt >= 8


def test_without_an_allowance_everything_is_granted_and_nothing_counted() -> None:
    most = Used(prompt=10**9, answer=10**9)

    assert [Unlimited().take(most) for _ in range(2)] == [Taken(day="", tokens=most)] * 2

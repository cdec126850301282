"""What a model may cost in a day, as the drafter sees it; bot/shared/model_budget.py counts it for all workers together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.drafts.llm.chat_completion import Answered, CompletionFailed, Messages, Used

NOTHING = Used(prompt=0, answer=0)


class AllowanceSpent(Exception):
    """The day's tokens or money are used up; the message says which, in words for the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Tokens set aside for one call. `day`: the one that pays for it, also when the answer comes after midnight."""

    day: str
    tokens: Used


class Allowance(Protocol):
    def take(self, most: Used) -> Taken:
        """Set aside what a call may cost at most. Raises AllowanceSpent."""

    def settle(self, taken: Taken, used: Used) -> None:
        """Put what the call did cost in the place of what was set aside."""


class Unlimited:
    """For commands by hand and tests: nothing is counted."""

    def take(self, most: Used) -> Taken:
        return Taken(day="", tokens=most)

    def settle(self, taken: Taken, used: Used) -> None:
        pass


def most_of(messages: Messages, max_tokens: int) -> Used:
    """What a call may cost: a token for every three bytes of the prompt, which is more than most tokenizers make of it."""
    prompt_bytes = sum(len(message["content"].encode("utf-8", "replace")) for message in messages)
    return Used(prompt=prompt_bytes // 3 + 8 * len(messages), answer=max_tokens)


def paid(allowance: Allowance, most: Used, call: Callable[[], Answered]) -> Answered:
    """What one call answers, paid for. One whose end nobody saw has cost all that it could. Raises AllowanceSpent before it,
    and what the call raises."""
    taken = allowance.take(most)
    used = taken.tokens
    try:
        answered = call()
        used = answered.used or taken.tokens
    except CompletionFailed as error:
        used = NOTHING if error.is_free else taken.tokens
        raise
    finally:
        allowance.settle(taken, used)
    return answered

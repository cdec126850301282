"""What the model costs in a day (UTC), counted in the database so that all workers share one allowance.

A call sets aside the most that it may cost before it is made, and puts the real cost in its place afterwards. A worker that
dies between the two has paid the most, so the ceiling holds whatever dies.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.config import ModelSettings
from bot.drafts.llm.budget import AllowanceSpent, Taken
from bot.drafts.llm.chat_completion import Used
from bot.log import get_logger
from bot.store.database.engine import reading
from bot.store.models import model_use
from bot.store.models.model_use import Ceiling, Use

log = get_logger("spending")


class SharedAllowance:
    """The drafter's allowance (bot.drafts.llm.budget.Allowance), shared by all workers."""

    def __init__(self, engine: Engine, settings: ModelSettings, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._settings = settings
        self._ceiling = ceiling_of(settings)
        self._clock = clock

    def take(self, most: Used) -> Taken:
        day = day_of(self._clock())
        with self._engine.begin() as connection:
            has_room = model_use.take(connection, day, most.prompt, most.answer, self._ceiling)
            is_first = not has_room and model_use.tell_once(connection, day)
        if is_first:
            log.error("model.allowance_spent", day=day)
        if not has_room:
            raise AllowanceSpent(f"the model's allowance for {day} is used up ({_in_words(self._settings)})")
        return Taken(day=day, tokens=most)

    def settle(self, taken: Taken, used: Used) -> None:
        prompt, answer = used.prompt - taken.tokens.prompt, used.answer - taken.tokens.answer
        try:
            with self._engine.begin() as connection:
                model_use.correct(connection, taken.day, prompt, answer)
        except SQLAlchemyError as error:  # the most is counted already: better than losing the answer
            log.warning("model.cost_not_settled", why=type(error).__name__)


def day_of(now: datetime) -> str:
    return now.date().isoformat()


def ceiling_of(settings: ModelSettings) -> Ceiling:
    return Ceiling(
        tokens=settings.daily_tokens,
        cost=settings.daily_cost,
        prompt_price=settings.prompt_price or 0.0,
        answer_price=settings.answer_price or 0.0,
    )


def used_today(engine: Engine, now: datetime) -> Use:
    with reading(engine) as connection:
        return model_use.of_day(connection, day_of(now))


def judge(settings: ModelSettings, use: Use) -> tuple[bool, str]:
    """Whether the day has room for another call, and the day's use in words: for the doctor."""
    cost = (use.prompt_tokens * (settings.prompt_price or 0.0) + use.answer_tokens * (settings.answer_price or 0.0)) / 1_000_000
    spent = f"{use.tokens} tokens" + (f", cost {cost:.2f}" if settings.prompt_price or settings.answer_price else "")
    words = f"{use.calls} calls today, {spent}; ceiling: {_in_words(settings) or 'none (drafts.model.daily_tokens)'}"
    return not use.is_spent, f"{words}: used up, no drafts until midnight UTC" if use.is_spent else words


def _in_words(settings: ModelSettings) -> str:
    tokens = f"{settings.daily_tokens} tokens" if settings.daily_tokens is not None else ""
    cost = f"cost {settings.daily_cost:g}" if settings.daily_cost is not None else ""
    return " or ".join(filter(None, (tokens, cost)))

"""The `model_use` table: what a day's calls to the model cost, for all workers together."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, false, select, true, update

from bot.store.database.schema import model_use
from bot.store.tickets import insert_into

_table = model_use.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A day's calls and their tokens, those set aside for calls that have not ended among them. `is_spent`: the last call that
    was wanted had no room."""

    prompt_tokens: int = 0
    answer_tokens: int = 0
    calls: int = 0
    is_spent: bool = False

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.answer_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What a day may cost; None where there is no such ceiling. Prices are for a million tokens."""

    tokens: int | None = None
    cost: float | None = None
    prompt_price: float = 0.0
    answer_price: float = 0.0


def take(connection: Connection, day: str, prompt: int, answer: int, ceiling: Ceiling) -> bool:
    """Count one call of so many tokens, if the day has room for it. In one statement: two workers cannot both have the rest."""
    connection.execute(insert_into(connection)(model_use).values(day=day).on_conflict_do_nothing())
    prompts, answers = _table.prompt_tokens + prompt, _table.answer_tokens + answer
    room = [_table.day == day]
    if ceiling.tokens is not None:
        room.append(prompts + answers <= ceiling.tokens)
    if ceiling.cost is not None:
        room.append(prompts * ceiling.prompt_price + answers * ceiling.answer_price <= ceiling.cost * 1_000_000)
    counts = {"prompt_tokens": prompts, "answer_tokens": answers, "calls": _table.calls + 1, "is_told": false()}
    return connection.execute(update(model_use).where(*room).values(counts)).rowcount == 1


def correct(connection: Connection, day: str, prompt: int, answer: int) -> None:
    """Add to a day's tokens, or take away from them."""
    tokens = {"prompt_tokens": _table.prompt_tokens + prompt, "answer_tokens": _table.answer_tokens + answer}
    connection.execute(update(model_use).where(_table.day == day).values(tokens))


def of_day(connection: Connection, day: str) -> Use:
    row = connection.execute(select(model_use).where(_table.day == day)).one_or_none()
    if row is None:
        return Use()
    return Use(prompt_tokens=row.prompt_tokens, answer_tokens=row.answer_tokens, calls=row.calls, is_spent=row.is_told)


def tell_once(connection: Connection, day: str) -> bool:
    """True for the first who asks since the day had room: one alarm for all workers."""
    told = update(model_use).where(_table.day == day, _table.is_told == false()).values(is_told=true())
    return connection.execute(told).rowcount == 1

"""Finding the one JSON object of a known shape in a model's answer: behind reasoning, prose or code fences, or a clear no.

Models that reason aloud write braces, and sometimes whole answers, before it: the last object of the right shape counts,
and none that stands inside the reasoning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

import re2
from pydantic import BaseModel, ValidationError

MAX_CHARS = 120_000
MAX_TRIES = 400  # objects that are tried, from the end: an answer has one of its own for each of its sentences, sixty at most
_OBJECT = re2.compile(r'\{\s*"')
# <think>, <reasoning>, <seed:think>, [THINK], ◁think▷, <|begin_of_thought|>; the last channel of gpt-oss begins with its name.
_WORD = r"(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad)"
_BEGIN = re2.compile(rf"(?i)<(?:\w+:)?{_WORD}>|\[{_WORD}\]|◁{_WORD}▷|<\|begin_of_{_WORD}\|>|<\|channel\|>\s*analysis")
_END = re2.compile(rf"(?i)</(?:\w+:)?{_WORD}>|\[/{_WORD}\]|◁/{_WORD}▷|<\|end_of_{_WORD}\|>|<\|channel\|>\s*final")
Shape = TypeVar("Shape", bound=BaseModel)


class AnswerInvalid(Exception):
    """The answer has another shape. The message names the problem, never the answer's words."""


def read_object(text: str, shape: type[Shape], begins: re2._Regexp) -> Shape:
    """The answer in `text`. `begins`: how an object that was meant to be one begins. Raises AnswerInvalid."""
    text = text[-MAX_CHARS:]
    if not text.strip():
        raise AnswerInvalid("it was empty")
    last = None
    for found in _objects(text, shape, begins):
        if last is None or found.answer or found.is_ours:
            last = found
    if last is None:
        raise AnswerInvalid("its JSON is broken or cut off" if "{" in text else "it held no JSON object")
    if last.answer is None:
        raise AnswerInvalid(last.problem)
    if _is_reasoning(text, last.start, last.end):
        raise AnswerInvalid("it ended within its reasoning, before the answer")
    return last.answer


@dataclass(frozen=True, slots=True)
class _Found(Generic[Shape]):
    """An object in the text, from `start` to `end`: an answer, or the problem with it. `is_ours`: it begins as one does."""

    start: int
    end: int
    answer: Shape | None
    problem: str = ""
    is_ours: bool = False


def _objects(text: str, shape: type[Shape], begins: re2._Regexp) -> Iterator[_Found[Shape]]:
    """Every object, the ones inside an object that is no answer too."""
    decoder, end = json.JSONDecoder(object_pairs_hook=_once_each), 0
    for start in [match.start() for match in _OBJECT.finditer(text)][-MAX_TRIES:]:
        if start < end:
            continue
        is_ours = begins.search(text[start : start + 200]) is not None
        found = _read(decoder, text, start, shape, is_ours=is_ours)
        end = found.end if found.answer else start
        yield found


def _read(decoder: json.JSONDecoder, text: str, start: int, shape: type[Shape], *, is_ours: bool) -> _Found[Shape]:
    try:
        found, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return _Found(start, start, None, "its JSON is broken or cut off", is_ours)
    except AnswerInvalid as error:
        return _Found(start, start, None, str(error), is_ours)
    try:
        return _Found(start, end, shape.model_validate(found, strict=False))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the object"
        return _Found(start, end, None, f"{place}: {first['type'].replace('_', ' ')}", is_ours)


def _is_reasoning(text: str, start: int, end: int) -> bool:
    """True for an object inside reasoning, whether that ends or not. Such words inside the object are the answer's own."""
    begun = any(match.start() < start for match in _BEGIN.finditer(text))
    ended_before = any(match.start() < start for match in _END.finditer(text))
    ends_after = any(match.start() >= end for match in _END.finditer(text))
    return ends_after or (begun and not ended_before and bool(text[end:].strip(" \t\n\r`")))


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Duplicate names mean two things at once and are refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AnswerInvalid("it names the same thing twice")
    return found

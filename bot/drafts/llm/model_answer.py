"""Reading a model's answer: one JSON object of a known shape, found behind reasoning, prose or code fences, or a clear no.

Models that reason aloud write braces, and sometimes whole drafts, before their answer: the last object of the right shape counts,
and none that stands inside the reasoning. Where a list is wanted, null, one text, or ids in brackets are understood.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import re2
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

MAX_CHARS = 120_000
MAX_TRIES = 400  # objects that are tried, from the end: an answer has one of its own for each of its sentences, sixty at most
MAX_SOURCES = 10
_ID = re2.compile(r"[A-Za-z]\d{1,3}\b")
_OBJECT = re2.compile(r'\{\s*"')
_OURS = re2.compile(r'^\{\s*"(?:language|sentences)"')
# <think>, <reasoning>, <seed:think>, [THINK], ◁think▷, <|begin_of_thought|>; the last channel of gpt-oss begins with its name.
_WORD = r"(?:think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad)"
_BEGIN = re2.compile(rf"(?i)<(?:\w+:)?{_WORD}>|\[{_WORD}\]|◁{_WORD}▷|<\|begin_of_{_WORD}\|>|<\|channel\|>\s*analysis")
_END = re2.compile(rf"(?i)</(?:\w+:)?{_WORD}>|\[/{_WORD}\]|◁/{_WORD}▷|<\|end_of_{_WORD}\|>|<\|channel\|>\s*final")


class AnswerInvalid(Exception):
    """The answer has another shape. The message names the problem, never the answer's words."""


def _ids(value: Any) -> Any:
    """Ids out of null, `A1`, `A1, M2`, `["[A1]"]` or `[{"id": "A1"}]`; what is none is kept as it is, and found nowhere."""
    if value is None:
        return ()
    if isinstance(value, dict):
        return _ids(value.get("id", value.get("source")))
    if isinstance(value, list | tuple):
        return tuple(dict.fromkeys(each for part in value[:MAX_SOURCES] for each in _ids(part)))[:MAX_SOURCES]
    found = [each.upper() for each in _ID.findall(str(value))] or [str(value).strip()[:20]]
    return tuple(each for each in found if each)[:MAX_SOURCES]


def _sentences(value: Any) -> Any:
    """One text, or texts, where sentences with their sources are wanted; empty ones are left out."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return value
    written = [{"text": each} if isinstance(each, str) else each for each in value if each is not None]
    return [each for each in written if not (isinstance(each, dict) and each.get("text", "") is None)]


def _text(value: Any) -> str:
    return value[:20] if isinstance(value, str) else ""


class AnswerSentence(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    text: Annotated[str, Field(max_length=2_000)]
    sources: Annotated[tuple[str, ...], BeforeValidator(_ids)] = ()


class ModelAnswer(BaseModel):
    """`language` is what the model says, "" where it says nothing that can be read; the text's own counts."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    language: Annotated[str, BeforeValidator(_text)] = ""
    sentences: Annotated[tuple[AnswerSentence, ...], BeforeValidator(_sentences), Field(min_length=1, max_length=60)]


# What the endpoint is asked to keep to. Written out, because strict mode wants every field required and nothing more.
SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["language", "sentences"],
    "properties": {
        "language": {"type": "string"},
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "sources"],
                "properties": {"text": {"type": "string"}, "sources": {"type": "array", "items": {"type": "string"}}},
            },
        },
    },
}


def read_answer(text: str) -> ModelAnswer:
    """The answer in `text`. Raises AnswerInvalid."""
    text = text[-MAX_CHARS:]
    if not text.strip():
        raise AnswerInvalid("it was empty")
    last = None
    for found in _objects(text):
        if last is None or found.answer or found.is_ours:
            last = found
    if last is None:
        raise AnswerInvalid("its JSON is broken or cut off" if "{" in text else "it held no JSON object")
    if last.answer is None:
        raise AnswerInvalid(last.problem)
    if _is_reasoning(text, last):
        raise AnswerInvalid("it ended within its reasoning, before the answer")
    return last.answer


@dataclass(frozen=True, slots=True)
class _Found:
    """An object in the text, from `start` to `end`: an answer, or the problem with it. `is_ours`: it begins as one does."""

    start: int
    end: int
    answer: ModelAnswer | None
    problem: str = ""
    is_ours: bool = False


def _objects(text: str) -> Iterator[_Found]:
    """Every object, the ones inside an object that is no answer too."""
    decoder, end = json.JSONDecoder(object_pairs_hook=_once_each), 0
    for start in [match.start() for match in _OBJECT.finditer(text)][-MAX_TRIES:]:
        if start < end:
            continue
        found = _read(decoder, text, start)
        end = found.end if found.answer else start
        yield found


def _read(decoder: json.JSONDecoder, text: str, start: int) -> _Found:
    is_ours = _OURS.search(text[start : start + 200]) is not None
    try:
        found, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return _Found(start, start, None, "its JSON is broken or cut off", is_ours)
    except AnswerInvalid as error:
        return _Found(start, start, None, str(error), is_ours)
    try:
        return _Found(start, end, ModelAnswer.model_validate(found, strict=False))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the object"
        return _Found(start, end, None, f"{place}: {first['type'].replace('_', ' ')}", is_ours)


def _is_reasoning(text: str, found: _Found) -> bool:
    """True for an object inside reasoning, whether that ends or not. Such words inside the object are the answer's own."""
    begun = any(match.start() < found.start for match in _BEGIN.finditer(text))
    ended_before = any(match.start() < found.start for match in _END.finditer(text))
    ends_after = any(match.start() >= found.end for match in _END.finditer(text))
    return ends_after or (begun and not ended_before and bool(text[found.end :].strip(" \t\n\r`")))


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Duplicate names mean two things at once and are refused."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AnswerInvalid("it names the same thing twice")
    return found

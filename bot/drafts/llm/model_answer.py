"""Reading a model's answer: one JSON object of a known shape, found even inside prose or code fences, or a clear no."""

from __future__ import annotations

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_CHARS = 60_000
MAX_DEPTH = 12


class AnswerInvalid(Exception):
    """The answer has another shape. The message names the problem, never the answer's words."""


class AnswerSentence(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    text: Annotated[str, Field(max_length=2_000)]
    sources: Annotated[tuple[Annotated[str, Field(max_length=20)], ...], Field(max_length=10)] = ()


class ModelAnswer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    language: Annotated[str, Field(max_length=20)] = ""
    sentences: Annotated[tuple[AnswerSentence, ...], Field(min_length=1, max_length=60)]


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
    if not text.strip():
        raise AnswerInvalid("it was empty")
    found = _object_in(text[:MAX_CHARS])
    try:
        return ModelAnswer.model_validate(found, strict=False)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "the object"
        raise AnswerInvalid(f"{place}: {first['type'].replace('_', ' ')}") from None


def _object_in(text: str) -> object:
    """The first JSON object in the text; duplicate names mean two things at once and are refused."""
    start = text.find("{")
    if start < 0:
        raise AnswerInvalid("it held no JSON object")
    if _depth(text) > MAX_DEPTH:
        raise AnswerInvalid("it is nested too deeply")
    try:
        found, _ = json.JSONDecoder(object_pairs_hook=_once_each).raw_decode(text, start)
    except (ValueError, RecursionError):
        raise AnswerInvalid("its JSON is broken or cut off") from None
    return found


def _depth(text: str) -> int:
    deepest = depth = 0
    for char in text:
        depth += (char in "[{") - (char in "]}")
        deepest = max(deepest, depth)
    return deepest


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise AnswerInvalid("it names the same thing twice")
    return found

"""The drafter's answer: one JSON object with a reply in sentences, each with its sources (json_answer.py finds it).

Where a list is wanted, null, one text, or ids in brackets are understood.
"""

from __future__ import annotations

from typing import Annotated, Any

import re2
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bot.drafts.llm.json_answer import AnswerInvalid, read_object

MAX_SOURCES = 10
_ID = re2.compile(r"[A-Za-z]\d{1,3}\b")
_OURS = re2.compile(r'^\{\s*"(?:language|sentences)"')


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
    return read_object(text, ModelAnswer, _OURS)


__all__ = ["SCHEMA", "AnswerInvalid", "AnswerSentence", "ModelAnswer", "read_answer"]

"""A model's answer, read leniently and kept strictly: closed lists only, and each part with words that the customer wrote.

What a part rests on must stand in the customer's own words, as whole words, after the house's folding (rules/values/text.py).
Everything else is dropped and counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import re2
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from bot.drafts.llm.json_answer import read_object
from bot.opinions.lists import Lists
from rules.values.text import Folded, folded, needs_no_space, stands_in

MOST = {"issues": 5, "severity": 1, "mood": 1, "wishes": 11, "language": 1, "questions": 6}
MOST_READ = 30  # parts of one list that are looked at
LEAST_LETTERS, LEAST_UNSPACED = 8, 3  # of a span: a single letter stands in every text
MOST_LETTERS = 400
_BEGINS = re2.compile(r'^\{\s*"(?:issues|severity|mood|wishes|language|questions)"')
_VALUES = ("value", "path", "id", "name", "level", "code", "label")
_SPANS = ("span", "quote", "evidence", "words", "text")


def _parts(value: Any) -> Any:
    """One part, one text or null where a list is wanted; parts under other names than those that were asked for."""
    if value is None:
        return ()
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(_part(each) for each in listed[:MOST_READ])


def _part(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {"value": _first(value, _VALUES), "span": _first(value, _SPANS)}
    return {"value": value if isinstance(value, str) else "", "span": ""}


def _first(value: Mapping[Any, Any], names: Iterable[str]) -> str:
    return next((found for name in names if isinstance(found := value.get(name), str)), "")


class AnswerPart(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)
    value: str = ""
    span: str = ""


Parts = Annotated[tuple[AnswerPart, ...], BeforeValidator(_parts)]


class OpinionAnswer(BaseModel):
    """What the model said, whatever it is."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    issues: Parts = ()
    severity: Parts = ()
    mood: Parts = ()
    wishes: Parts = ()
    language: Parts = ()
    questions: Parts = ()

    @model_validator(mode="before")
    @classmethod
    def _is_one(cls, value: Any) -> Any:
        named = value.keys() & MOST.keys() if isinstance(value, Mapping) else set()
        if "issues" not in named and len(named) < 2:  # `language` alone stands in answers to other questions too
            raise ValueError("none of the lists that were asked for")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One part that was kept. `span`: the customer's words that it rests on, placeholders in the place of what was redacted."""

    value: str
    span: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What was kept of an answer, each from its closed list. `questions` are names of `Lists.questions`."""

    issues: tuple[Said, ...] = ()
    severity: tuple[Said, ...] = ()
    mood: tuple[Said, ...] = ()
    wishes: tuple[Said, ...] = ()
    language: tuple[Said, ...] = ()
    questions: tuple[Said, ...] = ()


def read_opinion(text: str) -> OpinionAnswer:
    """The answer in a completion's text. Raises AnswerInvalid."""
    return read_object(text, OpinionAnswer, _BEGINS)


def kept(answer: OpinionAnswer | Opinion, lists: Lists, own_words: str, restored: Callable[[str], str]) -> tuple[Opinion, int]:
    """What of it may stand, and how many parts were dropped. `own_words`: the customer's. `restored`: a span of the redacted
    text as the customer wrote it. Asked again of what was stored: the words, or the lists, may be others by now."""
    words, found, dropped = folded(own_words), {}, 0
    for name, allowed in _lists(lists).items():
        parts = getattr(answer, name)
        good = [each for each in map(_trimmed, parts) if each.value in allowed and _stands(restored(each.span), words)]
        each_once = {each.value: each for each in reversed(good)}  # the first of several
        found[name] = tuple(dict.fromkeys(each_once[each.value] for each in good))[: MOST[name]]
        dropped += len(parts) - len(found[name])
    return Opinion(**found), dropped


def _lists(lists: Lists) -> dict[str, frozenset[str]]:
    return {
        "issues": frozenset(lists.issues),
        "severity": frozenset(lists.severities),
        "mood": frozenset(lists.moods),
        "wishes": frozenset(lists.wishes),
        "language": frozenset(lists.languages),
        "questions": frozenset(lists.questions),
    }


def _trimmed(part: AnswerPart | Said) -> Said:
    return Said(value=part.value.strip().casefold(), span=" ".join(part.span.split())[:MOST_LETTERS])


def _stands(span: str, words: Folded) -> bool:
    """Whether the customer wrote it: as whole words, and enough of them to mean something."""
    wanted = folded(span.strip(" .,;:!?\"'“”„«»"))
    letters = [each for each in wanted.letters if each.isalnum()]
    least = LEAST_UNSPACED if any(map(needs_no_space, letters)) else LEAST_LETTERS
    return len(letters) >= least and stands_in(words, wanted)

"""Answers of a model, and words of a customer, in short."""

from __future__ import annotations

import json
from typing import Any

from bot.config import ModelSettings
from bot.opinions.answer import Opinion, Said, kept, read_opinion
from bot.opinions.asking import Words
from bot.opinions.lists import Lists, lists_of

TEXT = "All our photos are gone since Monday. Please call me back at +49 30 5550199, or write to jo@example.com."
LISTS = lists_of()
MODEL = ModelSettings(base_url="https://model.example.com/v1", name="m")


def part(value: str, span: str) -> dict[str, str]:
    return {"value": value, "span": span}


def answer(**lists: Any) -> str:
    """An answer's text: `answer(issues=[part(...)])`."""
    return json.dumps(lists)


def opinion(text: str = TEXT, lists: Lists = LISTS, **said: Any) -> tuple[Opinion, int]:
    """What is kept of an answer about a text, and how much is dropped."""
    words = Words.of(text)
    return kept(read_opinion(answer(**said)), lists, words.own, words.told.restored)


def said(value: str, span: str) -> Said:
    return Said(value=value, span=span)

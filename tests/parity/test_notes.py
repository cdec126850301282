"""The notes of all stories, as the golden files hold them: short enough to be read with forty tickets open."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from statistics import median

import pytest

from adapters.ticket import Json
from bot.drafts.note import words_beside_the_reply
from tests.harness.deskhand import DESKS
from tests.parity import golden

MOST_WORDS = 120
CLAIMS = re.compile(r"(?i)escalated to|was told|were told|has been (?:told|informed)")
_FOOT = re.compile(r"Deskhand · (?:suggestion )?id \{marker \d+\} · rules")


@pytest.mark.parametrize("provider", DESKS)
def test_a_note_has_at_most_120_words_beside_the_reply(provider: str) -> None:
    lengths = sorted((words_beside_the_reply(html), story, html) for story, html in notes(provider))
    most, story, longest = lengths[-1]
    middle = median(each[0] for each in lengths)
    print(f"{provider}: {len(lengths)} notes, median {middle:.0f} words, most {most}: {story}", longest, sep="\n")

    assert len(lengths) > 200
    assert most <= MOST_WORDS


@pytest.mark.parametrize("provider", DESKS)
def test_no_note_claims_that_somebody_was_told(provider: str) -> None:
    assert [story for story, html in notes(provider) if CLAIMS.search(html)] == []


@pytest.mark.parametrize("provider", DESKS)
def test_no_note_says_missing_as_a_reflex(provider: str) -> None:
    """Each of these stories' messages has words."""
    assert [story for story, html in notes(provider) if "Evidence: missing" in html] == []


@pytest.mark.parametrize("provider", DESKS)
def test_no_note_says_only_that_there_is_no_draft(provider: str) -> None:
    assert [
        story for story, html in notes(provider) if html.startswith("<p><b>No draft</b>") and "Macro proposed" not in html
    ] == []


def notes(provider: str) -> Iterator[tuple[str, str]]:
    """(story, HTML) of each note that was sent."""
    for story, lines in golden.stored(provider).items():
        for line in lines:
            yield from ((story, html) for html in _texts(json.loads(line).get("body")) if _FOOT.search(html))


def _texts(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)

"""Telling a customer to do what they say they have done: who wrote "it is not in the spam folder" has looked there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from bot.drafts.text import sentences_of, terms
from bot.senses.lexicon import Lexicon, lexicons

LISTS = Path(__file__).parent / "already_tried.yaml"
MOST_OF_IT = 0.5  # of a sentence's words, the first among them, that stand in what was tried
PLACE_WORDS = 3
PLACE_OF_IT = 1 / 3  # of a sentence's words, without those of looking
_CLAUSE_END = re.compile(r"[,.;:!?。、，\n]")


class Tried:
    """What the customer's words say was tried, and where they looked."""

    def __init__(self, words: str) -> None:
        said = [each for line in words.split("\n") for each in sentences_of(line) if "?" not in each]
        self._done = [set(terms(each)) for each in said if _lists()["tried"].find(each) and not _lists()["not_tried"].find(each)]
        self._places = {term for each in said for term in _places(each)}

    def names(self, text: str) -> bool:
        """Whether a sentence asks for nothing but what was tried."""
        wanted = terms(text)
        if not wanted or any(_lists()[name].find(text) for name in ("tried", "thanks", "asks_more")):
            return False
        if self._was_looked_at(text, set(wanted)):
            return True
        return any(wanted[0] in done and len(done & set(wanted)) >= MOST_OF_IT * len(set(wanted)) for done in self._done)

    def _was_looked_at(self, text: str, wanted: set[str]) -> bool:
        """A place where they found nothing is what the sentence is about, not only named in it."""
        looks = _lists()["looks"].find(text)
        about = wanted - {term for hit in looks for term in terms(hit.words)}
        return bool(looks) and len(about & self._places) >= PLACE_OF_IT * max(1, len(about))


def _places(sentence: str) -> Iterator[str]:
    said = _plain(sentence)
    for words in {_plain(hit.words) for hit in _lists()["nowhere"].find(sentence)}:
        begins = "" if words.startswith("n't") else r"(?<!\w)"  # not the one in "cannot install"
        for found in re.finditer(rf"{begins}{re.escape(words)}(?!\w)", said):
            yield from terms(_CLAUSE_END.split(said[found.end() :])[0])[:PLACE_WORDS]


def _plain(text: str) -> str:
    return text.lower().replace("’", "'")


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, Lexicon]:
    return lexicons(LISTS)

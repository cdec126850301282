"""A sentence as counts of its words, pairs of words and pieces of words: what the weights belong to.

Pieces make German compounds, endings and typing errors alike; scripts without spaces have nothing else. Numbers, addresses
and links are one word each, so that no customer's own number is ever a feature.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

from rules.values.folding import fold

PIECES = (3, 4, 5)
PIECES_UNSPACED = (1, 2, 3, 4)
_LINK = re.compile(r"https?://\S+|www\.\S+")
_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"\d+")
_OTHER = re.compile(r"[^\w'%€$£¥?!]+")
UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def counts(sentence: str) -> Counter[str]:
    """How often each feature stands in the sentence."""
    found: Counter[str] = Counter()
    spaced = []
    for word in words(sentence):
        if UNSPACED.search(word):
            found.update(_pieces(word, PIECES_UNSPACED))
        else:
            spaced.append(word)
            found.update(_of_word(word))
    found.update(f"{first} {second}" for first, second in pairwise(spaced))
    return found


def words(sentence: str) -> list[str]:
    """The sentence's words, folded."""
    text = _NUMBER.sub("0", _ADDRESS.sub(" mailx ", _LINK.sub(" linkx ", fold(sentence))))
    return _OTHER.sub(" ", text).split()


@lru_cache(maxsize=20_000)
def _of_word(word: str) -> tuple[str, ...]:
    return (f"={word}", *_pieces(f"_{word}_", PIECES))


def _pieces(word: str, lengths: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(word[start : start + length] for length in lengths for start in range(len(word) - length + 1))

"""What a ticket is about as numbers. By them tickets that tell the same are found again (similar_tickets.py), in whatever words.

A sentence vector says what the words mean: by the encoder for English where they are English, else by the one for all languages.
What the learned weights read in them (issue, severity, circumstances, wishes) tells a request about an export from an export that
fails, which the vector alone takes for the same. Numbers of two languages, two encoders or other weights are never compared, so
each meaning has the name of what made it. Without the extra `senses` there is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from adapters.ticket import Ticket
from bot.senses.calibration import sha256_of_weights, way
from bot.senses.language_guess import guess, own_letters
from bot.senses.learned.answers import SEVERAL, SINGLE
from bot.senses.learned.english_vectors import ENGLISH, both_encoders, english_encoder
from bot.senses.learned.vectors import Encoder, encoder
from bot.senses.letters import with_whole_letters
from bot.senses.reading import visible_text
from bot.senses.ticket_reading import MAX_WHOLE, reading

ALIKE = 0.6  # likely enough: chosen where English pairs of the same customer are mostly right (docs/senses.md)
FEWEST_LETTERS = 20  # "Help!!" is like every other cry for help, and says nothing
STEPS = 127  # a number in one byte: what is made of them changes in the third digit
LANGUAGE_LETTERS, NAME_LETTERS = 3, 12  # of the name of what made it
DIGITS = 2  # before anything is decided: machines add in another order
HEADS = ("issue", "severity", "circumstance", "wish")
_SIZES = tuple(len({**SINGLE, **SEVERAL}[head]) for head in HEADS)
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How likely two tickets tell the same: the logistic of `start` and of how alike they are in each part, times its weight."""

    start: float
    vector: float
    heads: tuple[float, ...]


# Learned on tests/fixtures/similar_tickets/chosen_on.jsonl and pairs that are drawn from it: python -m bot.facts.fit_similar
IN_ENGLISH = Scale(start=-9.64, vector=6.55, heads=(2.08, 2.31, 1.88, 1.07))
ELSEWHERE = Scale(start=-9.17, vector=2.39, heads=(3.4, 2.54, 2.41, 1.06))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """`maker`: the language, and the name of encoder and weights. `numbers`: a signed byte each, first the vector, then the root
    of each likelihood."""

    maker: str
    numbers: bytes


def meaning_of(ticket: Ticket, kept: Meaning | None = None) -> Meaning | None:
    """Of the subject and the customer's own first words; None where these say too little, or no encoder is installed. What is
    `kept` already is taken as it is if the same maker would make it anew: first words never change."""
    if not ticket.customer_messages:
        return None
    text = first_words(ticket)
    if sum(map(str.isalpha, text)) < FEWEST_LETTERS or (by := _encoder_of(text)) is None:
        return None
    return kept if kept is not None and kept.maker == _maker(*by) else _meaning(text)


def first_words(ticket: Ticket) -> str:
    """The subject and the customer's own first words."""
    seen = with_whole_letters(ticket)
    return visible_text(replace(seen, messages=tuple(seen.customer_messages[:1])))


def likenesses(one: Meaning, others: Sequence[bytes]) -> list[float]:
    """How likely each of these, by the same maker, tells the same, 0 to 1."""
    by = _scale(one.maker)
    logits = by.start + parts_alike(one.numbers, others) @ np.array((by.vector, *by.heads), dtype=np.float32)
    found: list[float] = np.round(1 / (1 + np.exp(-logits.astype(np.float64))), DIGITS).tolist()
    return found


def parts_alike(one: bytes, others: Sequence[bytes]) -> Floats:
    """A row for each: the cosines of the vector and of each head's numbers."""
    if not others:
        return np.zeros((0, 1 + len(HEADS)), dtype=np.float32)
    mine, rows = _numbers(one), np.stack([_numbers(each) for each in others])
    starts = np.cumsum([len(mine) - sum(_SIZES), *_SIZES])[:-1]
    together = np.add.reduceat(rows * mine, [0, *starts], axis=1)
    lengths = np.sqrt(np.add.reduceat(rows**2, [0, *starts], axis=1) * np.add.reduceat(mine**2, [0, *starts]))
    alike: Floats = together / np.maximum(lengths, 1.0)
    return alike


def _numbers(kept: bytes) -> Floats:
    return np.frombuffer(kept, dtype=np.int8).astype(np.float32)


def _scale(maker: str) -> Scale:
    english = english_encoder()
    return IN_ENGLISH if english is not None and maker == f"{ENGLISH}:{_name(english)}" else ELSEWHERE


@lru_cache(maxsize=16)
def _encoder_of(text: str) -> tuple[str, Encoder] | None:
    """The language of the text, and the encoder that reads it."""
    language = guess(own_letters(text)).language
    by = (english_encoder() if language == ENGLISH else None) or encoder()
    return None if by is None else (language, by)


def _maker(language: str, by: Encoder) -> str:
    return f"{language[:LANGUAGE_LETTERS]}:{_name(by)}"


@lru_cache(maxsize=16)
def _meaning(text: str) -> Meaning | None:
    if (found := _encoder_of(text)) is None:
        return None
    language, by = found
    (vector,) = by.encode([text[:MAX_WHOLE]])
    read = reading(text, language).whole
    heads = [np.sqrt(np.array(list(read[head].values()))) for head in HEADS]
    numbers = np.concatenate([vector / (np.linalg.norm(vector) or 1.0), *heads])
    return Meaning(maker=_maker(language, by), numbers=np.round(numbers * STEPS).astype(np.int8).tobytes())


@lru_cache(maxsize=4)
def _name(by: Encoder) -> str:
    """Also says by what the heads were read, which is not the encoder's affair alone."""
    made_of = f"{by.sha256} {sha256_of_weights()} {way()} {both_encoders() is not None}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:NAME_LETTERS]

"""Which of a team's issues and areas a text is nearest to, by their example sentences.

Near is a cosine: of sentence vectors where their encoder is installed and knows the language, and of words and pieces of words
(bot/senses/learned/features.py), which alone are always there. The nearest sentence counts half, the whole text the other half.
A sentence in which the shipped weights see an issue that they do not see in the examples is as much less near: what is clearly a
shipped issue stays one. Scores say how many as near as that were right (tests/senses/own_issues).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.senses.learned.answers import ISSUES, NONE
from bot.senses.learned.classifier import Likelihoods, features, read, vectors_of_the_shipped, words_of_the_shipped
from bot.senses.learned.vectors import LANGUAGES, encoded
from bot.senses.ticket_reading import MAX_WHOLE, TicketReading, reading
from rules.values.own_issues import OwnIssues

Floats = NDArray[np.float32]
Whole = NDArray[np.int64]
PATHS = tuple(path for path in ISSUES if path != NONE)
OF_WHOLE = 0.5
ALONE = 0.6  # how much a sentence counts by itself: in a long text the whole is near to nothing
AT_ONCE = 64  # examples for the encoder
DIGITS = 3  # before anything is decided: machines add in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    """`of_words`: how much words count beside vectors. `of_shipped`: how much what the shipped weights see elsewhere. `half`: the
    nearness at which half are right, `steep`: how fast that grows."""

    of_words: float
    of_shipped: float
    half: float
    steep: float

    def likelihood(self, nearness: float) -> float:
        return 1 / (1 + math.exp(-self.steep * (nearness - self.half)))


# Chosen on the development half of tests/senses/own_issues.
BY_VECTORS = _Near(of_words=0.25, of_shipped=0.2, half=0.37, steep=14.0)
BY_WORDS = _Near(of_words=1.0, of_shipped=0.2, half=0.11, steep=22.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An issue's path or an area's name. `score`: how likely this is it, 0 to 1. `quote`: the sentence that is nearest to
    `example`."""

    name: str
    score: float
    quote: str
    example: str


@lru_cache(maxsize=16)
def nearest(text: str, language: str, own: OwnIssues) -> tuple[Match, ...]:
    """The best of each issue and area, the likeliest first; a path has a dot in it, an area's name has none."""
    found, examples = reading(text, language), _examples_of(own)
    if found.is_empty or not examples.names:
        return ()
    texts = (*found.sentences, text[:MAX_WHOLE])
    by = examples.by_vectors(texts) if not language or language in LANGUAGES else None
    near, words = (BY_WORDS if by is None else BY_VECTORS), examples.by_words(texts)
    close = near.of_words * words + (0 if by is None else by)
    elsewhere = near.of_shipped * examples.elsewhere((*found.each, found.whole))
    matches = (examples.match(place, found, close, elsewhere[:, place], near) for place in range(len(examples.names)))
    return tuple(sorted(matches, key=lambda each: -each.score))


@lru_cache(maxsize=4)
def _examples_of(own: OwnIssues) -> _Examples:
    named = ((each.path, each.examples) for each in own.issues), ((each.name, each.examples) for each in own.areas)
    return _Examples([(name, examples) for name, examples in chain(*named) if examples])


class _Examples:
    """Examples of several names, ready to be compared with. Rows are texts, columns examples, but for `elsewhere`."""

    def __init__(self, named: Sequence[tuple[str, tuple[str, ...]]]) -> None:
        self.names = [name for name, _ in named]
        self._texts = [text for _, examples in named for text in examples]
        ends = np.cumsum([len(examples) for _, examples in named])
        self._parts = [slice(int(end) - len(examples), int(end)) for (_, examples), end in zip(named, ends, strict=True)]
        parts = [self._texts[start : start + AT_ONCE] for start in range(0, len(self._texts), AT_ONCE)]
        likely = [_issues(each) for part in parts for each in read(part)]
        self._most_likely = np.array([np.max(likely[part], axis=0) for part in self._parts], dtype=np.float32)
        self._words = _Words(self._texts)
        found = vectors_of_the_shipped()
        self._vectors = None if found is None or not parts else np.vstack([found.encoder.encode(each) for each in parts])

    def by_vectors(self, texts: tuple[str, ...]) -> Floats | None:
        """None without the encoder."""
        shipped = vectors_of_the_shipped()
        if shipped is None or self._vectors is None:
            return None
        vectors = encoded(shipped.encoder, texts)
        found: Floats = np.round(vectors @ self._vectors.T, DIGITS)
        return found

    def by_words(self, texts: Sequence[str]) -> Floats:
        products: Floats = np.stack([self._words.product(each) for each in texts])
        return np.round(products, DIGITS)

    def elsewhere(self, likely: Sequence[Likelihoods]) -> Floats:
        """Texts x names: how much likelier a text's likeliest shipped issue is in it than in any example of the name."""
        rows = np.array([_issues(each) for each in likely], dtype=np.float32)
        path = rows.argmax(axis=1)
        found: Floats = np.maximum(0.0, rows[np.arange(len(rows)), path][:, None] - self._most_likely[:, path].T)
        return found

    def match(self, place: int, found: TicketReading, close: Floats, elsewhere: Floats, near: _Near) -> Match:
        part = self._parts[place]
        of_each = close[:, part].max(axis=1) - elsewhere
        sentence = int(of_each[:-1].argmax())
        best, whole = float(of_each[sentence]), float(of_each[-1])
        score = near.likelihood(max((1 - OF_WHOLE) * best + OF_WHOLE * whole, ALONE * best))
        example = self._texts[part.start + int(close[sentence, part].argmax())]
        return Match(name=self.names[place], score=round(score, 2), quote=found.sentences[sentence], example=example)


class _Words:
    """The words of all examples, from each feature to the examples that have it: most of a ticket's are in none."""

    def __init__(self, texts: Sequence[str]) -> None:
        having: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, text in enumerate(texts):
            names, values = _weighed(text)
            for name, value in zip(names, values.tolist(), strict=True):
                having[name].append((place, value))
        self._count = len(texts)
        self._numbers = {name: number for number, name in enumerate(having)}
        self._starts = np.cumsum([0, *(len(each) for each in having.values())])
        self._places = np.array([place for each in having.values() for place, _ in each], dtype=np.int64)
        self._values = np.array([value for each in having.values() for _, value in each], dtype=np.float64)

    def product(self, text: str) -> Floats:
        """The cosine of the text with each example."""
        names, values = _weighed(text)
        get = self._numbers.get
        all_numbers = np.array([get(name, -1) for name in names], dtype=np.int64)
        at = np.flatnonzero(all_numbers >= 0)
        numbers = all_numbers[at]
        often = self._starts[numbers + 1] - self._starts[numbers]
        entries = np.arange(int(often.sum())) + np.repeat(self._starts[numbers] - (np.cumsum(often) - often), often)
        weights = np.repeat(values[at], often) * self._values[entries]
        return np.bincount(self._places[entries], weights=weights, minlength=self._count).astype(np.float32)


def _weighed(text: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Its features by how rare they are, of length 1 all together; those that are not learned are as rare as can be."""
    found = features(words_of_the_shipped(), text)
    values = found.often * _rarity()[found.places]
    return found.names, values / (math.sqrt(float(values @ values)) or 1.0)


@lru_cache(maxsize=1)
def _rarity() -> NDArray[np.float64]:
    """Of each learned feature; at the end that of all others."""
    learned = words_of_the_shipped().rarity.astype(np.float64)
    return np.append(learned, learned.max())


def _issues(likely: Mapping[str, Mapping[str, float]]) -> list[float]:
    return [likely["issue"][path] for path in PATHS]

"""How near the matter of an article is to that of a question, whatever words it is told in.

A customer tells a story in words that no article has ("our accountant asks me for …") and still asks for what an article is
about. The learned weights read both for the issues of the taxonomy: of an article its title, its headings and its first
paragraph. And an English question is compared with the passages of English articles by their sentence vectors, where the encoder
for English is installed; for other languages the other encoder told no more than words do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from bot.drafts.types import Article
from bot.senses.learned.answers import ISSUES, NONE
from bot.senses.learned.classifier import read
from bot.senses.learned.english_vectors import ENGLISH, english_encoder
from bot.senses.learned.sentences import sentences

MAX_LETTERS = 1_200
MAX_READ_AHEAD = 500  # articles: about 10 ms each
MAX_COMPARED = 300  # articles that are compared by passages, and read ahead: about 40 ms each, once
MAX_PASSAGES = 12  # of an article
MAX_HEADINGS = 50  # of an article
MAX_OF_PASSAGE = 400  # letters
MAX_SENTENCES = 24  # of a question
NEAREST = 3  # of its sentences: a greeting is near to nothing
DIGITS = 2  # before anything is decided: machines add in another order
PATHS = tuple(path for path in ISSUES if path != NONE)
Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinship:
    """0 to 1 each. `near`: how much both are about the same issues. `own`: how likely the article is about the question's own."""

    near: float
    own: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a question is about. `path`: the likeliest of PATHS."""

    asked: str
    language: str
    path: str


def matter(asked: str, language: str, issue: str = "") -> Matter:
    """`issue`: what the senses found, where that is one of PATHS."""
    said = asked[:MAX_LETTERS]
    if issue not in PATHS:
        issue = PATHS[int(_of_question(said, language).argmax())]
    return Matter(asked=said, language=language, path=issue)


def kinship(of: Matter, article: Article) -> Kinship:
    """Both are read by the same weights, those for English only where both are English: shares of two sets are not comparable."""
    is_english = of.language == article.language == ENGLISH
    shares = _of_question(of.asked, _read_by(of.language, is_english))
    pieces = _pieces(article, _read_by(article.language, is_english))
    common = np.sqrt(shares * np.vstack([pieces, pieces.mean(axis=0)])).sum(axis=1)
    near = (float(common[:-1].max()) + float(common[-1])) / 2
    own = float(pieces[:, PATHS.index(of.path)].max())
    return Kinship(near=round(min(1.0, near), DIGITS), own=round(own, DIGITS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """Cosines, up to 1. `whole`: of the whole question with the article's nearest passage. `sentences`: the mean of its sentences
    that are nearest to one."""

    whole: float
    sentences: float

    @property
    def together(self) -> float:
        return self.whole + self.sentences / 2


def likenesses(asked: str, language: str, articles: Sequence[Article]) -> Mapping[str, Likeness]:
    """By the article's id; empty where nothing is compared so."""
    english = [each for each in articles if each.language == ENGLISH][:MAX_COMPARED] if language == ENGLISH else []
    encoder = english_encoder() if english else None
    if encoder is None:
        return {}
    rows = encoder.encode([*sentences(asked)[:MAX_SENTENCES], asked[:MAX_LETTERS]])
    return {each.id: _likeness(rows, _vectors(_passages(each))) for each in english}


def read_ahead(articles: Iterable[Article]) -> None:
    """What every job behind RQ, which forks for each, would else read again."""
    compared = 0
    for article in islice(articles, MAX_READ_AHEAD):
        _pieces(article, article.language)
        if article.language == ENGLISH and compared < MAX_COMPARED and english_encoder() is not None:
            compared += 1
            _vectors(_passages(article))


def _likeness(asked: Vectors, passages: Vectors) -> Likeness:
    near = (asked @ passages.T).max(axis=1)
    best = np.sort(near[:-1])[-NEAREST:] if len(near) > 1 else near
    return Likeness(whole=round(float(near[-1]), DIGITS), sentences=round(float(best.mean()), DIGITS))


def _passages(article: Article) -> tuple[str, ...]:
    """The title with each part of the text, or alone."""
    return tuple(f"{article.title}. {part}"[:MAX_OF_PASSAGE] for part in article.sections[:MAX_PASSAGES] or ("",))


@lru_cache(maxsize=5_000)
def _vectors(passages: tuple[str, ...]) -> Vectors:
    encoder = english_encoder()
    assert encoder is not None
    return encoder.encode(passages)


def _pieces(article: Article, language: str) -> Floats:
    lead = f"{article.title}. {article.first_paragraph}"[:MAX_LETTERS]
    return _of_article((article.title, *article.headings[:MAX_HEADINGS], lead), language)


def _read_by(language: str, is_english: bool) -> str:
    """The language to read by: without one, English is read with the weights that all languages share."""
    return "" if language == ENGLISH and not is_english else language


@lru_cache(maxsize=16)
def _of_question(asked: str, language: str) -> Floats:
    (shares,) = _shares((asked,), language)
    return np.asarray(shares)


@lru_cache(maxsize=5_000)
def _of_article(pieces: tuple[str, ...], language: str) -> Floats:
    return _shares(pieces, language)


def _shares(texts: tuple[str, ...], language: str) -> Floats:
    """A row for each text; what is about nothing of the taxonomy has small shares."""
    return np.array([[likely["issue"][path] for path in PATHS] for likely in read(texts, language)])

"""Help articles in a folder of Markdown files, found by their words.

A file starts with front matter (`id`, `title`, `updated`, `url`, `language` between two `---` lines). The search is
lexical: it answers how much of the question's weight an article covers, and stays silent rather than guess.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from bot.drafts.text import plain_text, terms
from bot.drafts.types import Article, FoundArticle
from bot.log import get_logger
from rules.files.problems import Problem
from rules.files.yaml_file import FileInvalid, parse_yaml, plain

log = get_logger("articles")
MAX_BYTES = 200_000
MAX_ARTICLES = 20_000
MAX_QUESTION_TERMS = 60
TITLE_WEIGHT = 3
LEAST = 0.12


class ArticleInvalid(Exception):
    """`problem` says which file and what to write."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_article(path: Path) -> Article:
    """One article. Raises ArticleInvalid."""
    try:
        text = path.read_text(encoding="utf-8-sig") if path.stat().st_size <= MAX_BYTES else ""
    except (OSError, UnicodeDecodeError):
        text = ""
    head, found, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not found:
        raise ArticleInvalid(
            Problem(file=str(path), message="no front matter", hint="begin with ---, id, title, updated, url, ---")
        )
    try:
        facts = plain(parse_yaml(head, str(path)))
    except FileInvalid as error:
        raise ArticleInvalid(replace(error.problem, line=error.problem.line + 1)) from error
    if not isinstance(facts, dict) or not facts.get("title"):
        raise ArticleInvalid(Problem(file=str(path), line=2, message="the front matter has no title"))
    return Article(
        id=str(facts.get("id") or path.stem),
        title=str(facts["title"]),
        text=body.strip(),
        url=str(facts.get("url") or ""),
        changed_at=_day(facts.get("updated")),
        language=str(facts.get("language") or "en"),
    )


def _day(value: object) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(str(value)[:10]), time(), UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Indexed:
    article: Article
    title: frozenset[str]
    counts: Counter[str]
    length: int


class ArticleIndex:
    """Articles with their index. Read once; `ArticleIndex.load(folder)` again takes up changes."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._indexed = [_index(article) for article in articles]
        self._in_how_many = Counter(term for each in self._indexed for term in each.counts)
        self._average = sum(each.length for each in self._indexed) / max(1, len(self._indexed))

    def __len__(self) -> int:
        return len(self._indexed)

    @property
    def articles(self) -> tuple[Article, ...]:
        return tuple(each.article for each in self._indexed)

    @staticmethod
    def load(folder: Path) -> ArticleIndex:
        """The articles below `folder`; a file that cannot be read is logged and left out."""
        articles = []
        for path in sorted(folder.rglob("*.md"))[:MAX_ARTICLES]:
            try:
                articles.append(read_article(path))
            except ArticleInvalid as error:
                log.warning("article.refused", problem=str(error))
        return ArticleIndex(articles)

    def search(self, question: str, language: str = "", most: int = 3) -> list[FoundArticle]:
        """The best articles, best first. `language` is preferred, others come with a tenth off: ties go to the reader's."""
        asked = list(dict.fromkeys(terms(question)))[:MAX_QUESTION_TERMS]
        found = [
            (self._score(each, asked) * (0.9 if language and each.article.language != language else 1.0), each)
            for each in self._indexed
        ]
        best = sorted((each for each in found if each[0] >= LEAST), key=lambda each: (-each[0], each[1].article.id))
        return [
            FoundArticle(article=each.article, score=round(score, 3), excerpt=_excerpt(each.article, asked))
            for score, each in best[:most]
        ]

    def _score(self, each: _Indexed, asked: list[str]) -> float:
        """Covered weight over asked weight, saturating with repetition, 0 to 1."""
        if not asked:
            return 0.0
        total = covered = 0.0
        for term in asked:
            known = self._in_how_many[term]
            # A word that no article knows is mostly chatter: it counts, but little.
            weight = math.log(1 + (len(self._indexed) + 1) / (known + 0.5)) if known else 0.35
            total += weight
            count = each.counts[term]
            if count:
                bound = 0.4 + 0.6 * each.length / (self._average or 1)
                covered += weight * max(count / (count + bound), 0.95 if term in each.title else 0.0)
        return min(1.0, covered / total) * _trust(asked, each) if total else 0.0


def _trust(asked: list[str], each: _Indexed) -> float:
    """Words in common by chance: less weight where the title has none of them, or where it is a single one of many."""
    hits = sum(1 for term in asked if each.counts[term])
    by_title = 1.0 if any(term in each.title for term in asked) else 0.6
    return by_title * (0.5 if hits < 2 and len(asked) > 3 else 1.0)


def _index(article: Article) -> _Indexed:
    title, body = terms(article.title), terms(plain_text(article.text))
    counts = Counter(body)
    for term in title:
        counts[term] += TITLE_WEIGHT
    return _Indexed(article, frozenset(title), counts, len(body) + len(title))


def _excerpt(article: Article, asked: list[str]) -> str:
    """The paragraph with most of the asked words, shortened."""
    wanted = set(asked)
    paragraphs = [" ".join(part.split()) for part in plain_text(article.text).split("\n\n") if part.strip()]
    best = max(paragraphs, key=lambda part: len(wanted & set(terms(part))), default="")
    return best if len(best) <= 200 else best[:197].rstrip() + "…"

"""Help articles in a folder of Markdown files, found by their words.

A file starts with front matter (`id`, `title`, `updated`, `url`, `language` between two `---` lines). The search is
lexical, with the taxonomy of issues as a bridge between words and languages: it answers how much of the question's weight an
article covers, and stays silent rather than guess.
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
from bot.senses.lexicon import lexicon
from rules.files.problems import Problem
from rules.files.yaml_file import FileInvalid, parse_yaml, plain

log = get_logger("articles")
MAX_BYTES = 200_000
MAX_ARTICLES = 20_000
MAX_QUESTION_TERMS = 60
ISSUE_WEIGHT = 2.0
UNKNOWN_SHARE = 0.8
IN_TEXT = 0.85  # of a word's weight where the article has it, but neither in title nor headings
OWN_ISSUE = 0.4  # the least for an article whose title or headings name the question's issue
ONE_WORD = 0.5  # the least where one word alone is in common, beside the issue
LEAST = 0.12
GENERAL = frozenset({"how_to.use.function", "how_to.setup.start", "how_to.reports.figures"})


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
    except ValueError as error:  # a day that is none: 2026-02-30
        raise ArticleInvalid(
            Problem(file=str(path), message=f"the front matter: {error}", hint="write days as 2026-11-30")
        ) from error
    if not isinstance(facts, dict) or not facts.get("title"):
        raise ArticleInvalid(Problem(file=str(path), line=2, message="the front matter has no title"))
    return Article(
        id=str(facts.get("id") or path.stem),
        title=str(facts["title"]),
        text=body.strip(),
        url=str(facts.get("url") or ""),
        changed_at=_day(facts.get("updated")),
        language=_language(facts.get("language"), path),
    )


def _language(value: object, path: Path) -> str:
    """`de-AT` and `DE` are `de`, as a reader's language is."""
    if value is not None and not isinstance(value, str):
        raise ArticleInvalid(
            Problem(file=str(path), message="the language is no text", hint="write language: en, one for each file")
        )
    return (value or "en").replace("_", "-").split("-")[0].lower()


def _day(value: object) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(str(value)[:10]), time(), UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class _Indexed:
    """`about`: words of title and headings. `issues`: what title and text say of the taxonomy of issues, `own_issues` title and
    headings alone."""

    article: Article
    words: frozenset[str]
    about: frozenset[str]
    issues: frozenset[str]
    own_issues: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Asked:
    words: tuple[str, ...]
    issues: frozenset[str]


class ArticleIndex:
    """Articles with their index. Read once; `ArticleIndex.load(folder)` again takes up changes. One without text to quote is left
    out: headings and images alone answer nothing."""

    def __init__(self, articles: Iterable[Article]) -> None:
        self._indexed = [_index(article) for article in articles if _has_text(article)]
        self._in_how_many = Counter(word for each in self._indexed for word in each.words)

    def __len__(self) -> int:
        return len(self._indexed)

    @property
    def articles(self) -> tuple[Article, ...]:
        return tuple(each.article for each in self._indexed)

    @staticmethod
    def load(folder: Path) -> ArticleIndex:
        """The articles below `folder`; a file that cannot be read is logged and left out. Of two with the same id, as
        translations have it (en/export.md, de/export.md), the second goes by its path."""
        articles: dict[str, Article] = {}
        for path in sorted(folder.rglob("*.md"))[:MAX_ARTICLES]:
            try:
                article = read_article(path)
            except ArticleInvalid as error:
                log.warning("article.refused", problem=str(error))
                continue
            if article.id in articles:
                article = replace(article, id=path.relative_to(folder).as_posix())
            articles[article.id] = article
        return ArticleIndex(articles.values())

    def search(self, question: str, language: str = "", most: int = 3) -> list[FoundArticle]:
        """The best articles, best first. `language` is preferred, others come with a tenth off: ties go to the reader's."""
        asked = _asked(question)
        found = [
            (self._score(each, asked) * (0.9 if language and each.article.language != language else 1.0), each)
            for each in self._indexed
        ]
        best = sorted((each for each in found if each[0] >= LEAST), key=lambda each: (-each[0], each[1].article.id))
        return [
            FoundArticle(article=each.article, score=round(score, 3), excerpt=_excerpt(each.article, asked.words))
            for score, each in best[:most]
        ]

    def related(self, question: str, language: str, most: int = 20) -> list[FoundArticle]:
        """What might be about the question: the articles in its language that have most of its words, be it only one."""
        asked = _asked(question)
        covered = [
            (sum(self._weight(word) for word in asked.words if word in each.words), each)
            for each in self._indexed
            if each.article.language == language
        ]
        best = sorted((each for each in covered if each[0] > 0), key=lambda each: (-each[0], each[1].article.id))
        return [FoundArticle(article=each.article, score=round(self._score(each, asked), 3)) for _, each in best[:most]]

    def _score(self, each: _Indexed, asked: _Asked) -> float:
        """Covered weight over asked weight, 0 to 1; rare words weigh most. Words in common by chance count for nothing: it takes
        two of them, and one in title or headings, or an issue of the taxonomy in common. Beside an issue that the title or a
        heading names one word of them will do, where both cover half of the question."""
        hits = [word for word in asked.words if word in each.words]
        has_about = any(word in each.about for word in hits)
        issues, own = asked.issues & each.issues, asked.issues & each.own_issues
        is_one_word = len(hits) < min(2, len(asked.words))
        if not (has_about or issues) or (is_one_word and not (has_about and own)):
            return 0.0
        total = sum(map(self._weight, asked.words)) + ISSUE_WEIGHT * len(asked.issues)
        covered = sum(self._weight(word) * (1.0 if word in each.about else IN_TEXT) for word in hits) + ISSUE_WEIGHT * len(issues)
        score = covered / total if total else 0.0
        if is_one_word and score < ONE_WORD:
            return 0.0
        return max(score, OWN_ISSUE) if own and len(hits) > 1 else score

    def _weight(self, word: str) -> float:
        """By rarity. A word that no article has is most of what the question may be about: it counts against all of them."""
        rarest = math.log(1 + (len(self._indexed) + 1) / 0.5)
        known = self._in_how_many[word]
        return math.log(1 + (len(self._indexed) + 1) / (known + 0.5)) if known else UNKNOWN_SHARE * rarest


def _asked(question: str) -> _Asked:
    """Numbers are left out, but for the codes of errors (429)."""
    words = [word for word in dict.fromkeys(terms(question)) if not word.isdigit() or (len(word) == 3 and word[0] == "4")]
    return _Asked(tuple(words[:MAX_QUESTION_TERMS]), _issues(question))


def _issues(text: str) -> frozenset[str]:
    """What a text says of the taxonomy, in any language of its lists; what hardly tells anything apart is left out."""
    return frozenset(hit.label for hit in lexicon("issue").said(text) if hit.label.count(".") == 2) - GENERAL


def _has_text(article: Article) -> bool:
    lines = (line for line in article.text.split("\n") if not line.startswith(("#", "![")))
    return any(character.isalnum() for character in plain_text("\n".join(lines)))


def _index(article: Article) -> _Indexed:
    headings = "\n".join(article.headings)
    about = frozenset(terms(f"{article.title} {headings}"))
    words = frozenset(terms(plain_text(article.text))) | about
    own = _issues(f"{article.title}\n{headings}")
    return _Indexed(article, words, about, _issues(f"{article.title}\n{article.text}"), own)


def _excerpt(article: Article, asked: Iterable[str]) -> str:
    """The paragraph with most of the asked words, shortened."""
    wanted = set(asked)
    paragraphs = [" ".join(part.split()) for part in plain_text(article.text).split("\n\n") if part.strip()]
    best = max(paragraphs, key=lambda part: len(wanted & set(terms(part))), default="")
    return best if len(best) <= 200 else best[:197].rstrip() + "…"

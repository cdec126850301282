"""Whether a source answers the question: asked before a draft is written, whoever writes it. What does not fit is not offered.

A source fits where it covers enough of the question's weight (article_search.py), where a fault that is reported is one that the
source speaks of, and where a matter for a person (a takeover, lost data, privacy, lawyers, a wish for a manager) is its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import re2

from adapters.ticket import MacroPreview
from bot.drafts.article_search import ArticleIndex
from bot.drafts.checks.placeholders import open_placeholders
from bot.drafts.text import language_of, plain_text, sentences_of, terms
from bot.drafts.types import NO_SOURCE, Article, DraftAsk, FoundArticle
from bot.senses.lexicon import Lexicon, lexicon
from rules.files.yaml_file import plain, read_yaml

ENOUGH = 0.38
ENOUGH_OF_OWN_MATTER = 0.25
SURE = 0.6
_SPECIAL = ("takeover", "privacy", "legal", "loss", "anger")
_ISSUES = {
    "security.account": "takeover",
    "security.report": "security",
    "security.data": "security",
    "security.message": "security",
    "security.malware": "security",
    "security.question": "privacy",
    "data_loss.missing": "loss",
    "data_loss.damaged": "loss",
}
_CODE = re2.compile(r"\b(?:4\d\d|[A-Z]{1,4}[-_]?\d{2,})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """The sources that may be offered: `articles` and `previews` (macros), with the score of each macro by its place. `why`: why
    there is none, in words for the agent."""

    articles: tuple[FoundArticle, ...] = ()
    previews: tuple[MacroPreview, ...] = ()
    macro_scores: tuple[float, ...] = ()
    why: str = ""


def question(ask: DraftAsk) -> str:
    """What is searched for: the subject and the newest words."""
    return f"{ask.ticket.subject}\n{ask.asked}" if ask.ticket.subject not in ask.asked else ask.asked


def fitting(ask: DraftAsk, shelf: ArticleIndex) -> Fitting:
    """What of the shelf (or of `ask.articles`) and of the proposed macros answers this ticket."""
    asked = _without_name(question(ask), ask)
    found = ask.articles if ask.articles is not None else tuple(shelf.search(asked, ask.wanted_language))
    matters = special_matters(asked, ask)
    articles = tuple(each for each in found if _covers(each, matters) and not _refusal(asked, each.article, matters))
    scored = [(each, score) for each, score in _macros(ask, asked) if score >= ENOUGH]
    scored = [(each, score) for each, score in scored if not _refusal(asked, _as_article(each, ask), matters)]
    why = "" if articles or scored else _why(found, matters)
    return Fitting(
        articles=articles, previews=tuple(each for each, _ in scored), macro_scores=tuple(score for _, score in scored), why=why
    )


def offered(ask: DraftAsk, found: Fitting) -> DraftAsk:
    """The ask with the fitting sources alone; where a fault is reported, with the parts of articles that speak of one."""
    asked = question(ask)
    articles = tuple(_about_fault(each, asked) for each in found.articles) if reports_fault(asked) else found.articles
    return replace(ask, articles=articles, previews=found.previews)


def _about_fault(found: FoundArticle, asked: str) -> FoundArticle:
    """Who writes that the mail does not come is not helped by how to order it."""
    parts = [part for part in sections(found.article.text) if speaks_of_fault(asked, part)]
    return replace(found, article=replace(found.article, text="\n\n".join(parts))) if parts else found


def sections(text: str) -> list[str]:
    """The parts of an article, each with its heading."""
    head, *rest = f"\n{text}".split("\n#")
    return [part.strip() for part in (head, *(f"#{each}" for each in rest)) if part.strip()]


def _without_name(asked: str, ask: DraftAsk) -> str:
    """A signature's name is not what is asked for."""
    names = ask.ticket.requester.name.split() if ask.ticket.requester else []
    return " ".join(word for word in asked.replace("\n", " \n ").split(" ") if word.strip(".,!\n") not in names)


def special_matters(text: str, ask: DraftAsk | None = None) -> frozenset[str]:
    """What in a text needs a person: takeover, security, privacy, legal, loss, anger, leaving. With `ask` its signals too."""
    lists = _lists()
    found = {name for name in _SPECIAL if lists[name].said(text)}
    found |= {_ISSUES[area] for hit in lexicon("issue").said(text) if (area := ".".join(hit.label.split(".")[:2])) in _ISSUES}
    if ask is not None:
        signals = ask.signals
        found |= {"legal"} if (legal := signals.get("legal_words")) and legal.value else set()
        found |= {"anger"} if (manager := signals.get("asks_for_management")) and manager.value is True else set()
        leaves = (cancel := signals.get("wants_cancel")) and cancel.value is True and cancel.score >= SURE
        mood = signals.get("sentiment")
        is_upset = mood is not None and mood.value in ("angry", "frustrated")
        found |= {"leaving"} if leaves and (is_upset or not lists["how"].find(text)) else set()
    return frozenset(found)


def _covers(found: FoundArticle, matters: frozenset[str]) -> bool:
    """An article about the very matter needs fewer words in common: that it is about it says enough."""
    is_own = bool(matters) and found.score >= ENOUGH_OF_OWN_MATTER and matters <= _own_matters(found.article)
    return found.score >= ENOUGH or is_own


def _refusal(asked: str, article: Article, matters: frozenset[str]) -> str:
    """Why an article that shares the question's words does not answer it all the same, "" where it does."""
    if matters and not matters <= _own_matters(article):
        return "another matter"
    codes = set(_CODE.findall(asked))
    if codes and not any(code in article.text for code in codes) and reports_fault(asked):
        return "another error"
    return "another fault" if reports_fault(asked) and not speaks_of_fault(asked, f"{article.title}\n{article.text}") else ""


def _own_matters(article: Article) -> frozenset[str]:
    """Of title, headings and first paragraph: what the article is about, not what it mentions."""
    headings = [line.lstrip("# ") for line in article.text.split("\n") if line.startswith("#")]
    first = next((part for part in article.text.split("\n\n") if part.strip() and not part.startswith("#")), "")
    return special_matters("\n".join((article.title, *headings, first)))


def reports_fault(asked: str) -> bool:
    """True for words of something that fails: a how-to alone is no answer then. Who could not find a button has met no fault."""
    return any(_lists()["fault"].find(each) for line in asked.split("\n") for each in sentences_of(line) if not _looks_for(each))


def _looks_for(sentence: str) -> bool:
    return bool(_lists()["not_found"].find(sentence))


def speaks_of_fault(asked: str, text: str) -> bool:
    """True where a sentence or heading of the text is about something that fails, and has a word of what is asked in it."""
    wanted = set(terms(asked))
    said = [each for line in plain_text(text).split("\n") for each in sentences_of(line)]
    return any(_lists()["told_fault"].find(each) and wanted & set(terms(each)) for each in said)


def _macros(ask: DraftAsk, asked: str) -> list[tuple[MacroPreview, float]]:
    """Macros that may stand in a reply, each with its score: whole, without gaps, in the customer's language."""
    usable = [each for each in ask.previews if is_usable(each, ask.wanted_language)]
    index = ArticleIndex([replace(_as_article(each, ask), id=str(place)) for place, each in enumerate(usable)])
    scores = {found.article.id: found.score for found in index.search(asked, most=max(1, len(usable)))}
    return [(each, scores.get(str(place), 0.0)) for place, each in enumerate(usable)]


def is_usable(preview: MacroPreview, language: str) -> bool:
    """Whether a macro may become part of a reply in this language."""
    if preview.missing or not preview.text.strip() or open_placeholders(preview.text):
        return False
    return language_of(preview.text) in {"", language}


def _as_article(preview: MacroPreview, ask: DraftAsk) -> Article:
    """A macro as something to search: without the ticket's own subject in it, which would fit any question."""
    text = preview.text.replace(ask.ticket.subject, " ") if ask.ticket.subject else preview.text
    return Article(id=preview.macro.name, title=preview.macro.name, text=text)


def _why(found: tuple[FoundArticle, ...], matters: frozenset[str]) -> str:
    if matters:
        return f"{NO_SOURCE}: it is a matter for a person"
    best = f", the best fits {found[0].score:.0%}" if found else ""
    return f"{NO_SOURCE}{best}"


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, Lexicon]:
    found = plain(read_yaml(Path(__file__).parent / "special_matters.yaml"))
    return {name: Lexicon([(name, 1.0, [each for listed in words.values() for each in listed])]) for name, words in found.items()}

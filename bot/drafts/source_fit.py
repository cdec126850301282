"""Whether a source answers the question: asked before a draft is written, whoever writes it. What does not fit is not offered.

A source fits where it covers enough of the question's words (article_search.py), is about the very same issue or is by far the
nearest, and no other is much nearer (kinship.py); where a fault that is reported is one that the source speaks of, and where a
matter for a person (a takeover, lost data, privacy, lawyers, a wish for a manager) is its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import re2

from adapters.ticket import MacroPreview
from bot.drafts.article_search import ArticleIndex
from bot.drafts.checks.placeholders import open_placeholders
from bot.drafts.kinship import MAX_COMPARED, Kinship, Likeness, Matter, kinship, likenesses, matter
from bot.drafts.text import language_of, plain_text, sentences_of, terms
from bot.drafts.types import NO_SOURCE, Article, DraftAsk, FoundArticle
from bot.senses.lexicon import Lexicon, lexicon, lexicons

ENOUGH = 0.38
ENOUGH_OF_OWN_MATTER = 0.25
SURE = 0.6
# How near an article's issues must be (kinship.py), chosen on the questions of tests/fixtures/drafts that are not held out.
NEAR = 0.2  # beside words that are enough
NEAR_WITH_WORDS = 0.59  # with the share of the words that it covers, be it too small to count
OWN = 0.23  # and then how likely the article is about the question's own issue
# How near a passage must be (kinship.py) to count without its words, how far ahead of all other articles, and how far behind the
# nearest an article may be. Chosen on the same questions and on those of another shelf.
ALIKE, AHEAD, BEHIND = 0.4, 0.025, 0.05
NEAR_WITHOUT_WORDS = 0.3  # how near its issues must be then
_TOLD_AS_FAULT = ("account_access.password.", "account_access.login.")  # "I cannot get in, I forgot the password"
_NO_QUESTION = "outage."  # who reports one asks for no article: it takes the words of one
_NO_ARTICLES = (_NO_QUESTION, "other.")
MAX_ARTICLES = 3
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
    "privacy.erasure": "privacy",
    "privacy.access": "privacy",
    "privacy.correction": "privacy",
}
# HTTP's answers to a request that is wrong, and numbers of errors and cases (E-1234).
_CODE = re2.compile(r"\b(?:40[0-9]|41[0-7]|42[2-9]|431|451|[A-Z]{1,4}[-_]?\d{2,})\b")


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
    asked, searched = question(ask), _without_name(question(ask), ask)
    found = ask.articles if ask.articles is not None else _candidates(searched, ask.wanted_language, shelf)
    rest = shelf.articles if ask.articles is None and len(shelf) <= MAX_COMPARED else ()
    matters = special_matters(asked, ask)
    articles = _fitting_articles(found, rest, asked, matters, ask)
    scored = [(each, score) for each, score in _macros(ask, searched) if score >= ENOUGH]
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
    parts = [part for part in found.article.sections if speaks_of_fault(asked, part)]
    return replace(found, article=replace(found.article, text="\n\n".join(parts))) if parts else found


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
        seen = str(issue.value) if (issue := signals.get("issue")) else ""
        found |= {matter for area, matter in _ISSUES.items() if seen.startswith(f"{area}.")}
        found |= {"legal"} if (legal := signals.get("legal_words")) and legal.value else set()
        found |= {"anger"} if (manager := signals.get("asks_for_management")) and manager.value is True else set()
        leaves = (cancel := signals.get("wants_cancel")) and cancel.value is True and cancel.score >= SURE
        mood = signals.get("sentiment")
        is_upset = mood is not None and mood.value in ("angry", "frustrated")
        found |= {"anger"} if mood is not None and mood.value == "angry" and mood.score >= SURE else set()
        found |= {"leaving"} if leaves and (is_upset or not lists["how"].find(text)) else set()
    return frozenset(found)


def _candidates(asked: str, language: str, shelf: ArticleIndex) -> tuple[FoundArticle, ...]:
    """What covers the question's words in any language, and what has some of them in its own."""
    found = shelf.search(asked, language)
    known = {each.article.id for each in found}
    return (*found, *(each for each in shelf.related(asked, language) if each.article.id not in known))


def _fitting_articles(
    found: tuple[FoundArticle, ...], rest: tuple[Article, ...], asked: str, matters: frozenset[str], ask: DraftAsk
) -> tuple[FoundArticle, ...]:
    """Of what was `found` by its words, and of the `rest` of the shelf what is by far the nearest."""
    by_words = {each.article.id: each for each in found}
    shelf = {each.id: each for each in rest} | {id: each.article for id, each in by_words.items()}
    alike = likenesses(_without_name(asked, ask), ask.wanted_language, list(shelf.values()))
    all_found = {id: FoundArticle(article=shelf[id], score=0.0) for id in alike} | by_words
    if not all_found:
        return ()
    issue = ask.signals.get("issue")
    of = matter(asked, ask.wanted_language, str(issue.value) if issue else "")
    kin = {id: kinship(of, each.article) for id, each in all_found.items()}
    near = [replace(each, near=kin[id].near, meant=_together(alike.get(id))) for id, each in all_found.items()]
    best = sorted((each.rank for each in near if each.meant), reverse=True)[:2]
    fit = []
    for each in near:
        id, ahead = each.article.id, _ahead(each, best)
        covers = id in by_words and ahead >= -BEHIND and _covers(each, of, kin[id], matters)
        if (covers or _is_meant(alike.get(id), of, kin[id], ahead)) and not _refusal(
            asked, each.article, matters, _tells_as_fault(of, kin[id])
        ):
            fit.append(each)
    fit.sort(key=lambda each: less_in(each.article.language, ask.wanted_language) - each.rank)
    return tuple(fit[:MAX_ARTICLES])


def _together(like: Likeness | None) -> float:
    return like.together if like else 0.0


def _ahead(found: FoundArticle, best: Sequence[float]) -> float:
    """How much nearer a passage of it is than those of all others, less than 0 where another is nearer; 0 where nobody knows.
    `best`: the two highest ranks."""
    if not found.meant or len(best) < 2:
        return 0.0
    first, second = best
    return round(found.rank - (second if found.rank == first else first), 4)


def _is_meant(like: Likeness | None, of: Matter, kin: Kinship, ahead: float) -> bool:
    """By far the nearest, though few of its words are said."""
    is_near = like is not None and like.whole >= ALIKE and ahead >= AHEAD and kin.near >= NEAR_WITHOUT_WORDS
    return is_near and not of.path.startswith(_NO_ARTICLES)


def less_in(language: str, wanted: str) -> float:
    """How much a source counts less: in another language than the reader's, and in one that fewer read than English."""
    return 0.0 if language == wanted else 0.1 if language == "en" else 0.3


def _covers(found: FoundArticle, of: Matter, kin: Kinship, matters: frozenset[str]) -> bool:
    """Enough of the words, and near enough, or about the very issue. About a matter for a person fewer words are enough."""
    is_own = bool(matters) and found.score >= ENOUGH_OF_OWN_MATTER and matters <= _own_matters(found.article)
    if (found.score >= ENOUGH or is_own) and kin.near >= NEAR:
        return True
    return not of.path.startswith(_NO_QUESTION) and kin.own >= OWN and found.score + kin.near >= NEAR_WITH_WORDS


def _tells_as_fault(of: Matter, kin: Kinship) -> bool:
    return kin.own >= OWN and of.path.startswith(_TOLD_AS_FAULT)


def _refusal(asked: str, article: Article, matters: frozenset[str], is_told_as_fault: bool = False) -> str:
    """Why an article that shares the question's words does not answer it all the same, "" where it does. `is_told_as_fault`:
    what is reported as one is the article's very issue."""
    if matters and not matters <= _own_matters(article):
        return "another matter"
    codes = codes_of(asked)
    if codes and not codes & codes_of(article.text) and reports_fault(asked):
        return "another error"
    if is_told_as_fault or not reports_fault(asked) or speaks_of_fault(asked, f"{article.title}\n{article.text}"):
        return ""
    return "another fault"


def codes_of(asked: str) -> frozenset[str]:
    """Codes of errors and of cases: 429, E-1234."""
    return frozenset(_CODE.findall(asked))


def _own_matters(article: Article) -> frozenset[str]:
    """Of title, headings and first paragraph: what the article is about, not what it mentions."""
    return special_matters("\n".join((article.title, *article.headings, article.first_paragraph)))


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
    best = f", the best fits {found[0].score:.0%}" if found and found[0].score else ""
    return f"{NO_SOURCE}{best}"


@lru_cache(maxsize=1)
def _lists() -> Mapping[str, Lexicon]:
    return lexicons(Path(__file__).parent / "special_matters.yaml")

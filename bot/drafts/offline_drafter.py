"""A drafter without a model: it greets, says what was understood, and quotes the best article or macro word for word.

It adds no fact of its own. Where nothing fits well enough it stays silent and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from adapters.ticket import MacroPreview
from bot.drafts.article_search import ArticleIndex
from bot.drafts.checks import Checker
from bot.drafts.llm.prompt import sources_for
from bot.drafts.similarity import essence
from bot.drafts.text import language_of, plain_text, sentences_of, terms
from bot.drafts.types import (
    NO_SOURCE,
    Article,
    Band,
    Draft,
    DraftAsk,
    FoundArticle,
    Sentence,
    Source,
    SourceKind,
    compose,
    intent_of,
    is_step,
    withheld,
)
from rules.files.yaml_file import plain, read_yaml

HIGH, ENOUGH = 0.5, 0.28
MAX_STEPS, MAX_SENTENCES = 8, 4
MAX_TOPIC = 80


@dataclass(frozen=True, slots=True)
class OfflineDrafter:
    """`shelf`: the articles. `link_hosts`: hosts that a draft may link to besides its sources'."""

    shelf: ArticleIndex
    link_hosts: tuple[str, ...] = ()

    def draft(self, ask: DraftAsk) -> Draft:
        language = ask.wanted_language
        searched = ask if ask.articles is not None else replace(ask, articles=tuple(self.shelf.search(question(ask), language)))
        sources = sources_for(searched)
        best = _best(searched, sources)
        if best is None or best.score < ENOUGH:
            found = f", the best fits {best.score:.0%}" if best else ""
            return withheld(f"{NO_SOURCE}{found}", ask)
        written = language if language in _phrases() else "en"
        sentences = _write(searched, best, written)
        checked = Checker(searched, sources, self.link_hosts).check(sentences)
        lines = (*_language_checks(language, written, best), *checked.lines)
        return Draft(
            text=compose(checked.sentences),
            language=written,
            sentences=checked.sentences,
            sources=sources,
            check_before=tuple(dict.fromkeys(lines)),
            intent=intent_of(ask),
            band=Band.HIGH if best.score >= HIGH and not lines else Band.MEDIUM,
        )


def question(ask: DraftAsk) -> str:
    """What is searched for: the subject and the newest words."""
    return f"{ask.ticket.subject}\n{ask.asked}" if ask.ticket.subject not in ask.asked else ask.asked


@dataclass(frozen=True, slots=True)
class _Best:
    source: Source
    score: float
    text: str
    language: str


def _best(ask: DraftAsk, sources: tuple[Source, ...]) -> _Best | None:
    """The article or macro that covers most of the question. A macro was written to be sent, so it wins ties."""
    by_id = {source.id: source for source in sources}
    found = [_from_article(by_id[f"A{place}"], each) for place, each in enumerate(ask.articles or (), 1) if f"A{place}" in by_id]
    whole = [preview for preview in ask.previews if not preview.missing and preview.text.strip()]
    scores = _macro_scores(whole, ask)
    found += [
        _Best(by_id[f"M{place}"], scores.get(str(place), 0.0), essence(preview.text), language_of(preview.text) or "en")
        for place, preview in enumerate(whole, 1)
        if f"M{place}" in by_id
    ]
    wanted = ask.wanted_language
    return max(
        found,
        key=lambda each: (each.score - (0.1 if each.language != wanted else 0), each.source.kind is SourceKind.MACRO),
        default=None,
    )


def _from_article(source: Source, found: FoundArticle) -> _Best:
    return _Best(source, found.score, found.article.text, found.article.language)


def _macro_scores(previews: list[MacroPreview], ask: DraftAsk) -> dict[str, float]:
    """Macros searched like articles, by name and text."""
    articles = [Article(id=str(place), title=each.macro.name, text=each.text) for place, each in enumerate(previews, 1)]
    return {found.article.id: found.score for found in ArticleIndex(articles).search(question(ask), most=len(articles))}


def _write(ask: DraftAsk, best: _Best, language: str) -> tuple[Sentence, ...]:
    say = _phrases()[language]
    name = ask.ticket.requester.name.strip() if ask.ticket.requester else ""
    understood = say["understood"].get(intent_of(ask), say["understood"]["default"])
    opening = [
        Sentence(text=say["greeting"].format(name=f" {name}" if name else "")),
        Sentence(text=understood.format(topic=ask.ticket.subject.strip()[:MAX_TOPIC] or "…")),
    ]
    if best.source.kind is SourceKind.ARTICLE and best.language != language:
        middle = [Sentence(text=say["only_read"].format(title=best.source.title, url=best.source.url), sources=(best.source.id,))]
    else:
        middle = _quoted(ask, best, say)
    return (*opening, *middle, Sentence(text=say["next"]))


def _quoted(ask: DraftAsk, best: _Best, say: Mapping[str, Any]) -> list[Sentence]:
    """The source's own steps, or its sentences that fit best, and the link to the rest."""
    if best.source.kind is SourceKind.MACRO:
        return [Sentence(text=line, sources=(best.source.id,)) for line in best.text.split("\n") if line.strip()]
    section = _section(best.text, set(terms(question(ask))))
    steps = [line.strip() for line in section.split("\n") if is_step(line.strip())][:MAX_STEPS]
    cite = (best.source.id,)
    if steps:
        quoted = [Sentence(text=say["steps"]), *(Sentence(text=plain_text(step), sources=cite) for step in steps)]
    else:
        quoted = [Sentence(text=each, sources=cite) for each in sentences_of(plain_text(section))[:MAX_SENTENCES]]
    if best.source.url:
        quoted.append(Sentence(text=say["read"].format(title=best.source.title, url=best.source.url), sources=cite))
    return quoted


def _section(text: str, wanted: set[str]) -> str:
    """The part of an article below the heading that fits best; a part without steps or sentences is nothing to quote."""
    parts = [part.split("\n", 1) for part in f"\n{text}".split("\n#") if part.strip()]
    bodies = [(part[0], part[1].strip()) if len(part) > 1 else ("", part[0].strip()) for part in parts]
    return max((each for each in bodies if each[1]), key=lambda each: _fit(each[0], each[1], wanted), default=("", text))[1]


def _fit(heading: str, body: str, wanted: set[str]) -> int:
    """Words in common; a part with steps is what somebody who asks wants to read."""
    has_steps = any(is_step(line.strip()) for line in body.split("\n"))
    return len(wanted & set(terms(f"{heading} {body}"))) + 2 * has_steps


def _language_checks(wanted: str, written: str, best: _Best) -> list[str]:
    lines = []
    if wanted != written:
        lines.append(f"the customer writes in {wanted}, this draft is in {written}: translate it")
    if best.language != written:
        lines.append(f"the source “{best.source.title}” is in {best.language}")
    return lines


@lru_cache(maxsize=1)
def _phrases() -> Mapping[str, Any]:
    found: Mapping[str, Any] = plain(read_yaml(Path(__file__).parent / "phrases.yaml"))
    return found

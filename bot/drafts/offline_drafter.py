"""A drafter without a model: it greets and quotes the article or macro that fits, word for word and in whole sentences.

It adds no fact of its own. Where nothing fits well enough it stays silent and says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import re2

from bot.drafts.article_search import ArticleIndex
from bot.drafts.checks import Blocked, Checker
from bot.drafts.checks.asked_again import Given
from bot.drafts.llm.prompt import sources_for
from bot.drafts.similarity import essence
from bot.drafts.source_fit import SURE, Fitting, codes_of, fitting, less_in, offered, question, reports_fault, speaks_of_fault
from bot.drafts.text import language_of, plain_text, sentences_of, terms
from bot.drafts.tone.greeting import greet, person_name
from bot.drafts.tone.manners import mannered
from bot.drafts.types import (
    Band,
    Draft,
    DraftAsk,
    Sentence,
    Source,
    SourceKind,
    compose,
    intent_of,
    is_step,
    withheld,
)
from rules.files.yaml_file import plain, read_yaml

MAX_STEPS, MAX_SENTENCES = 12, 4
_FENCED = re2.compile(r"(?ms)^```.*?^```\s*$")  # what a program reads is no sentence, and its comments are no headings


@dataclass(frozen=True, slots=True)
class OfflineDrafter:
    """`shelf`: the articles. `link_hosts`: hosts that a draft may link to besides its sources'."""

    shelf: ArticleIndex
    link_hosts: tuple[str, ...] = ()

    def draft(self, ask: DraftAsk) -> Draft:
        found = fitting(ask, self.shelf)
        if found.why:
            return withheld(found.why, ask)
        try:
            return self._write(offered(ask, found), found)
        except Blocked as error:
            return withheld(f"blocked: {error}", ask)

    def _write(self, ask: DraftAsk, found: Fitting) -> Draft:
        sources = sources_for(ask)
        best = _best(ask, found, sources)
        language = ask.wanted_language
        written = language if language in _phrases() else "en"
        sentences = mannered(_sentences(ask, best, written), ask, written)
        checked = Checker(ask, sources, self.link_hosts).check(sentences)
        if not any(each.sources for each in checked.sentences):
            return withheld("what fits only asks for what the customer has given or tried", ask)
        lines = tuple(dict.fromkeys((*checked.lines, *_language_checks(language, written, best))))
        return Draft(
            text=compose(checked.sentences),
            language=written,
            sentences=checked.sentences,
            sources=sources,
            check_before=lines,
            intent=intent_of(ask),
            band=Band.HIGH if best.score >= SURE and not lines else Band.MEDIUM,
        )


@dataclass(frozen=True, slots=True)
class _Best:
    """`rank`: by what it goes before others, which of an article is what is `known` of it."""

    source: Source
    score: float
    rank: float
    text: str
    language: str


def _best(ask: DraftAsk, found: Fitting, sources: tuple[Source, ...]) -> _Best:
    """The article that comes first, or a macro with a higher rank. A macro was written to be sent, so it wins ties."""
    by_id = {source.id: source for source in sources}
    articles = [
        _Best(by_id[f"A{place}"], each.score, each.known, each.article.text, each.article.language)
        for place, each in enumerate(found.articles, 1)
        if f"A{place}" in by_id
    ]
    macros = [
        _Best(by_id[f"M{place}"], score, score, essence(preview.text), language_of(preview.text) or ask.wanted_language)
        for place, (preview, score) in enumerate(zip(found.previews, found.macro_scores, strict=True), 1)
        if f"M{place}" in by_id
    ]
    return max(
        [*articles[:1], *macros],
        key=lambda each: (each.rank - less_in(each.language, ask.wanted_language), each.source.kind is SourceKind.MACRO),
    )


def _sentences(ask: DraftAsk, best: _Best, language: str) -> tuple[Sentence, ...]:
    say = _phrases()[language]
    opening = [Sentence(text=greet(say["greeting"], language, person_name(_requester(ask))))]
    if best.source.kind is SourceKind.ARTICLE and best.language != language:
        middle = [Sentence(text=say["only_read"].format(title=best.source.title, url=best.source.url), sources=(best.source.id,))]
    elif best.source.kind is SourceKind.MACRO:  # written to be sent: nothing is said around it
        lines = [each for line in best.text.split("\n") if line.strip() for each in _lines_of(line)]
        middle = [Sentence(text=line, sources=(best.source.id,)) for line in lines]
    else:
        understood = say["understood"].get(intent_of(ask))
        opening += [Sentence(text=understood)] if understood else []
        middle = _quoted(ask, best, say)
        middle += [Sentence(text=say["next"])] if any(is_step(each.text) for each in middle) else []
    return (*opening, *middle)


def _requester(ask: DraftAsk) -> str:
    return ask.ticket.requester.name if ask.ticket.requester else ""


def _quoted(ask: DraftAsk, best: _Best, say: Mapping[str, Any]) -> list[Sentence]:
    """The source's own steps, or its sentences that fit best, and the link to the rest."""
    cite = (best.source.id,)
    given = Given(f"{ask.ticket.subject}\n{ask.asked}", any(message.attachments for message in ask.ticket.messages))
    sections = _sections(best.text, question(ask))
    steps = [step for step in _steps(sections[0]) if not _is_given(given, step)]
    if len(steps) > 1:
        quoted = [Sentence(text=say["steps"]), *(Sentence(text=step, sources=cite) for step in steps[:MAX_STEPS])]
    else:  # nothing to do for the reader but to know what happens: the next part goes on
        parts = sections[:2] if _steps(sections[0]) else sections[:1]
        told = [each for part in parts for each in _told(part) if not _is_given(given, each)]
        quoted = [Sentence(text=each, sources=cite) for each in told[:MAX_SENTENCES]]
    if best.source.url and quoted:
        quoted.append(Sentence(text=say["read"].format(title=best.source.title, url=best.source.url), sources=cite))
    return quoted


def _is_given(given: Given, text: str) -> bool:
    again, is_all = given.asked_again(text)
    return bool(again) and is_all


def _steps(section: str) -> list[str]:
    """The first list of a part, each point with the lines that it goes on in; prose that comes between ends it."""
    found: list[str] = []
    for line in section.split("\n"):
        if is_step(line.strip()):
            found.append(line.strip())
        elif found and line.strip():
            if not line.startswith((" ", "\t")):
                break
            found[-1] += f" {line.strip()}"
    return [plain_text(each) for each in found]


def _told(section: str) -> list[str]:
    """The sentences of a part, those of steps without their numbers."""
    lines = [plain_text(line.strip()) for line in section.split("\n") if line.strip()]
    return [each for line in lines for each in sentences_of(line.partition(" ")[2] if is_step(line) else line)]


def _lines_of(line: str) -> list[str]:
    return [line] if is_step(line.strip()) else sentences_of(line)


def _sections(text: str, asked: str) -> list[str]:
    """The parts of an article below its headings, the one that fits best first; a part without sentences is nothing to quote."""
    text = _FENCED.sub("", text)
    parts = [part.split("\n", 1) for part in f"\n{text}".split("\n#") if part.strip()]
    bodies = [(part[0].lstrip("# "), part[1].strip()) if len(part) > 1 else ("", part[0].strip()) for part in parts]
    if not text.lstrip().startswith("#") and bodies:
        bodies[0] = ("", text.split("\n#", 1)[0].strip())
    wanted, fault, codes = set(terms(asked)), asked if reports_fault(asked) else "", codes_of(asked)
    ranked = sorted((each for each in bodies if each[1]), key=lambda each: -_fit(each[0], each[1], wanted, fault, codes))
    return [body for _, body in ranked] or [text]


def _fit(heading: str, body: str, wanted: set[str], fault: str, codes: frozenset[str]) -> int:
    """Words in common, those of the heading twice. Who asks how gets steps, who reports a fault (`fault`: its words) the part
    that speaks of it, who names a code (429) the part that has it."""
    has_steps = any(is_step(line.strip()) for line in body.split("\n"))
    about_fault = bool(fault) and speaks_of_fault(fault, f"{heading}\n{body}")
    common = len(wanted & set(terms(body))) + 2 * len(wanted & set(terms(heading)))
    has_code = bool(codes & codes_of(body))
    return common + 2 * (has_steps and not fault) + 4 * about_fault + 4 * has_code


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

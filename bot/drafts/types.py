"""What a drafter is asked and what it gives: plain values, so that a draft can be stored, shown and compared later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from adapters.ticket import Company, Json, MacroPreview, Ticket
from rules.model.facts import Signal

UNGROUNDED = "the model's answer does not rest on the sources"  # the same, once the model was asked
NO_ARTICLE = "no article answers this"  # the same beside a macro that is proposed
OF_KNOWN = 0.3  # of what is known of an article by words and issues, where its passages are compared too
NO_SOURCE = "no article or macro answers this"  # how such a reason begins: nothing failed, and it is worth no note of its own


class Band(StrEnum):
    """How well the draft is grounded; agents see the word, never a number with four digits."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class SourceKind(StrEnum):
    ARTICLE = "article"
    MACRO = "macro"
    COMPANY = "company"  # the account record
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One help article. `text` is Markdown; `url` is where a customer reads it, "" where it is internal."""

    id: str
    title: str
    text: str
    url: str = ""
    changed_at: datetime | None = None
    language: str = "en"

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(line.lstrip("# ") for line in self.text.split("\n") if line.startswith("#"))

    @property
    def sections(self) -> tuple[str, ...]:
        """The parts of the text, each with its heading."""
        head, *rest = f"\n{self.text}".split("\n#")
        return tuple(part.strip() for part in (head, *(f"#{each}" for each in rest)) if part.strip())

    @property
    def first_paragraph(self) -> str:
        return next((part for part in self.text.split("\n\n") if part.strip() and not part.startswith("#")), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """A search hit. `score` is 0 to 1: how much of the question's weight the article covers. `near`, 0 to 1: how much both are
    about the same issues; 0 where that was not asked. `meant`: how near a passage of it is to the question (kinship.py); 0 where
    that was not asked."""

    article: Article
    score: float
    excerpt: str = ""
    near: float = 0.0
    meant: float = 0.0

    @property
    def known(self) -> float:
        """0 to 1: half words, half nearness of the issues."""
        return (self.score + self.near) / 2

    @property
    def rank(self) -> float:
        """By what it goes before others."""
        return self.meant / 2 + OF_KNOWN * self.known if self.meant else self.known


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a sentence rests on. `id` is A1, M1, C1 or T1: the word that the model is asked to cite."""

    id: str
    kind: SourceKind
    title: str
    text: str = ""
    url: str = ""
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence or a numbered step. `checks` say what a person must look at, in words for the agent."""

    text: str
    sources: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAsk:
    """Everything a drafter may use.

    `question`: the customer's newest words without quotes and signature ("" takes the newest message as it stands).
    `previews`: macros as they would read on this ticket. `articles`: None lets the drafter search its own shelf.
    `language`: an agent's wish, "" follows the customer.
    """

    ticket: Ticket
    now: datetime
    signals: Mapping[str, Signal] = field(default_factory=dict)
    company: Company = field(default_factory=Company)
    tone: str = ""
    instructions: str = ""
    question: str = ""
    language: str = ""
    previews: tuple[MacroPreview, ...] = ()
    articles: tuple[FoundArticle, ...] | None = None

    @property
    def asked(self) -> str:
        """The customer's words that the draft answers. "" where a later message has none: no earlier question is asked again."""
        newest = self.ticket.last_customer_message
        said = self.question or (newest.body_text if newest else "")
        return said if len(self.ticket.customer_messages) > 1 else said or self.ticket.description or self.ticket.subject

    @property
    def files(self) -> tuple[str, ...]:
        """The names of what came with the newest message."""
        newest = self.ticket.last_customer_message
        return tuple(" ".join(each.name.split()) or "unnamed file" for each in newest.attachments) if newest else ()

    @property
    def wanted_language(self) -> str:
        """ISO 639-1: the agent's wish, else the customer's language."""
        return language_for(self.ticket, self.signals, self.language)


def language_for(ticket: Ticket, signals: Mapping[str, Signal], wish: str = "") -> str:
    """ISO 639-1: the wish, else the detected language, else the ticket's, the requester's locale, English."""
    detected = signals.get("language")
    locale = ticket.requester.locale if ticket.requester else ""
    found = str(detected.value) if detected and detected.value not in (None, "", "und") else ""
    return (wish or found or ticket.language or locale or "en").replace("_", "-").split("-")[0].lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A suggested reply, or why there is none (`withheld` with its `reason`). A `reason` beside a reply says why the offline
    drafter wrote it in a model's place.

    `intent` is the issue type it answers. `check_before`: what a person must look at, gravest first.
    `model` names the model that wrote it.
    """

    text: str = ""
    language: str = "en"
    sentences: tuple[Sentence, ...] = ()
    sources: tuple[Source, ...] = ()
    check_before: tuple[str, ...] = ()
    intent: str = ""
    band: Band = Band.LOW
    drafter: str = "offline"
    model: str = ""
    withheld: bool = False
    reason: str = ""


class Drafter(Protocol):
    """Writes a draft. It never raises for what a model or an article does: the draft is withheld and says why."""

    def draft(self, ask: DraftAsk) -> Draft: ...


def withheld(reason: str, ask: DraftAsk | None = None, *, drafter: str = "offline", model: str = "") -> Draft:
    """No draft, and the reason in words for the agent."""
    language = ask.wanted_language if ask else "en"
    return Draft(withheld=True, reason=reason, language=language, intent=intent_of(ask), drafter=drafter, model=model)


def intent_of(ask: DraftAsk | None) -> str:
    return issue_type_of(ask.signals) if ask else ""


def issue_type_of(signals: Mapping[str, Signal]) -> str:
    found = signals.get("issue_type")
    return str(found.value) if found and found.value else ""


def compose(sentences: tuple[Sentence, ...]) -> str:
    """One text: list steps on lines of their own, a blank line after the greeting and around lists."""
    text = ""
    before = ""
    for place, sentence in enumerate(sentences):
        line = sentence.text.strip()
        if not line:
            continue
        text += _between(before, line, place) + line if text else line
        before = line
    return text


def is_step(line: str) -> bool:
    """`1. Open …` or `- Open …`"""
    head = line.split(" ", 1)[0]
    return head in {"-", "*", "•"} or (head[:-1].isdecimal() and head[-1:] in {".", ")"})


def _between(before: str, line: str, place: int) -> str:
    if is_step(line):
        return "\n" if is_step(before) else "\n\n"
    goes_on = before.endswith((".", "!", "?", "…", "。", "！", "？"))
    return "\n\n" if is_step(before) or not goes_on or (place == 1 and before.endswith("!")) else " "


def to_json(draft: Draft, note: str = "") -> dict[str, Json]:
    """The draft as `deskhand draft` prints it; `note` is the rendered internal note."""
    return {
        "text": draft.text,
        "language": draft.language,
        "sentences": [
            {"text": each.text, "sources": list(each.sources), "checks": list(each.checks)} for each in draft.sentences
        ],
        "withheld": draft.withheld,
        "reason": draft.reason,
        "note": note,
        "intent": draft.intent,
        "band": str(draft.band),
        "drafter": draft.drafter,
        "model": draft.model,
        "check_before": list(draft.check_before),
        "sources": [_source_json(each) for each in draft.sources],
    }


def _source_json(source: Source) -> dict[str, Json]:
    changed = source.changed_at.date().isoformat() if source.changed_at else None
    return {"id": source.id, "kind": str(source.kind), "title": source.title, "url": source.url, "changed_at": changed}

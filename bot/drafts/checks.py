"""What a draft may not say: every link, address, number and claim is looked up in ticket, sources and account record.

Links and addresses that no source has are taken out: one click would be enough to do harm. Prices, numbers, dates and
claims of having acted stay, with a line for the agent. Leaks of the instructions or of a key block the whole draft.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import re2

from bot.drafts.forbidden_claims import claims_action, is_closing, is_refusal
from bot.drafts.text import language_of, plain_text, terms
from bot.drafts.types import DraftAsk, Sentence, Source, SourceKind, is_step

MAX_SENTENCES = 40
LEAK_WORDS = 8
SUPPORT = 0.25
REMOVED = "[removed]"

_URL = re2.compile(r"(?i)\b(?:https?://|www\.|ftp://)[^\s<>()\[\]\"'“”]+|\b(?:javascript|data|file|mailto):[^\s<>()]+")
_HOST = re2.compile(
    r"(?i)\b(?:[a-z0-9-]{1,63}\.)+(?:com|net|org|io|dev|app|co|info|biz|ru|cn|xyz|top|link|me|de|fr|es|uk|eu|ly"
    r"|to|sh|zip)(?:/[^\s<>()]*)?"
)
_EMAIL = re2.compile(r"[^\s@<>()\[\]:;,]+@[^\s@<>()\[\]:;,]+\.[^\s@<>()\[\]:;,.]+")
_IBAN = re2.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_PHONE = re2.compile(
    r"(?:\+|\b00)\d[\d ()/.-]{6,18}\d|\(\d{2,5}\)[\d /.-]{5,15}\d|\b0\d{2,4}[ /-][\d /-]{4,12}\d"
    r"|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b"
)
_PRICE = re2.compile(r"(?i)(?:[$€£¥]\s?\d[\d.,]*|\d[\d.,]*\s?(?:[$€£¥]|%|(?:usd|eur|euros?|gbp|chf|dollars?|pounds?)\b))")
_DATE = re2.compile(
    r"(?i)\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2}\.? (?:jan|feb|mar|mär|apr|may|mai"
    r"|jun|jul|aug|sep|oct|okt|nov|dec|dez"
    r"|janv|févr|avr|juin|juil|août|enero|febrero|marzo|abril|mayo|junio|julio|agosto)[a-zéûä]*\b(?: \d{4})?"
)
_NUMBER = re2.compile(r"(?i)(?:\b[A-Z]{1,6}[-#]\d{2,}\b|#\d{2,}|\b\d{5,}\b)")
_FIGURE = re2.compile(r"\d+")
_KEY = re2.compile(
    r"\bsk-[A-Za-z0-9_-]{12,}|\bAKIA[0-9A-Z]{12,}|\bgh[pousr]_[A-Za-z0-9]{20,}|-----BEGIN [A-Z ]+KEY"
    r"|\bxox[abps]-[A-Za-z0-9-]{10,}|\bBearer [A-Za-z0-9._-]{16,}"
)


class Blocked(Exception):
    """The draft must not be shown at all; the message says why, without repeating it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The sentences as they may be shown, and the lines for the agent."""

    sentences: tuple[Sentence, ...]
    lines: tuple[str, ...] = ()


class Checker:
    """Knows what may be said on one ticket. `secrets`: texts that must not come back (the system message, its canary)."""

    def __init__(
        self, ask: DraftAsk, sources: tuple[Source, ...], link_hosts: Iterable[str] = (), *, canary: str = "", secret: str = ""
    ) -> None:
        self._ids = {source.id: source for source in sources}
        self._hosts = frozenset(host.lower() for host in link_hosts)
        self._trusted = _fold("\n".join((*(f"{each.title}\n{each.text}\n{each.url}" for each in sources), *_team_words(ask))))
        self._ticket = _fold("\n".join(_ticket_words(ask)))
        self._canary = canary
        self._secret = _shingles(secret)
        self._own = frozenset(email.casefold() for email in (ask.ticket.requester.emails if ask.ticket.requester else ()))

    def check(self, sentences: Iterable[Sentence]) -> Checked:
        """Raises Blocked."""
        plain = [replace(each, text=plain_text(each.text)) for each in list(sentences)[:MAX_SENTENCES]]
        plain = _without_sign_off([each for each in plain if each.text])
        self._refuse_leaks(" ".join(each.text for each in plain))
        checked = tuple(self._sentence(each) for each in plain)
        lines = tuple(dict.fromkeys(line for each in checked for line in each.checks))
        return Checked(sentences=checked, lines=lines)

    def _refuse_leaks(self, text: str) -> None:
        if (self._canary and self._canary in text) or _shingles(text) & self._secret:
            raise Blocked("the model repeated its instructions")
        if _KEY.search(text):
            raise Blocked("the draft holds something like a key")

    def _sentence(self, sentence: Sentence) -> Sentence:
        text, checks = sentence.text, list(sentence.checks)
        for pattern, what, is_known in self._removed():
            text, found = _take_out(text, pattern, is_known)
            checks += [f"{what} was taken out: no source has it"] if found else []
        for pattern, what in (
            (_IBAN, "account number"),
            (_PHONE, "phone number"),
            (_PRICE, "amount"),
            (_DATE, "date"),
            (_NUMBER, "number"),
        ):
            checks += self._unknown(pattern, what, text)
        if claims_action(text) and not self._quotes(text):
            checks.append(f"says that something was done or will be: “{_short(text)}”")
        sources = tuple(dict.fromkeys(each for each in sentence.sources if each in self._ids))
        checks += self._unsupported(text, sources)
        return Sentence(text=text, sources=sources, checks=tuple(dict.fromkeys(checks)))

    def _removed(self) -> tuple[tuple[re2._Regexp, str, Callable[[str], bool]], ...]:
        return (
            (_EMAIL, "an address", lambda found: found.casefold() in self._own or _fold(found) in self._trusted),
            (_URL, "a link", self._may_link),
            (_HOST, "a link", self._may_link),
            (_IBAN, "an account number", lambda found: self._knows(found)),
            (_PHONE, "a phone number", lambda found: self._knows(found)),
        )

    def _may_link(self, found: str) -> bool:
        url = found if "://" in found else f"https://{found}"
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        is_web = parts.scheme in {"http", "https"} and "@" not in parts.netloc
        return is_web and ((parts.hostname or "") in self._hosts or _stands_in(_fold(found), self._trusted))

    def _knows(self, found: str) -> bool:
        return _digits(found) in _digits(self._trusted) or _digits(found) in _digits(self._ticket)

    def _unknown(self, pattern: re2._Regexp, what: str, text: str) -> list[str]:
        """A line where a figure stands nowhere, or only in the customer's own words and is one that costs money."""
        lines = []
        for match in pattern.finditer(text):
            found = match.group().strip()
            if not self._knows(found):
                lines.append(f"{what} not found in ticket or sources: {found}")
            elif pattern in {_IBAN, _PHONE} and _digits(found) not in _digits(self._trusted):
                lines.append(f"{what} comes from the customer's own words: {found}")
        return lines

    def _quotes(self, text: str) -> bool:
        """Word for word from a source: an article may speak of what happens."""
        return _fold(text) in self._trusted

    def _has_figures(self, text: str) -> bool:
        """True where each number of the sentence stands in the ticket or a source; a step's own number does not count."""
        words = text.split(" ", 1)[-1] if is_step(text) else text
        known = set(_FIGURE.findall(self._trusted)) | set(_FIGURE.findall(self._ticket))
        return set(_FIGURE.findall(words)) <= known

    def _unsupported(self, text: str, sources: tuple[str, ...]) -> list[str]:
        cited = [self._ids[each] for each in sources if self._ids[each].kind in {SourceKind.ARTICLE, SourceKind.MACRO}]
        words = set(terms(text))
        if len(words) < 3:
            return []
        if not sources and not self._has_figures(text):
            return [f"names no source: “{_short(text)}”"]
        held = set(terms(" ".join(f"{each.title} {each.text} {each.url}" for each in cited)))
        other_language = cited and language_of(cited[0].text) not in {"", language_of(text)}
        if cited and not other_language and len(words & held) < SUPPORT * len(words):
            return [f"not found in the source it names: “{_short(text)}”"]
        return []


def _team_words(ask: DraftAsk) -> list[str]:
    company = ask.company
    figures = (company.name, company.plan, company.tier, company.csm, company.account_manager, *company.domains)
    return [*(str(each) for each in figures if each), *(message.body_text for message in ask.ticket.agent_replies)]


def _ticket_words(ask: DraftAsk) -> list[str]:
    ticket = ask.ticket
    said = [message.body_text for message in ticket.messages if message.is_public]
    return [ticket.subject, ticket.description, ask.asked, ticket.number, ticket.external_id, ask.instructions, *said]


def _without_sign_off(sentences: list[Sentence]) -> list[Sentence]:
    """Drop an invented signature: a closing at the end and the name after it."""
    for back in (1, 2, 3):
        if len(sentences) > back and is_closing(sentences[-back].text):
            return sentences[:-back]
    if sentences and "\n" in sentences[-1].text:
        lines = sentences[-1].text.split("\n")
        kept = next((lines[:place] for place in range(1, len(lines)) if is_closing(lines[place])), lines)
        return [*sentences[:-1], replace(sentences[-1], text="\n".join(kept).strip())]
    return sentences


def _take_out(text: str, pattern: re2._Regexp, is_known: Callable[[str], bool]) -> tuple[str, bool]:
    kept, end, removed = "", 0, False
    for match in pattern.finditer(text):
        found = match.group().rstrip(".,;:!?")
        if found != REMOVED and not is_known(found):
            kept += text[end : match.start()] + REMOVED
            end, removed = match.start() + len(found), True
    return kept + text[end:], removed


def _stands_in(found: str, text: str) -> bool:
    """The whole link, not a longer one that begins with a known one nor the beginning of a longer one's host."""
    at = text.find(found)
    while at >= 0:
        after = text[at + len(found) : at + len(found) + 1]
        if not (after.isalnum() or after in {"-", "@"}):
            return True
        at = text.find(found, at + 1)
    return False


def _digits(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _short(text: str) -> str:
    return text if len(text) <= 70 else text[:67].rstrip() + "…"


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    return frozenset(tuple(words[at : at + LEAK_WORDS]) for at in range(len(words) - LEAK_WORDS + 1))


__all__ = ["Blocked", "Checked", "Checker", "is_refusal"]

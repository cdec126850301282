"""What a draft may not say: every link, address, number and claim is looked up in ticket and sources.

Links and addresses that no source has are taken out: one click would be enough to do harm. Prices, numbers, dates and
claims of having acted stay, with a line for the agent. Leaks, open placeholders and requests for secrets block the whole draft.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import re2

from adapters.ticket import Message
from bot.drafts.checks.already_tried import Tried
from bot.drafts.checks.amounts import find_amounts, gives_money
from bot.drafts.checks.asked_again import Given
from bot.drafts.checks.forbidden_claims import claims_action, is_closing
from bot.drafts.checks.links import Link, find_links
from bot.drafts.checks.placeholders import open_placeholders
from bot.drafts.checks.secret_requests import asks_for_secret
from bot.drafts.text import language_of, plain_text, terms
from bot.drafts.types import DraftAsk, Sentence, Source, SourceKind, is_step
from bot.senses import strip_reply
from rules.values.text import normal

MAX_SENTENCES = 60
LEAK_WORDS = 8
SUPPORT = 0.25
REMOVED = "[removed]"

_EMAIL = re2.compile(r"[^\s@<>()\[\]:;,]+@[^\s@<>()\[\]:;,]+\.[^\s@<>()\[\]:;,.]+")
_IBAN = re2.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_PHONE = re2.compile(
    r"(?:\+|\b00)\d[\d ()/.-]{6,18}\d|\(\d{2,5}\)[\d /.-]{5,15}\d|\b0\d{2,4}[ /-][\d /-]{4,12}\d"
    r"|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b"
)
_DATE = re2.compile(
    r"(?i)\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2}\.? (?:jan|feb|mar|mär|apr|may|mai"
    r"|jun|jul|aug|sep|oct|okt|nov|dec|dez"
    r"|janv|févr|avr|juin|juil|août|enero|febrero|marzo|abril|mayo|junio|julio|agosto)[a-zéûä]*\b(?: \d{4})?"
)
_NUMBER = re2.compile(r"(?i)(?:\b[A-Z]{1,6}(?:[-#/]\d{2,})+\b|#\d{2,}|\b\d{5,}\b)")
_FIGURE = re2.compile(r"\d+")
_KEY = re2.compile(
    r"\bsk-[A-Za-z0-9_-]{12,}|\bAKIA[0-9A-Z]{12,}|\bgh[pousr]_[A-Za-z0-9]{20,}|-----BEGIN [A-Z ]+KEY"
    r"|\bxox[abps]-[A-Za-z0-9-]{10,}|\bBearer [A-Za-z0-9._-]{16,}"
)
# The gravest first: what an agent reads before the rest.
TAKEN_OUT, CLAIM, MONEY, CUSTOMERS, FIGURE, LINK, AGAIN, SUPPORTED = range(8)


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
        articles = [each for each in sources if each.kind is SourceKind.ARTICLE]
        published = "\n".join(f"{each.title}\n{each.text}\n{each.url}" for each in articles)
        others = "\n".join((*(f"{each.title}\n{each.text}" for each in sources if each not in articles), *_agents_words(ask)))
        customers = "\n".join(_customers_words(ask))
        self._published = normal(published)
        self._trusted = normal(f"{published}\n{others}")
        self._known = normal("\n".join((published, others, customers, *_ticket_facts(ask))))
        # A macro may repeat the subject, and an agent's words the customer's: what the customer wrote first is never ours.
        self._links = _addresses(published) | (_addresses(others) - _addresses(customers))
        self._emails = _emails(published) | (_emails(others) - _emails(customers))
        self._emails |= {email.casefold() for email in (ask.ticket.requester.emails if ask.ticket.requester else ())}
        self._amounts = {each.key for each in find_amounts(f"{published}\n{others}\n{customers}\n{ask.instructions}")}
        self._given = Given(customers, any(message.attachments for message in _newest(ask)))
        self._tried = Tried(customers)
        self._canary = canary
        self._secret = _shingles(secret)

    def check(self, sentences: Iterable[Sentence]) -> Checked:
        """Raises Blocked."""
        raw = list(sentences)
        if len(raw) > MAX_SENTENCES:
            raise Blocked(f"it has {len(raw)} sentences")
        self.refuse_placeholders(raw)
        plain = [replace(each, text=plain_text(each.text)) for each in raw]
        plain = _without_sign_off([each for each in plain if each.text])
        self._refuse_leaks(" ".join(each.text for each in plain))
        self._refuse_secrets(plain)
        language = language_of(" ".join(each.text for each in plain))
        found: list[tuple[int, str]] = []
        checked: list[Sentence] = []
        for sentence in plain:
            kept, said = self._sentence(sentence, language)
            found += said
            checked += [kept] if kept else []
        lines = tuple(dict.fromkeys(line for _, line in sorted(found, key=lambda each: each[0])))
        return Checked(sentences=numbered(checked), lines=lines)

    def refuse_placeholders(self, sentences: Iterable[Sentence]) -> None:
        """As they were written, before anything mends them. Raises Blocked."""
        gaps = open_placeholders("\n".join(each.text for each in sentences))
        if gaps:
            raise Blocked(f"it holds an open placeholder: {', '.join(gaps[:3])}")

    def _refuse_leaks(self, text: str) -> None:
        if (self._canary and self._canary in text) or _shingles(text) & self._secret:
            raise Blocked("the model repeated its instructions")
        if _KEY.search(text):
            raise Blocked("the draft holds something like a key")

    def _refuse_secrets(self, sentences: list[Sentence]) -> None:
        if any(asks_for_secret(each.text) and normal(each.text) not in self._published for each in sentences):
            raise Blocked("it asks for a password, a card number or a code")

    def _sentence(self, sentence: Sentence, language: str) -> tuple[Sentence | None, list[tuple[int, str]]]:
        """The sentence as it may be shown, None where it only asks for what is known, and the lines about it."""
        again, is_all = self._given.asked_again(sentence.text)
        if again and is_all:
            what = f"left out, the customer has given {' and '.join(again)}: “{_short(sentence.text)}”"
            return None, [] if self._quotes(sentence.text) else [(AGAIN, what)]
        is_tried = self._tried.names(sentence.text)
        if is_tried and not is_step(sentence.text):
            what = f"left out, the customer has tried it: “{_short(sentence.text)}”"
            return None, [] if self._quotes(sentence.text) else [(AGAIN, what)]
        text, lines = self._taken_out(sentence.text)
        lines += [(AGAIN, f"asks for what the customer has given: {each}") for each in again]
        lines += [(AGAIN, f"the customer has tried it: “{_short(text)}”")] if is_tried else []
        lines += [*self._unknown_figures(text), *self._money(text)]
        if claims_action(text) and not self._quotes(text):
            lines.append((CLAIM, f"says that something was done or will be: “{_short(text)}”"))
        sources = tuple(dict.fromkeys(each for each in sentence.sources if each in self._ids))
        lines += [(SUPPORTED, line) for line in (*sentence.checks, *self._unsupported(text, sources, language))]
        checks = tuple(dict.fromkeys(line for _, line in sorted(lines, key=lambda each: each[0])))
        return Sentence(text=text, sources=sources, checks=checks), lines

    def _taken_out(self, text: str) -> tuple[str, list[tuple[int, str]]]:
        """The text without the links, addresses and numbers that no source has, whole each; and a line for each kind."""
        spans = [(*match.span(), "an address") for match in _EMAIL.finditer(text) if _email(match.group()) not in self._emails]
        lines: list[tuple[int, str]] = []
        for link in find_links(text):
            if self._may_link(link) or any(start <= link.start < end for start, end, _ in spans) or _in_email(text, link):
                continue
            if link.is_name:
                lines.append((LINK, f"may be read as a link: {text[link.start : link.end]}"))
            else:
                spans.append((link.start, link.end, "a link"))
        for pattern, what in ((_IBAN, "an account number"), (_PHONE, "a phone number")):
            spans += [(*match.span(), what) for match in pattern.finditer(text) if not self._knows(match.group())]
        kept, end = "", 0
        for start, stop, what in sorted(spans):
            if start >= end:
                kept += text[end:start] + REMOVED
                lines.append((TAKEN_OUT, f"{what} was taken out: no source has it"))
            end = max(end, stop)
        return kept + text[end:], lines

    def _may_link(self, link: Link) -> bool:
        if not link.is_web or not link.host:
            return False
        hosts = {host for host, _ in self._links}
        return link.host in self._hosts or link.address in self._links or (link.host in hosts and not link.rest.strip("/"))

    def _knows(self, found: str) -> bool:
        """Whether it stands in ticket or sources: whole, not inside a longer one, however it is spaced."""
        return _stands_whole(normal(found).lstrip("#"), self._known) or _compact(found) in self._compacted(found)

    def _compacted(self, like: str) -> set[str]:
        patterns = [pattern for pattern in (_IBAN, _PHONE) if pattern.search(like)]
        text = self._known.upper()
        return {_compact(match.group()) for pattern in patterns for match in pattern.finditer(text)}

    def _unknown_figures(self, text: str) -> list[tuple[int, str]]:
        """A line where a figure stands nowhere, or only in the customer's own words and is one that costs money."""
        lines = []
        for pattern, what in ((_IBAN, "account number"), (_PHONE, "phone number"), (_DATE, "date"), (_NUMBER, "number")):
            for match in pattern.finditer(text):
                found = match.group().strip()
                if not self._knows(found):
                    lines.append((FIGURE, f"{what} not found in ticket or sources: {found}"))
                elif pattern in {_IBAN, _PHONE} and not _stands_whole(normal(found), self._trusted):
                    lines.append((CUSTOMERS, f"{what} comes from the customer's own words: {found}"))
        return lines

    def _money(self, text: str) -> list[tuple[int, str]]:
        amounts = [each for each in find_amounts(text) if each.key not in self._amounts]
        lines = [(MONEY, f"amount not found in ticket or sources: {each.words}") for each in amounts]
        if gives_money(text) and not self._quotes(text):
            lines.append((MONEY, f"offers money or a discount: “{_short(text)}”"))
        return lines

    def _quotes(self, text: str) -> bool:
        """Word for word from a source: an article may speak of what happens."""
        return normal(text) in self._trusted

    def _has_figures(self, text: str) -> bool:
        """True where each number of the sentence stands in the ticket or a source; a step's own number does not count."""
        words = text.split(" ", 1)[-1] if is_step(text) else text
        return set(_FIGURE.findall(words)) <= set(_FIGURE.findall(self._known))

    def _unsupported(self, text: str, sources: tuple[str, ...], language: str) -> list[str]:
        """`language`: of the whole draft, for a sentence may be too short to tell."""
        cited = [self._ids[each] for each in sources if self._ids[each].kind in {SourceKind.ARTICLE, SourceKind.MACRO}]
        words = set(terms(text))
        if len(words) < 3:
            return []
        if not sources and not self._has_figures(text):
            return [f"names no source: “{_short(text)}”"]
        held = set(terms(" ".join(f"{each.title} {each.text} {each.url}" for each in cited)))
        other_language = cited and language and language_of(cited[0].text) not in {"", language}
        if cited and not other_language and len(words & held) < SUPPORT * len(words):
            return [f"not found in the source it names: “{_short(text)}”"]
        return []


def _agents_words(ask: DraftAsk) -> list[str]:
    """What agents wrote themselves: a quoted mail below their words is the customer's."""
    return [strip_reply(message.body_text) for message in ask.ticket.agent_replies]


def _customers_words(ask: DraftAsk) -> list[str]:
    ticket = ask.ticket
    said = [message.body_text for message in ticket.messages if message.is_public and message.is_from_customer]
    return [ticket.subject, ticket.description, ask.asked, *said]


def _ticket_facts(ask: DraftAsk) -> list[str]:
    company, ticket = ask.company, ask.ticket
    facts = (company.name, company.plan, company.tier, company.csm, company.account_manager, *company.domains)
    return [ticket.number, ticket.external_id, ask.instructions, *(str(each) for each in facts if each)]


def _newest(ask: DraftAsk) -> list[Message]:
    return [message for message in ask.ticket.messages if message.is_from_customer]


def numbered(sentences: list[Sentence]) -> tuple[Sentence, ...]:
    """With the steps of each list counted from one: where one was left out, the others move up. A single step is a sentence."""
    counted: list[Sentence] = []
    for place, sentence in enumerate(sentences):
        head, _, rest = sentence.text.partition(" ")
        is_counted = is_step(sentence.text) and head[:-1].isdecimal()
        if not is_counted:
            counted.append(sentence)
            continue
        before = counted[-1].text.partition(" ")[0] if counted and is_step(counted[-1].text) else ""
        number = int(before[:-1]) + 1 if before[:-1].isdecimal() else 1
        after = sentences[place + 1].text if place + 1 < len(sentences) else ""
        is_alone = number == 1 and not is_step(after)
        counted.append(replace(sentence, text=rest if is_alone else f"{number}{head[-1]} {rest}"))
    return tuple(counted)


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


def _addresses(text: str) -> set[tuple[str, str]]:
    return {link.address for link in find_links(text) if link.is_web and link.host}


def _emails(text: str) -> set[str]:
    return {_email(match.group()) for match in _EMAIL.finditer(text)}


def _email(found: str) -> str:
    return normal(found).rstrip(".,;:!?'")


def _in_email(text: str, link: Link) -> bool:
    """The host of an e-mail address, which is judged as a whole."""
    return any(match.start() <= link.start < match.end() for match in _EMAIL.finditer(text))


def _stands_whole(found: str, text: str) -> bool:
    """As a token of its own: no letter or digit before or after it, nor a separator that goes on in digits."""
    at = text.find(found) if found else -1
    while at >= 0:
        before, after = text[max(0, at - 2) : at], text[at + len(found) : at + len(found) + 2]
        if not (_goes_on(before[::-1]) or _goes_on(after)):
            return True
        at = text.find(found, at + 1)
    return False


def _goes_on(near: str) -> bool:
    return near[:1].isalnum() or (near[:1] in tuple(".,-/") and near[1:2].isdigit())


def _compact(text: str) -> str:
    return "".join(char for char in text.upper() if char.isalnum())


def _short(text: str) -> str:
    return text if len(text) <= 70 else text[:67].rstrip() + "…"


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = "".join(char if char.isalnum() else " " for char in text.casefold()).split()
    return frozenset(tuple(words[at : at + LEAK_WORDS]) for at in range(len(words) - LEAK_WORDS + 1))

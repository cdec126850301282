"""One look at the facts: what a file's rules see, with every field read at most once.

`decided` is what earlier files decided; all rules of one file see the same view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import re2

from adapters.ticket import AuthorKind, Message, Status, Ticket
from rules.model.decision import Decision
from rules.model.facts import Facts, Signal
from rules.values.multi_pattern import Texts, searchable
from rules.values.taxonomy import TYPES, levels, support_tier
from rules.values.text import Folded, Letters, first_phrase, folded, normal

# What a field can be, in one place: text and choices are str, numbers and money int or float, durations seconds as float,
# sets frozenset[str], times datetime, yes/no bool; None is "we do not know".
FactValue = str | int | float | bool | datetime | frozenset[str] | None

NOTHING_DECIDED = Decision()


@dataclass(slots=True)
class View:
    """`texts`: what the rules look for in texts, by field; a text is searched at the first question about it, for all at once."""

    facts: Facts
    decided: Decision = NOTHING_DECIDED
    texts: Mapping[str, Texts] = field(default_factory=dict)
    _values: dict[str, FactValue] = field(default_factory=dict)
    _normal: dict[str, str] = field(default_factory=dict)
    _words: dict[str, Folded] = field(default_factory=dict)
    _phrases: dict[str, frozenset[str]] = field(default_factory=dict)
    _patterns: dict[str, frozenset[str]] = field(default_factory=dict)

    def after(self, decided: Decision) -> View:
        """The same look for the next file. What was read stays, but for what speaks of earlier files."""
        kept = ({name: each for name, each in known.items() if not is_of_earlier_files(name)} for known in self._known)
        return View(self.facts, decided, self.texts, *kept)

    @property
    def _known(self) -> tuple[dict[str, Any], ...]:
        return (self._values, self._normal, self._words, self._phrases, self._patterns)

    def value(self, name: str, read: Callable[[View], FactValue]) -> FactValue:
        if name not in self._values:
            self._values[name] = read(self)
        return self._values[name]

    def normal(self, name: str, text: str) -> str:
        """`text` ready for comparing words; kept under the field's name, as long texts cost most."""
        if name not in self._normal:
            self._normal[name] = normal(text)
        return self._normal[name]

    def words(self, name: str, text: str, letters: Letters = folded) -> Folded:
        """`text` ready for looking for words in it."""
        if name not in self._words:
            self._words[name] = letters(text)
        return self._words[name]

    def first_phrase(self, name: str, value: str, phrases: Sequence[str], letters: Letters = folded) -> str:
        """The first of `phrases` in this field's text, or ""."""
        texts = self.texts.get(name)
        if texts is None or not texts.phrases.knows(phrases):
            return first_phrase(self.words(name, value, letters), phrases, letters)
        found = self.phrases_in(name, value, letters)
        return next((phrase for phrase in phrases if phrase in found), "")

    def phrases_in(self, name: str, value: str, letters: Letters = folded) -> frozenset[str]:
        """Of all that is looked for in this field, what is there."""
        if name not in self._phrases:
            self._phrases[name] = self.texts[name].phrases.in_text(self.words(name, value, letters))
        return self._phrases[name]

    def matches(self, name: str, value: str, raw: str, pattern: re2._Regexp) -> bool:
        texts = self.texts.get(name)
        if texts is None or raw not in texts.patterns.known:
            return pattern.search(searchable(value)) is not None
        return raw in self.patterns_in(name, value)

    def patterns_in(self, name: str, value: str) -> frozenset[str]:
        if name not in self._patterns:
            self._patterns[name] = self.texts[name].patterns.in_text(value)
        return self._patterns[name]

    def signal(self, name: str) -> Signal | None:
        found = self.facts.signals.get(name)
        return None if found is None or found.value is None else found


def is_of_earlier_files(name: str) -> bool:
    """Does a field tell what earlier files decided? Such differ from file to file; all others are the same for the whole look."""
    return name.startswith("decided.")


def description(ticket: Ticket) -> str:
    """The first message: helpdesks that have no description of their own keep it as the first message only."""
    if ticket.description or not ticket.customer_messages:
        return ticket.description
    return ticket.customer_messages[0].body_text


def last_text(ticket: Ticket) -> str:
    """The newest customer message as it came."""
    newest = ticket.last_customer_message
    return newest.body_text if newest else ticket.description


def own_last_text(view: View) -> str:
    """The customer's own words of it; all of it where the facts tell none apart."""
    own = view.facts.own_words.newest
    return last_text(view.facts.ticket) if own is None else own


def all_own_text(view: View) -> str:
    """What the newest message is about: subject, and the own words of first and newest customer message, each once."""
    ticket, first = view.facts.ticket, view.facts.own_words.first
    parts = [ticket.subject, description(ticket) if first is None else first, own_last_text(view)]
    return "\n".join(dict.fromkeys(part for part in parts if part))


def customer_message_count(ticket: Ticket) -> int:
    """Messages of the customer; a ticket whose messages nobody read has one at least, its description."""
    if not ticket.messages:
        return 1 if ticket.subject or ticket.description else 0
    return len(ticket.customer_messages)


def exchanges(ticket: Ticket) -> int:
    """How often the customer wrote again after a public reply of ours; replies one behind the other are one try."""
    speakers = [each for each, _ in groupby(message.is_from_customer for message in ticket.messages if _counts(message))]
    return sum(speakers[1:])


def customer_waits(ticket: Ticket) -> bool:
    """Is the newest public message the customer's? An agent who has just answered is not helped by a draft."""
    public = [message for message in ticket.messages if _counts(message)]
    return public[-1].is_from_customer if public else not ticket.messages


def message_key(ticket: Ticket) -> str:
    """Names the newest customer message, also where messages have no ids or there is none yet."""
    newest = ticket.last_customer_message
    return (newest.external_id if newest else "") or f"#{len(ticket.customer_messages)}"


def issue(view: View) -> str | None:
    """What it is about; the first level alone where no detector tells more."""
    found = view.signal("issue") or view.signal("issue_type")
    return str(found.value) if found else None


def issue_levels(view: View, path: str) -> tuple[str, ...]:
    """What a condition on this issue can ask: it and all above it; of a team's own path (rules/values/own_issues.py) also the
    type that it counts as."""
    found, counts_as = levels(path), view.signal("issue_type")
    return found if found[0] in TYPES or counts_as is None else (*found, str(counts_as.value))


def tier_of_issue(view: View) -> int | None:
    """Where it is answered; of a team's own path, where its type is."""
    path, counts_as = issue(view), view.signal("issue_type")
    tier = support_tier(path) if path else None
    return support_tier(str(counts_as.value)) if path and tier is None and counts_as else tier


def issues(view: View) -> frozenset[str] | None:
    """Everything that it is about, with the levels above; where no detector lists them, the one that is known is all of them."""
    found = view.signal("issues")
    listed = found.value if found else issue(view)
    paths = listed if isinstance(listed, tuple) else (listed,) if listed else ()
    return frozenset(level for path in paths for level in levels(str(path))) if found or paths else None


def is_auto_reply(view: View) -> bool:
    """The detector's word, or the helpdesk's own mark on the newest customer message."""
    found = view.signal("is_auto_reply")
    newest = view.facts.ticket.last_customer_message
    return (found is not None and found.value is True) or (newest is not None and newest.is_auto_generated)


def is_spam(view: View) -> bool:
    found = view.signal("is_spam")
    return view.facts.ticket.is_spam or (found is not None and found.value is True)


def is_reopen(view: View) -> bool:
    """Did this very change open a solved ticket again?"""
    before, after = view.facts.changes.get("status", (None, None))
    return before in (Status.SOLVED, Status.CLOSED) and after in (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)


def waiting_s(view: View) -> float | None:
    """Seconds since the oldest customer message that no agent has answered; None where nobody waits or it cannot be known."""
    ticket = view.facts.ticket
    if ticket.status in (Status.SOLVED, Status.CLOSED, Status.PENDING):
        return None
    since = _unanswered_since(ticket)
    return None if since is None else max(0.0, (view.facts.now - since).total_seconds())


def _unanswered_since(ticket: Ticket) -> datetime | None:
    if not any(_counts(message) for message in ticket.messages):
        return ticket.waiting_since or ticket.created_at
    since: datetime | None = None
    for message in ticket.messages:
        if message.is_agent_reply and message.author_kind is not AuthorKind.BOT:
            since = None
        elif message.is_from_customer and since is None:
            since = message.created_at
    return since


def _counts(message: Message) -> bool:
    return message.is_agent_reply or message.is_from_customer

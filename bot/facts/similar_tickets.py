"""Which other open tickets sound like this one: a double of the same customer, and how many there are in the account.

What a ticket is about (ticket_meaning.py) is kept before the others are looked at, so that of two that come at the same moment
one at least sees the other. A double is pointed at and nothing more: docs/senses.md says how often that is right.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Connection, Engine

from adapters.codec import Unreadable
from adapters.ticket import Status, Ticket
from bot.facts.history_counts import as_counted
from bot.facts.ticket_meaning import ALIKE, Meaning, first_words, likenesses, meaning_of
from bot.log import get_logger
from bot.store import ticket_counts, ticket_meanings, tickets
from bot.store.database.engine import reading
from bot.store.ticket_counts import Counted
from bot.store.ticket_meanings import Other
from rules.language.history_counts import SIMILAR_OPEN
from rules.model.facts import Facts, Signal
from rules.model.view import View, is_auto_reply

log = get_logger("similar_tickets")
DUPLICATE_OF = "duplicate_of"
LOOK_BACK = timedelta(days=30)  # who writes again of the same matter does so soon; a month later it is likelier its next time
MAX_LETTERS = 4_000  # in which numbers of orders and the like are looked for
MOST_OF_CUSTOMER = 50
MOST_OF_ACCOUNT = 2_000  # a megabyte that is read for each run, where a rule asks
_OPEN = frozenset((Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD))


def with_similar(engine: Engine, facts: Facts, *, asks_how_many: bool) -> Facts:
    """The facts with the signal `duplicate_of` and, where `asks_how_many`, the count `similar_open`. As they are without the
    extra `senses`, for a ticket that is not open, and for one that a machine wrote or that says too little. Raises
    SQLAlchemyError."""
    row = as_counted(facts)
    if row is None or not row.is_open or is_auto_reply(View(facts)):
        return facts
    with reading(engine) as connection:
        known = ticket_meanings.kept(connection, row.key)
    kept = Meaning(maker=known[0], numbers=known[1]) if known else None
    try:
        meaning = meaning_of(facts.ticket, kept)
    except Exception as error:  # like a detector that fails, it costs its own signal alone
        log.warning("similar_tickets.failed", error=type(error).__name__)
        return facts
    if meaning is None:
        return facts
    if meaning is not kept:  # once a ticket, and anew where other weights or another encoder made what is kept
        with engine.begin() as connection:
            ticket_counts.keep(connection, row, is_newest=False)  # its row, where no run has stored a plan yet
            ticket_meanings.keep(connection, row.key, meaning.maker, meaning.numbers)
    with reading(engine) as connection:
        return _Look(facts=facts, row=row, meaning=meaning, asks_how_many=asks_how_many).facts_with(connection)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    facts: Facts
    row: Counted
    meaning: Meaning
    asks_how_many: bool

    def facts_with(self, connection: Connection) -> Facts:
        facts, row, maker, since = self.facts, self.row, self.meaning.maker, self.facts.now - LOOK_BACK
        whose = row if facts.company.external_id else replace(row, company="")  # a company's name alone may be that of two
        found = ticket_meanings.of_customer(connection, whose, maker, since, MOST_OF_CUSTOMER)
        whole = [each for each in found if len(each.numbers) == len(self.meaning.numbers)]  # else the row is damaged
        double = _double(connection, facts.ticket, self.meaning, whole)
        if double is not None:
            facts = replace(facts, signals={**facts.signals, DUPLICATE_OF: double})
        if self.asks_how_many:
            others = ticket_meanings.others(connection, row.key, maker, since, MOST_OF_ACCOUNT)
            numbers = [each for each in others if len(each) == len(self.meaning.numbers)]
            alike = sum(each >= ALIKE for each in likenesses(self.meaning, numbers))
            facts = replace(facts, counts={**facts.counts, SIMILAR_OPEN: 1 + alike})
        return facts


def _double(connection: Connection, ticket: Ticket, meaning: Meaning, found: Sequence[Other]) -> Signal | None:
    """The likeliest of them that is no matter of its own."""
    scored = zip(likenesses(meaning, [each.numbers for each in found]), found, strict=True)
    alike = sorted(((score, other) for score, other in scored if score >= ALIKE), key=lambda each: (-each[0], each[1].opened_at))
    for score, other in alike:
        if _may_be_the_same(ticket, _left(connection, other)):
            whose = "person" if other.of_person else "company"
            return Signal(value=other.key.external_id, score=score, why=f"sounds alike: open, of the same {whose}")
    return None


def _left(connection: Connection, other: Other) -> Ticket | None:
    try:
        return tickets.snapshot(connection, other.key)[0]
    except Unreadable:
        return None


def _may_be_the_same(one: Ticket, other: Ticket | None) -> bool:
    """Not where it is solved by now, or where they tell of two orders, invoices or cases. What has not been stored yet may be."""
    if other is None:
        return True
    if other.status not in _OPEN or other.merged_into or other.is_deleted:
        return False
    mine, theirs = references(first_words(one)), references(first_words(other))
    return not mine or not theirs or bool(mine & theirs)


def references(text: str) -> frozenset[str]:
    """Numbers that name a thing, such as an order's, an invoice's or a case's, in one writing: letters with three figures, or
    four figures, or more; days, times and sums of money are none."""
    bare = _NO_REFERENCE.sub(" ", text[:MAX_LETTERS].casefold())
    return frozenset(re.sub(r"\W", "", each) for each in _REFERENCE.findall(bare))


_NO_REFERENCE = re.compile(
    r"""\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b        # 2026-11-30, 30.11.2026
    | \b\d{1,2}:\d{2}(?::\d{2})?\b                  # 14:30
    | \b(?:19|20)\d{2}\b(?!-)                       # a year
    | [$€£¥]\s*\d[\d.,]*+                           # a sum
    | \b\d[\d.,]*+\s*+(?:[$€£¥%]|(?:eur|usd|gbp|chf|px|kb|mb|gb|ms|rows|users|contacts)\b)""",
    re.VERBOSE,
)
_REFERENCE = re.compile(r"(?<![a-z0-9_.@/-])(?:[a-z]{1,8}-\d{2,4}-\d{2,}|[a-z]{1,8}[-#/]?\d{3,}|#?\d{4,})(?![a-z0-9_@%])")

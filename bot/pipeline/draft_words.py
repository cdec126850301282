"""The words about drafts on a ticket: which verdict tags came since the last run, and who put each of them on.

Only an agent's own tag is a word. A customer's, a trigger's, a workflow's or another app's is not, and is taken off all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.helpdesk import Helpdesk, TaggedBy, tagged_by_id
from adapters.ticket import Event, Ticket
from rules.values.verdict_tags import TAGS, meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A verdict tag that was put on since the last run. `by`: None where the helpdesk does not say who did it."""

    tag: str
    by: TaggedBy | None = None

    @property
    def is_by_an_agent(self) -> bool:
        """True where an agent said it, or may have."""
        return self.by is None or self.by.agent is not None


def new_tags(before: Ticket | None, ticket: Ticket) -> list[str]:
    """Verdict tags that came since `before`. One that was there then (its taking off failed) was a word about another draft, and
    at first sight there is no draft of ours to judge."""
    return [] if before is None else sorted((ticket.tags & TAGS) - before.tags)


def mistyped(before: Ticket | None, ticket: Ticket) -> dict[str, str]:
    """Tags that came since `before` and were meant to be a verdict: as typed -> as it is written rightly."""
    if before is None:
        return {}
    return {tag: right for tag in sorted(ticket.tags - before.tags) if (right := meant(tag))}


def left_over(ticket: Ticket) -> frozenset[str]:
    """Verdict tags on the ticket: whether they are obeyed or not, they are to be taken off."""
    return ticket.tags & TAGS


def words(helpdesk: Helpdesk, before: Ticket | None, ticket: Ticket, said: Sequence[Event]) -> tuple[Word, ...]:
    """The new words, each with who said it. Costs what the helpdesk's answer to that costs, and nothing where there are none."""
    new = new_tags(before, ticket)
    return tuple(Word(tag=tag, by=_by(helpdesk, tag, ticket, said)) for tag in new)


def _by(helpdesk: Helpdesk, tag: str, ticket: Ticket, said: Sequence[Event]) -> TaggedBy | None:
    """By the helpdesk's own record; where it has none, by the payload that told of this very tag."""
    if (found := helpdesk.tagged_by(tag, ticket)) is not None:
        return found
    actors = {event.actor for event in said if event.actor is not None and tag in _put_on(event)}
    if len(actors) != 1:  # nobody is named, or several: that is no proof
        return None
    return tagged_by_id(actors.pop(), helpdesk.agents(), helpdesk.me().external_id)


def _put_on(event: Event) -> frozenset[str]:
    """The tags that the payload says were put on, folded."""
    before, after = event.changes.get("tags", ([], []))
    if not isinstance(before, list) or not isinstance(after, list):
        return frozenset()
    return frozenset(str(tag).casefold() for tag in after) - {str(tag).casefold() for tag in before}

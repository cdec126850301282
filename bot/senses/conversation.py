"""What a conversation is about while its newest words are few: "It is not in spam." has the issue of what was said before."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.detectors import language
from bot.senses.issues import FoundIssue
from bot.senses.own_issues import issues_with_own
from bot.senses.reading import own_words
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues

MOST_EARLIER = 6  # messages that are looked at, the newest first
TELLS = 0.55  # likelihood from which a message says itself what it is about
FADED = 0.9  # what was said earlier is a little less sure


def language_of(ticket: Ticket, text: str) -> str:
    found = language.detect(ticket, text).value
    return found if isinstance(found, str) and found != "und" else ""


def issues_of(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> tuple[str, tuple[FoundIssue, ...], bool]:
    """The text that tells what it is about, its issues, and whether it is an earlier message: the newest one where it tells
    anything, else the newest of the earlier ones that does."""
    spoken = language_of(ticket, text)
    newest = issues_with_own(text, spoken, own)
    if _tells(newest):
        return text, newest, False
    for earlier in earlier_texts(ticket):
        found = issues_with_own(earlier, spoken, own)
        if _tells(found):
            return earlier, found, True
    return text, newest, False


def earlier_texts(ticket: Ticket) -> list[str]:
    """The customer's earlier messages in their own words, the newest first; the first one with the subject."""
    earlier = list(ticket.customer_messages[:-1][-MOST_EARLIER:])
    texts = [own_words(message.body_text) for message in earlier]
    if texts and len(earlier) == len(ticket.customer_messages) - 1:
        texts[0] = f"{ticket.subject}\n\n{texts[0]}".strip()
    return texts[::-1]


def _tells(found: tuple[FoundIssue, ...]) -> bool:
    return any(each.score >= TELLS for each in found)

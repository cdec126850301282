"""What a conversation is about while its newest words are few: "It is not in spam." has the issue of what was said before."""

from __future__ import annotations

from adapters.ticket import Ticket
from bot.senses.detectors import language
from bot.senses.issues import FoundIssue
from bot.senses.own_issues import issues_with_own
from bot.senses.reading import own_words
from rules.values.own_issues import NO_OWN_ISSUES, OwnIssues

MOST_EARLIER = 6  # messages that are looked at, the newest first
TELLS = 0.6  # likelihood from which a message says itself what it is about
OVERTURNS = 0.75  # likelihood from which an answer tells of a harm that nobody spoke of: "since the update, all of us" does not
FADED = 0.9  # what was said earlier is a little less sure


def language_of(ticket: Ticket, text: str) -> str:
    found = language.detect(ticket, text).value
    return found if isinstance(found, str) and found != "und" else ""


def issues_of(ticket: Ticket, text: str, own: OwnIssues = NO_OWN_ISSUES) -> tuple[str, tuple[FoundIssue, ...], bool]:
    """The text that tells what it is about, its issues, and whether it is an earlier message: the newest one where it tells
    anything, else the newest of the earlier ones that does. A harm that is new in a conversation has to be told plainly."""
    spoken = language_of(ticket, text)
    newest = issues_with_own(text, spoken, own)
    if _tells(newest) and _is_certain(newest[0]):
        return text, newest, False
    for earlier in earlier_texts(ticket):
        found = issues_with_own(earlier, spoken, own)
        if _tells(found):
            same = {each.issue_type for each in found}
            is_the_matter = _tells(newest) and newest[0].issue_type in same
            return (text, newest, False) if is_the_matter else (earlier, found, True)
    return text, newest, False


def _is_certain(first: FoundIssue) -> bool:
    return not first.is_harmful or first.score >= OVERTURNS


def earlier_texts(ticket: Ticket) -> list[str]:
    """The customer's earlier messages in their own words, the newest first; the first one with the subject."""
    earlier = list(ticket.customer_messages[:-1][-MOST_EARLIER:])
    texts = [own_words(message.body_text) for message in earlier]
    if texts and len(earlier) == len(ticket.customer_messages) - 1:
        texts[0] = f"{ticket.subject}\n\n{texts[0]}".strip()
    return texts[::-1]


def _tells(found: tuple[FoundIssue, ...]) -> bool:
    return any(each.score >= TELLS for each in found)

"""complexity: how much somebody has to know to answer it (domain D17): simple, normal, complex."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from adapters.ticket import Ticket
from bot.senses.conversation import issues_of
from rules.model.facts import Signal

LONG_THREAD = 6  # public messages
MANY_PEOPLE = 3  # in copy, beside the requester
MANY_WORDS = 150
COMPLEX_FROM = 2  # signs
_TECHNICAL = re2.compile(
    r"(?i)```|\bat [\w$.]+\(|\bexception\b|traceback|stack ?trace|\bhttp/\d|[{\[]\s*\"\w+\"\s*:"
    r"|\b(?:GET|POST|PUT|DELETE|SELECT)\s+[/\w]"
    r"|\b(?:saml|scim|oauth|oidc|ldap|dns|mx|spf|dkim|webhook|endpoint|payload|sdk|regex|cron)\b"
)
_SPECIALIST = ("integration", "security", "data_loss")
_SIMPLE = ("how_to", "billing", "account_access", "cancellation", "feature_request", "privacy", "other")


def detect(ticket: Ticket, text: str) -> Signal:
    """Each sign counts one; the `why` names them."""
    signs = list(_signs(ticket, text))
    _, issues, _ = issues_of(ticket, text)
    if len(signs) >= COMPLEX_FROM:
        return Signal(value="complex", score=min(0.9, 0.5 + 0.1 * len(signs)), why=", ".join(signs))
    if not signs and issues and issues[0].issue_type in _SIMPLE:
        return Signal(value="simple", score=0.6, why=f"one question about {issues[0].issue_type.replace('_', ' ')}")
    return Signal(value="normal", score=0.5, why=", ".join(signs) or "nothing that makes it hard or easy")


def _signs(ticket: Ticket, text: str) -> Iterator[str]:
    _, issues, _ = issues_of(ticket, text)
    types = {each.issue_type for each in issues}
    if len(types) > 1:
        yield f"{len(types)} issues"
    if types & set(_SPECIALIST):
        yield "a matter for specialists"
    if _TECHNICAL.search(text):
        yield "code, logs or protocols"
    public = [message for message in ticket.messages if message.is_from_customer or message.is_agent_reply]
    if len(public) >= LONG_THREAD:
        yield f"{len(public)} messages"
    if len(ticket.followers) >= MANY_PEOPLE:
        yield f"{len(ticket.followers)} people in copy"
    if len(text.split()) >= MANY_WORDS:
        yield f"{len(text.split())} words"

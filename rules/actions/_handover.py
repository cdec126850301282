"""What a ticket tells the person who takes it over, point by point; what it does not tell is named as missing."""

from __future__ import annotations

from adapters.ticket import Message, MessageKind, Priority, Ticket
from rules.files.problems import number_of
from rules.model.facts import Facts
from rules.model.view import last_text

MISSING = "missing"
_LONGEST = 200  # a few sentences: five points must fit into one screen together with a draft
_EVIDENCE_WORDS = ("error", "exception", "traceback", "stack trace", "http 5", "http 4", "log:", "code:")
_BY_SEVERITY = {"p1": Priority.URGENT, "p2": Priority.HIGH, "p3": Priority.NORMAL, "p4": Priority.LOW}


def five_points(facts: Facts, priority: Priority | None) -> list[str]:
    """Issue, steps tried, tier and sentiment, evidence, proposed priority, in this order; the short three share a line."""
    short = (
        f"3. Customer: {_tier_and_sentiment(facts)}",
        f"4. Evidence: {_evidence(facts.ticket)}",
        f"5. Proposed priority: {_priority(facts, priority)}",
    )
    return [
        f"1. Issue: {_issue(facts.ticket)}",
        f"2. Steps tried: {_steps(facts.ticket)}",
        " · ".join(short),
    ]


def digest(facts: Facts) -> list[str]:
    """The conversation in figures with its link, and the account."""
    ticket, company = facts.ticket, facts.company
    written, replies = len(ticket.customer_messages), len(ticket.agent_replies)
    counts = f"{written} from the customer, {number_of(replies, 'public reply', 'public replies')}"
    account = {
        "ARR": None if company.arr is None else f"{company.arr:,.15g}",
        "renews": company.renewal_at.date().isoformat() if company.renewal_at else None,
        "CSM": company.csm,
    }
    known = ", ".join(f"{name} {value}" for name, value in account.items() if value)
    return [
        f"Conversation: {counts}, {ticket.url or 'link ' + MISSING}",
        f"Account: {company.name or 'name ' + MISSING}, {known or 'figures ' + MISSING}",
    ]


def _issue(ticket: Ticket) -> str:
    parts = [one_line(ticket.subject, 120), one_line(last_text(ticket), _LONGEST)]
    return ". ".join(dict.fromkeys(part.rstrip(". ") for part in parts if part)) or MISSING


def _steps(ticket: Ticket) -> str:
    """What we said last, and whether the customer came back on it: how a step came out stands in the next message."""
    replies = ticket.agent_replies
    if not replies:
        notes = [message for message in ticket.messages if message.kind is MessageKind.NOTE and not message.is_ours]
        return f"{MISSING} (no public reply yet" + (f", {number_of(len(notes), 'internal note')})" if notes else ")")
    outcome = "the customer wrote again" if _answered(ticket, replies[-1]) else "no answer from the customer yet"
    last = one_line(replies[-1].body_text, _LONGEST) or MISSING
    return f"{number_of(len(replies), 'public reply', 'public replies')}; the last: {last} ({outcome})"


def _answered(ticket: Ticket, reply: Message) -> bool:
    after = ticket.messages[ticket.messages.index(reply) + 1 :]
    return any(message.is_from_customer for message in after)


def _tier_and_sentiment(facts: Facts) -> str:
    sentiment = _signal(facts, "sentiment")
    churn = _signal(facts, "churn_level")
    risk = f", churn risk {churn}" if churn not in ("", "none") else ""
    return f"{facts.company.tier or 'tier ' + MISSING}, {sentiment or 'sentiment ' + MISSING}{risk}"


def _evidence(ticket: Ticket) -> str:
    files = [attachment.name or "unnamed file" for message in ticket.customer_messages for attachment in message.attachments]
    text = "\n".join([ticket.description, *(message.body_text for message in ticket.customer_messages)]).casefold()
    more = f" and {len(files) - 4} more" if len(files) > 4 else ""
    found = [", ".join(one_line(name, 40) for name in files[:4]) + more] if files else []
    if any(word in text for word in _EVIDENCE_WORDS):
        found.append("an error text in the messages")
    return "; ".join(found) or MISSING


def _priority(facts: Facts, wanted: Priority | None) -> str:
    stands = facts.ticket.priority if facts.ticket.priority is not Priority.NONE else None
    return str(wanted or _BY_SEVERITY.get(_signal(facts, "severity")) or stands or MISSING)


def _signal(facts: Facts, name: str) -> str:
    found = facts.signals.get(name)
    return found.value if found is not None and isinstance(found.value, str) else ""


def one_line(text: str, most: int) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= most else joined[: most - 3].rstrip() + "..."

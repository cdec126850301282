"""The five points that every escalation and handoff carries. What is not known is named as missing, never made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.ticket import Company, Message, Priority, Ticket
from rules.facts import Signal

_SEVERITY_PRIORITY = {"p1": Priority.URGENT, "p2": Priority.HIGH, "p3": Priority.NORMAL, "p4": Priority.LOW}
_CALM = {"neutral", "satisfied", ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """`issue` in at most three sentences; `tried` the steps so far and how they came out; `standing` tier and mood;
    `evidence` what screenshots, logs and errors there are; `priority` the proposed one. "" means: missing."""

    issue: str = ""
    tried: str = ""
    standing: str = ""
    evidence: str = ""
    priority: str = ""

    def points(self) -> tuple[tuple[str, str], ...]:
        """Name and text of each point, in order."""
        named = (
            ("Issue", self.issue),
            ("Tried so far", self.tried),
            ("Customer", self.standing),
            ("Evidence", self.evidence),
            ("Proposed priority", self.priority),
        )
        return tuple((name, text or "missing") for name, text in named)


def five_points(
    ticket: Ticket, signals: Mapping[str, Signal], company: Company, priority: Priority | None = None, question: str = ""
) -> Handoff:
    """The points that the ticket itself can fill. `question`: the customer's words, already stripped."""
    severity = str(signals["severity"].value) if "severity" in signals else ""
    wanted = priority or _SEVERITY_PRIORITY.get(severity) or (ticket.priority if ticket.priority.rank else None)
    return Handoff(
        issue=_issue(ticket, question),
        tried=_tried(ticket),
        standing=_standing(signals, company),
        evidence=_evidence(ticket),
        priority=str(wanted) if wanted else "",
    )


def _issue(ticket: Ticket, question: str) -> str:
    newest = ticket.last_customer_message
    words = " ".join((question or (newest.body_text if newest else "") or ticket.description).split())
    sentences = words.replace("? ", "?\n").replace("! ", "!\n").replace(". ", ".\n").split("\n")
    told = " ".join(sentences[:2])[:300]
    return ": ".join(part for part in (ticket.subject.strip()[:150], told) if part)


def _tried(ticket: Ticket) -> str:
    replies = ticket.agent_replies
    if not replies:
        return ""
    last = " ".join(replies[-1].body_text.split())[:200]
    wrote_again = next((message.is_from_customer for message in reversed(ticket.messages) if _is_said(message)), False)
    outcome = "the customer wrote again" if wrote_again else "no answer yet"
    count = f"{len(replies)} public replies" if len(replies) > 1 else "1 public reply"
    return f"{count}, the last: {last} ({outcome})"


def _is_said(message: Message) -> bool:
    return message.is_from_customer or message.is_agent_reply


def _standing(signals: Mapping[str, Signal], company: Company) -> str:
    mood = str(signals["sentiment"].value) if "sentiment" in signals else ""
    churn = str(signals["churn_level"].value) if "churn_level" in signals else "none"
    word = "churn risk" if churn in {"high", "critical"} else "calm" if mood in _CALM and mood else mood
    parts = (company.name, f"tier {company.tier}" if company.tier else "tier missing", word or "sentiment missing")
    return ", ".join(part for part in parts if part)


def _evidence(ticket: Ticket) -> str:
    names = [attachment.name or "unnamed file" for message in ticket.messages for attachment in message.attachments]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")

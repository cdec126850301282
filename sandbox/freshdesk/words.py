"""Freshdesk's numbers and labels, and our words for them. https://developers.freshdesk.com/api/#tickets"""

from __future__ import annotations

from datetime import UTC, datetime

OPEN, PENDING, RESOLVED, CLOSED = 2, 3, 4, 5
# 6 and up are an account's own; these two exist in a new account.
STATUS_LABELS = {
    OPEN: "Open",
    PENDING: "Pending",
    RESOLVED: "Resolved",
    CLOSED: "Closed",
    6: "Waiting on Customer",
    7: "Waiting on Third Party",
}
STATUS = {"new": OPEN, "open": OPEN, "pending": PENDING, "on_hold": 7, "solved": RESOLVED, "closed": CLOSED}
STATUS_READ = {OPEN: "open", PENDING: "pending", RESOLVED: "solved", CLOSED: "closed", 6: "pending", 7: "on_hold"}

PRIORITY_LABELS = {1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}
PRIORITY = {"none": 1, "low": 1, "normal": 2, "high": 3, "urgent": 4}
PRIORITY_READ = {1: "low", 2: "normal", 3: "high", 4: "urgent"}

SOURCES = {1: "Email", 2: "Portal", 3: "Phone", 7: "Chat", 9: "Feedback Widget", 10: "Outbound Email"}
CHANNEL = {"email": 1, "web": 2, "api": 2, "phone": 3, "chat": 7}
OUTBOUND = 10

# Where a conversation came from. https://developers.freshdesk.com/api/#conversations
FROM_REPLY, FROM_NOTE = 0, 2

# Satisfaction: 103 extremely happy down to -103. https://developers.freshdesk.com/api/#satisfaction-ratings
RATING = {1: -103, 2: -102, 3: 100, 4: 102, 5: 103}
RATING_READ = {-103: 1, -102: 2, -101: 2, 100: 3, 101: 4, 102: 4, 103: 5}


def stamp(moment: datetime) -> str:
    """Freshdesk's times: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment_of(text: str) -> datetime:
    """A time that a client sent. Raises ValueError."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)

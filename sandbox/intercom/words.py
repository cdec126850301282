"""Intercom's words and ours, its API versions, and its two ways of writing times."""

from __future__ import annotations

from datetime import UTC, datetime

# Native priorities of 2.16 and Preview; older versions see two values.
# https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations
PRIORITIES = ("none", "low", "medium", "high", "urgent")
PRIORITY = {"none": "none", "low": "low", "normal": "medium", "high": "high", "urgent": "urgent"}
PRIORITY_READ = {native: unified for unified, native in PRIORITY.items()}
_TWO_VALUED = {"high", "urgent"}

# An agent's submit in unified words. `pending` has no state: agents mark it with a tag.
STATE = {"new": "open", "open": "open", "pending": "open", "on_hold": "snoozed", "solved": "closed", "closed": "closed"}
PENDING_TAG = "pending-customer"
STATE_READ = {"open": "open", "snoozed": "on_hold", "closed": "solved"}

CATEGORY = {
    "new": "submitted",
    "open": "in_progress",
    "pending": "waiting_on_customer",
    "on_hold": "in_progress",
    "solved": "resolved",
    "closed": "resolved",
}
CATEGORY_READ = {"submitted": "open", "in_progress": "open", "waiting_on_customer": "pending", "resolved": "solved"}

SOURCE_TYPE = {"email": "email", "web": "conversation", "chat": "conversation", "api": "conversation"}

VERSIONS = ("2.7", "2.8", "2.9", "2.10", "2.11", "2.12", "2.13", "2.14", "2.15", "2.16", "Preview")


def is_at_least(version: str, wanted: str) -> bool:
    """Preview is newer than every number."""
    return VERSIONS.index(version) >= VERSIONS.index(wanted)


def priority_in(version: str, native: str) -> str:
    """The priority as this version of the API reads it."""
    if is_at_least(version, "2.16"):
        return native
    return "priority" if native in _TWO_VALUED else "not_priority"


def unix(moment: datetime) -> int:
    return int(moment.timestamp())


def moment_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def iso(seconds: int | None) -> str | None:
    """How webhooks write the times of `statistics`, and macros all of theirs."""
    return None if seconds is None else moment_of(seconds).strftime("%Y-%m-%dT%H:%M:%S.000Z")

"""Whom a reply on a ticket would go to, as digests: told apart later without keeping an address. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection

from adapters.ticket import Ticket


def shown_to(ticket: Ticket, staff: Collection[str], key: str) -> str:
    """Digests of the requester and of everybody in copy who is not of the team (`staff`: e-mail addresses of agents)."""
    who = ticket.requester
    requester = [who.external_id, *sorted(each.casefold() for each in who.emails)] if who else []
    team = {each.casefold() for each in staff}
    copies = sorted({each.casefold() for each in ticket.followers} - team)
    return f"{_digest(key, requester)}:{_digest(key, copies)}"


def difference(shown: str, now: str) -> str:
    """What is another since then, in words: "" where nothing is, or where an older version did not keep it."""
    if not shown or shown == now:
        return ""
    (requester, _, copies), (requester_now, _, copies_now) = shown.partition(":"), now.partition(":")
    changed = ["the requester"] * (requester != requester_now) + ["who is in copy"] * (copies != copies_now)
    return " and ".join(changed)


def _digest(key: str, words: Collection[str]) -> str:
    return hmac.new(key.encode(), "\n".join(words).encode(), hashlib.sha256).hexdigest()[:24]

"""How long a ticket rests after a run: a moment as a rule, longer where it had many runs in the last minutes.

A conversation in which somebody writes every two seconds would else cost a read and a run every two seconds, of a budget that all
tickets share. A rest never passes `flow.rest_most_s`, whatever comes meanwhile: what is grave waits no longer than that.
docs/decisions/0012-rest-after-a-run.md
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from adapters.ticket import TicketKey
from bot.config import FlowSettings
from bot.store import runs

LATELY = timedelta(minutes=5)
FREE = 4  # runs that a person who writes, or an agent who sorts, causes within a few minutes
_DOUBLED_MOST = 16  # times; any rest is longer than a day by then


def rest_s(connection: Connection, key: TicketKey, flow: FlowSettings, now: datetime) -> float:
    """Seconds that this ticket rests from now on. Runs that ended without reading the ticket do not count."""
    return grown(runs.started_since(connection, key, now - LATELY), flow)


def grown(runs_lately: int, flow: FlowSettings) -> float:
    """The rest after so many runs in the last minutes, the one that ends now among them: doubled for each beyond the fourth."""
    doubled = min(max(runs_lately - FREE, 0), _DOUBLED_MOST)
    return min(flow.rest_s * 2.0**doubled, max(flow.rest_s, flow.rest_most_s))

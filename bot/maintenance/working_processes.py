"""Processes that work on the database, for commands that must be alone with it."""

from __future__ import annotations

import socket
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot.maintenance.statistics import LIVING
from bot.store import processes
from bot.store.database.engine import reading


def working_processes(engine: Engine, now: datetime) -> list[str]:
    """Role and name of those that gave a sign of life lately, but for killed ones of this machine. None where the database is
    empty, older than the table of processes, or not readable at all."""
    try:
        with reading(engine, at_leisure=True) as connection:
            seen = processes.names(connection, now - LIVING)
    except SQLAlchemyError:
        return []
    return [each for each in seen if not _is_gone(each)]


def _is_gone(name: str) -> bool:
    """True for a process of this machine whose id nobody has any more."""
    host, pid, _ = name.partition(" ")[2].rsplit(":", 2)
    return host == socket.gethostname()[:40] and Path("/proc/self").exists() and not Path("/proc", pid).exists()

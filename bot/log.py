"""Logging for all processes: one line an event, names and numbers only.

Customers' words, addresses, tokens and headers are never passed in; as a second line, values under names that could
hold them are dropped here.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_NEVER = frozenset(
    {"body", "text", "html", "subject", "email", "token", "secret", "headers", "authorization", "password", "api_key"}
)


def set_up(level: str) -> None:
    """Send log lines to standard error, from `level` up. Call once per process."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(name)s: %(levelname)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_what_may_be_private,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,  # a logger that was used before this call obeys it too
    )


def _drop_what_may_be_private(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in _NEVER & event.keys():
        event[name] = "[dropped]"
    return event


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a part; `log.info("write.applied", run=..., took_ms=...)`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return logger

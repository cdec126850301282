"""Logging for all processes: one line an event, names and numbers only.

Customers' words, addresses, tokens and headers are never passed in; as a second line, values under names that could
hold them are dropped here.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO

import structlog

_NEVER = frozenset(
    {"body", "text", "html", "subject", "email", "token", "secret", "headers", "authorization", "password", "api_key"}
)

_FIRST = ["timestamp", "level", "event"]


def set_up(level: str, shape: str = "logfmt") -> None:
    """Send log lines to standard error, from `level` up, as `logfmt` or `json`. Call once per process."""
    of_libraries = '{"part": "%(name)s", "level": "%(levelname)s"}' if shape == "json" else "%(name)s: %(levelname)s"
    from_libraries = logging.StreamHandler(sys.stderr)
    from_libraries.setFormatter(_NoWords(of_libraries))
    logging.basicConfig(handlers=[from_libraries], level=logging.WARNING)
    lines = structlog.processors.JSONRenderer() if shape == "json" else structlog.processors.LogfmtRenderer(key_order=_FIRST)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _drop_what_may_be_private,
            _on_one_line,
            lines,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(_Patient(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,  # a logger that was used before this call obeys it too
    )


class _Patient:
    """Standard error, where a line that cannot be written is lost. It may be a file on the very disk that is full: what a line
    tells of, an answer 503 for one, must not fail with it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


class _NoWords(logging.Formatter):
    """Which library, and how bad. Messages and tracebacks quote what came over the wire (urllib3: headers it could not read)."""

    def format(self, record: logging.LogRecord) -> str:
        return self.formatMessage(record)


def _drop_what_may_be_private(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in _NEVER & event.keys():
        event[name] = "[dropped]"
    return event


def _on_one_line(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Signs that would begin another line, or colour a terminal, are spelled out: nobody writes our log but we."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable():
            event[name] = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in value)
    return event


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a part; `log.info("write.applied", run=..., took_ms=...)`."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(part=name)
    return logger


class Often:
    """For what a stranger can cause as often as he likes: the first of a kind is a line at once, the others are counted and
    told together, one line a kind every `every_s` seconds (`times=4711`). A flood must not fill the disk."""

    def __init__(self, logger: structlog.typing.FilteringBoundLogger, every_s: float = 10.0, most_kinds: int = 200) -> None:
        self._log = logger
        self._every_s = every_s
        self._most_kinds = most_kinds
        self._counts: dict[tuple[str, frozenset[tuple[str, object]]], int] = {}
        self._guard = threading.Lock()

    def forget(self) -> None:
        """The next of each kind is a line at once again."""
        with self._guard:
            self._counts.clear()

    def warning(self, event: str, **about: object) -> None:
        """Happened once more. `about` must be words of ours, few of them."""
        kind = (event, frozenset(about.items()))
        with self._guard:
            if kind in self._counts:
                self._counts[kind] += 1
                return
            if len(self._counts) >= self._most_kinds:
                return
            is_first = not self._counts
            self._counts[kind] = 0
        self._log.warning(event, **about)
        if is_first:
            self._again()

    def _again(self) -> None:
        timer = threading.Timer(self._every_s, self.tell)
        timer.daemon = True
        timer.start()

    def tell(self) -> None:
        """What was counted since. A kind that was quiet meanwhile is forgotten: its next is a line at once."""
        with self._guard:
            loud = {kind: count for kind, count in self._counts.items() if count}
            self._counts = dict.fromkeys(loud, 0)
        for (event, about), count in loud.items():
            self._log.warning(event, **dict(about), times=count)
        if loud:
            self._again()

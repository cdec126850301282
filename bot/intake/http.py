"""The receiver's side of HTTP: a request's headers and body as WSGI has them, answers as JSON. Spec: https://peps.python.org/pep-3333/"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import ParseException

RETRY_AFTER_S = 15  # a moment's trouble; Zendesk comes again only where this is between 1 and 59
RETRY_LATER_S = 55  # trouble that somebody has to end
Environ = Mapping[str, Any]  # of WSGI: https://peps.python.org/pep-3333/#environ-variables


class Headers(Mapping[str, str]):
    """A request's headers by their names in small letters, looked up only where somebody asks: most are never read."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        return str(self._environ[_place_of(name)])

    def get(self, name: str, default: Any = None) -> Any:
        return self._environ.get(_place_of(name), default)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _place_of(name) in self._environ

    def __iter__(self) -> Iterator[str]:
        for place in self._environ:
            if place.startswith("HTTP_"):
                yield place.removeprefix("HTTP_").replace("_", "-").lower()
            elif place in _UNPREFIXED:
                yield place.replace("_", "-").lower()

    def __len__(self) -> int:
        return sum(1 for _ in self)


_UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")


# What a caller sends is never a key of a cache, not even of one with a bound: his words would fill it and push out ours.
def _place_of(name: str) -> str:
    place = name.upper().replace("-", "_")
    return place if place in _UNPREFIXED else f"HTTP_{place}"


_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]*)")


def is_readable_type(content_type: str, adapter_types: frozenset[str]) -> bool:
    """Whether a body of this type is read, in a coding that is. What the signature covers are bytes, whatever their type."""
    kind, _, options = content_type.lower().partition(";")
    charset = _CHARSET.search(options)
    return kind.strip() in adapter_types and (charset is None or charset[1] in ("utf-8", "utf8", "us-ascii", "ascii"))


class BodyCut(Exception):
    """The body ended before its announced length, or its chunks are none."""


def read_body(environ: Environ, most_bytes: int) -> bytes | None:
    """The raw bytes, or None where there are more than the cap; of those none is read that need not be. Raises BodyCut."""
    stream, announced = environ["wsgi.input"], environ.get("CONTENT_LENGTH")
    length = None if announced is None else int(announced)
    if length is not None and length > most_bytes:
        return None
    try:
        if length is None:
            body: bytes = stream.read(most_bytes + 1) if environ.get("wsgi.input_terminated") else b""
        else:
            body = stream.read(length)
    except (ParseException, OSError) as error:
        raise BodyCut from error
    if length is None:
        return body if len(body) <= most_bytes else None
    if len(body) < length:
        raise BodyCut
    return body


Start = Callable[[str, list[tuple[str, str]]], object]  # of WSGI: start_response


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`reason`: why it is this one, in a word that metrics count. `retry_after_s`: 0 where nothing is said of it."""

    status: int
    reason: str
    body: bytes
    retry_after_s: int = 0

    @property
    def headers(self) -> list[tuple[str, str]]:
        found = [("Content-Type", "application/json"), ("Content-Length", str(len(self.body)))]
        return [*found, ("Retry-After", str(self.retry_after_s))] if self.retry_after_s else found

    def give(self, start: Start) -> list[bytes]:
        """As a WSGI application answers."""
        start(_line(self.status), self.headers)
        return [self.body]


@lru_cache(maxsize=100)
def _line(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def answer(status: int, reason: str = "", **said: object) -> Answer:
    """JSON with the status and what else is said."""
    return Answer(status=status, reason=reason, body=json.dumps({"status": status, **said}).encode())


def come_again(why: str, seconds: int = RETRY_AFTER_S) -> Answer:
    """503 with a time to come again. Never 429: Intercom then waits, from a minute up to two hours, and drops."""
    body = json.dumps({"status": 503, "error": why}).encode()
    return Answer(status=503, reason="unavailable", body=body, retry_after_s=seconds)

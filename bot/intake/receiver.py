"""What happens to one delivery at the door: proven, read, kept, answered. webhooks.py brings it here as WSGI has it.

Nothing slow happens here and nothing is decided; docs/receiver.md lists the answers.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import ParseException

from adapters.errors import PayloadUnexpected, SignatureInvalid
from adapters.helpdesk import Account, WebhookReader
from adapters.readers import READERS
from adapters.ticket import Event, EventType, Provider
from bot.config import Config
from bot.intake.backpressure import Pressure
from bot.intake.inbox import Inbox, InboxUnavailable, unavailable
from bot.log import Often, get_logger
from bot.process import failpoints
from bot.process.clock import Clock
from bot.store.deliveries import Incoming, Receipt

log = get_logger("door")
often = Often(log)
RETRY_AFTER_S = 15  # a moment's trouble; Zendesk comes again only where this is between 1 and 59
RETRY_LATER_S = 55  # trouble that somebody has to end
_STATUS = {Receipt.STORED: 202, Receipt.DUPLICATE: 200, Receipt.CONFLICT: 202, Receipt.IGNORED: 202}


class Door:
    """The receiver of one process: accounts with their secrets, the inbox, the clock."""

    def __init__(self, config: Config, parts: DoorParts) -> None:
        self._accounts = {each.name: each.to_account() for each in config.settings.accounts}
        self._max_body_bytes = config.settings.server.max_body_bytes
        self._parts = parts

    def receive(self, name: str, environ: Environ) -> Answer:
        """One delivery: 202 stored, 200 known already, 400 unreadable, 401 not proven, 404, 405, 413, 415, 503 come again."""
        found = self._look_at(name, environ)
        if isinstance(found, Answer):
            return found
        try:
            return _of_receipt(found, self._parts.inbox.accept(found))
        except InboxUnavailable as error:
            return come_again(str(error))

    def receive_later(self, name: str, environ: Environ, tell: Tell) -> Answer | None:
        """The same for a caller who does not wait: None where `tell` brings the answer, in another thread and perhaps never
        (`too_late` says what is answered then)."""
        found = self._look_at(name, environ)
        if isinstance(found, Answer):
            return found

        def told(outcome: Callable[[], Receipt]) -> None:
            try:
                tell(_of_receipt(found, outcome()))
            except InboxUnavailable as error:
                tell(come_again(str(error)))

        try:
            self._parts.inbox.accept_later(found, told)
        except InboxUnavailable as error:
            return come_again(str(error))
        return None

    def _look_at(self, name: str, environ: Environ) -> Answer | Incoming:
        """What is to be stored, or the answer where nothing is."""
        account = self._accounts.get(name)
        if environ["REQUEST_METHOD"] == "HEAD":
            # Intercom tries the address so: https://developers.intercom.com/docs/webhooks/setting-up-webhooks
            is_tried = account is not None and account.provider is Provider.INTERCOM
            return answer(200 if is_tried else 405, "head")
        if account is None:
            return answer(404, "unknown_account", error="no such account")
        adapter = READERS[account.provider]
        if environ.get("HTTP_CONTENT_ENCODING", "identity") != "identity":
            return answer(415, "compressed", error="compressed bodies are not accepted")
        if not _is_read(environ.get("CONTENT_TYPE", ""), adapter.content_types):
            wanted = " or ".join(sorted(filter(None, adapter.content_types)))
            return answer(415, "content_type", error=f"wanted {wanted} in UTF-8, see Content-Type")
        try:
            body = _body(environ, self._max_body_bytes)
        except _Cut:
            return answer(400, "cut", error="the body is shorter than announced, or not in chunks as announced")
        if body is None:
            return answer(413, "too_large", error=f"the body is larger than {self._max_body_bytes} bytes")
        return self._judge(account, adapter, Headers(environ), body)

    def _judge(self, account: Account, adapter: WebhookReader, headers: Headers, body: bytes) -> Answer | Incoming:
        now = self._parts.clock()
        try:
            adapter.verify(headers, body, account.webhook, now)
            if trouble := self._parts.pressure.trouble():  # only to who is proven: nobody else learns of our troubles
                often.warning("delivery.put_off", why=trouble)
                return come_again(trouble, RETRY_LATER_S)
            events = adapter.parse(headers, body, account.name)
        except SignatureInvalid as error:
            often.warning("delivery.refused", account=account.name, why=error.reason)
            return _unproven(error.reason, str(error))
        except PayloadUnexpected as error:
            often.warning("delivery.unreadable", account=account.name, path=error.path)
            return answer(400, "unreadable", error=str(error))
        self._parts.checkpoint("received")
        return _incoming(account, body, events, now, adapter.stamp_grain_s)


def _of_receipt(incoming: Incoming, receipt: Receipt) -> Answer:
    if receipt is Receipt.STORED:
        return _STORED
    if receipt is Receipt.CONFLICT:
        log.warning("delivery.conflict", account=incoming.account)
    said = {"duplicate": receipt is Receipt.DUPLICATE, "conflict": receipt is Receipt.CONFLICT, "ignored": incoming.ignored}
    return answer(_STATUS[receipt], receipt.value, **{name: value for name, value in said.items() if value})


def too_late() -> Answer:
    """For a sender who has waited for the commit long enough; where it comes after all, his repeat is recognised."""
    return come_again(str(unavailable("slow")))


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorParts:
    """What a door stands in front of."""

    inbox: Inbox
    pressure: Pressure
    clock: Clock
    checkpoint: failpoints.Checkpoint


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


def _is_read(content_type: str, adapter_types: frozenset[str]) -> bool:
    """Whether a body of this type is read, in a coding that is. What the signature covers are bytes, whatever their type."""
    kind, _, options = content_type.lower().partition(";")
    charset = _CHARSET.search(options)
    return kind.strip() in adapter_types and (charset is None or charset[1] in ("utf-8", "utf8", "us-ascii", "ascii"))


class _Cut(Exception):
    """The body ended before its announced length, or its chunks are none."""


def _body(environ: Environ, most_bytes: int) -> bytes | None:
    """The raw bytes, or None where there are more than the cap; of those none is read that need not be. Raises _Cut."""
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
        raise _Cut from error
    if length is None:
        return body if len(body) <= most_bytes else None
    if len(body) < length:
        raise _Cut
    return body


def _incoming(account: Account, body: bytes, events: list[Event], now: datetime, settles_s: float) -> Incoming:
    """The delivery as a row: one that names no ticket, or is of a kind that we do not know, is kept and ignored."""
    acted_on = any(event.ticket and event.type is not EventType.OTHER for event in events)
    kinds = "" if acted_on else ",".join(sorted({event.kind_raw for event in events}))[:100]
    key = events[0].delivery_key if events else hashlib.sha256(body).hexdigest()
    return Incoming(
        account=account.name,
        delivery_key=key[:200],
        body=body,
        events=tuple(events),
        received_at=now,
        ignored="" if acted_on else f"unknown_event {kinds}".strip(),
        settles_s=settles_s,
    )


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


Tell = Callable[[Answer], None]


def answer(status: int, reason: str = "", **said: object) -> Answer:
    """JSON with the status and what else is said."""
    return Answer(status=status, reason=reason, body=json.dumps({"status": status, **said}).encode())


def come_again(why: str, seconds: int = RETRY_AFTER_S) -> Answer:
    """503 with a time to come again. Never 429: Intercom then waits, from a minute up to two hours, and drops."""
    body = json.dumps({"status": 503, "error": why}).encode()
    return Answer(status=503, reason="unavailable", body=body, retry_after_s=seconds)


_STORED = answer(202, "stored")


@lru_cache(maxsize=10)
def _unproven(reason: str, words: str) -> Answer:
    return answer(400 if reason == "repeated" else 401, f"signature_{reason}", error=words)

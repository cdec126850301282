"""What happens to one delivery at the door: proven, read, kept, answered. webhooks.py brings it here as WSGI has it.

Nothing slow happens here and nothing is decided; docs/receiver.md lists the answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from adapters.errors import PayloadUnexpected, SignatureInvalid, TicketUnclear
from adapters.helpdesk import Account, WebhookReader
from adapters.readers import READERS
from adapters.ticket import Event, EventType, Provider
from bot.config import Config
from bot.intake.backpressure import Pressure
from bot.intake.http import RETRY_LATER_S, Answer, BodyCut, Environ, Headers, answer, come_again, is_readable_type, read_body
from bot.intake.inbox import Inbox, InboxUnavailable, unavailable
from bot.log import Often, get_logger
from bot.process import failpoints
from bot.process.clock import Clock
from bot.store.deliveries import Incoming, Receipt

log = get_logger("door")
often = Often(log)
_STATUS = {Receipt.STORED: 202, Receipt.DUPLICATE: 200, Receipt.CONFLICT: 202, Receipt.IGNORED: 202}


class WebhookReceiver:
    """The receiver of one process: accounts with their secrets, the inbox, the clock."""

    def __init__(self, config: Config, parts: ReceiverParts) -> None:
        self._accounts = {each.name: each.to_account() for each in config.settings.accounts}
        self._max_body_bytes = config.settings.server.max_body_bytes
        self._first_sight_s = config.settings.flow.first_sight_s
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
        if not is_readable_type(environ.get("CONTENT_TYPE", ""), adapter.content_types):
            wanted = " or ".join(sorted(filter(None, adapter.content_types)))
            return answer(415, "content_type", error=f"wanted {wanted} in UTF-8, see Content-Type")
        try:
            body = read_body(environ, self._max_body_bytes)
        except BodyCut:
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
            if error.reason == "stale" and (trouble := self._parts.pressure.clock_trouble()):
                return come_again(trouble, RETRY_LATER_S)  # it is signed, and a 401 would not be sent again
            return _unproven(error.reason, str(error))
        except TicketUnclear as error:
            often.warning("delivery.unclear", account=account.name, why=error.problem)
            return _kept_unread(account, body, now, error.problem)
        except PayloadUnexpected as error:
            often.warning("delivery.unreadable", account=account.name, path=error.path)
            return answer(400, "unreadable", error=str(error))
        self._parts.checkpoint("received")
        return replace(_incoming(account, adapter, body, events, now), if_new_s=self._first_sight_s)


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
class ReceiverParts:
    """What a door stands in front of."""

    inbox: Inbox
    pressure: Pressure
    clock: Clock
    checkpoint: failpoints.Checkpoint


def _incoming(account: Account, adapter: WebhookReader, body: bytes, events: list[Event], now: datetime) -> Incoming:
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
        settles_s=adapter.stamp_grain_s,
        digest=adapter.content_sha256,
    )


def _kept_unread(account: Account, body: bytes, now: datetime, why: str) -> Incoming:
    """A proven delivery of which nobody can tell the ticket: refused with a 4xx it would be lost, or sent again for a day."""
    key = hashlib.sha256(body).hexdigest()
    return Incoming(account=account.name, delivery_key=key, body=body, events=(), received_at=now, ignored=f"unclear: {why}")


Tell = Callable[[Answer], None]


_STORED = answer(202, "stored")


@lru_cache(maxsize=10)
def _unproven(reason: str, words: str) -> Answer:
    return answer(400 if reason == "repeated" else 401, f"signature_{reason}", error=words)

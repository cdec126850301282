"""Webhook senders with the vendors' manners: signed per attempt, retried as the vendor retries, every attempt recorded.

A desk hands over what happened (`Delivery`); threads post it to the target. Orders for trouble on the way: each delivery
several times at once, out of order, a share dropped. Times are the vendor's multiplied by `time_scale`.
"""

from __future__ import annotations

import heapq
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import requests

MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook. `id`: the vendor's event or notification id, "" where it has none."""

    id: str
    topic: str
    ticket: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`status`: 0 for a timeout, -1 where no connection came about."""

    delivery: Delivery
    number: int  # 1 for the first
    status: int
    retry_after_s: float | None
    took_s: float
    answer: str = ""
    body: bytes = b""  # as it was sent: some vendors count their tries in it


Retry = Callable[[Attempt], float | None]  # vendor seconds until the next attempt, None: given up
Sign = Callable[[bytes], Mapping[str, str]]
Count = Callable[[bytes, int], bytes]  # the body of the nth try


def zendesk_retry(attempt: Attempt) -> float | None:
    """409 three times; 429 and 503 only where Retry-After is under a minute; timeouts five times; else never.
    https://developer.zendesk.com/api-reference/webhooks/introduction/ (waits between tries are not published)"""
    if attempt.status == 409:
        return 1.0 if attempt.number <= 3 else None
    if attempt.status in (429, 503):
        wait = attempt.retry_after_s
        return wait if wait is not None and wait < MINUTE and attempt.number <= 5 else None
    return 5.0 if attempt.status == 0 and attempt.number <= 5 else None


def intercom_retry(attempt: Attempt) -> float | None:
    """Once after a minute; 429 throttles from one minute, doubling up to two hours, then drops. 410 and 2xx end it.
    https://developers.intercom.com/docs/references/webhooks/webhook-models"""
    if attempt.status == 429:
        wait = MINUTE * 2 ** (attempt.number - 1)
        return wait if wait <= 120 * MINUTE else None
    return MINUTE if attempt.status != 410 and attempt.number == 1 else None


def intercom_count(body: bytes, number: int) -> bytes:
    """A try keeps the notification's id and says which one it is.
    https://developers.intercom.com/docs/references/webhooks/webhook-models"""
    if number == 1:
        return body
    notification = json.loads(body)
    tried = {"delivery_attempts": number, "delivery_status": "retry", "delivered_at": notification["first_sent_at"] + number}
    return json.dumps(notification | tried, ensure_ascii=False).encode()


def as_it_was(body: bytes, number: int) -> bytes:
    """Vendors that repeat the very bytes."""
    return body


def freshdesk_retry(attempt: Attempt) -> float | None:
    """Every 30 minutes, up to 48 times, whatever the error. https://support.freshdesk.com/support/solutions/articles/132589"""
    return 30 * MINUTE if attempt.number <= 48 else None


@dataclass(slots=True)
class Trouble:
    """`duplicate`: how many copies of each delivery go out at once. `shuffle_s`: each copy waits a random time up to this
    (real seconds), so order is lost. `drop`: share 0 to 1 that is never sent."""

    duplicate: int = 1
    shuffle_s: float = 0.0
    drop: float = 0.0


class Sender:
    """Sends one desk's webhooks. Nothing is sent, and nothing kept for later, while `target` is None."""

    def __init__(
        self,
        *,
        sign: Sign,
        retry: Retry,
        count: Count = as_it_was,
        timeout_s: float = 10.0,
        time_scale: float = 1.0,
        seed: int = 0,
    ) -> None:
        self.target: str | None = None
        self.trouble = Trouble()
        self.time_scale = time_scale
        self.timeout_s = timeout_s
        self.sent: list[Delivery] = []  # all that was emitted, sent or not
        self.attempts: list[Attempt] = []
        self._sign = sign
        self._retry = retry
        self._count = count
        self._tries: Counter[str] = Counter()  # of each id, whatever sent it: a retry, a copy, a repetition
        self._random = random.Random(seed)
        self._queue: list[tuple[float, int, int, Delivery]] = []
        self._order = itertools.count()
        self._in_flight = 0
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._stopping = False

    def send(self, delivery: Delivery) -> None:
        """Queue it and come back at once."""
        with self._changed:
            self.sent.append(delivery)
            if self.target is None or self._stopping or self._random.random() < self.trouble.drop:
                return
            for _ in range(self.trouble.duplicate):
                self._push(self._random.uniform(0, self.trouble.shuffle_s), 1, delivery)
            self._need_threads(max(4, min(self.trouble.duplicate, 16)))

    def again(self, delivery: Delivery) -> None:
        """Send an earlier one once more, as vendors do now and then."""
        with self._changed:
            self._push(0.0, 1, delivery)
            self._need_threads(4)

    def wait_idle(self, timeout_s: float = 10.0) -> bool:
        """Whether everything was delivered or given up within the time; retries to come count as not idle."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._in_flight, timeout_s)

    def reset(self) -> None:
        """Forget what was queued, sent and ordered; the target stays."""
        with self._changed:
            self._queue.clear()
            self.sent.clear()
            self.attempts.clear()
            self._tries.clear()
            self.trouble = Trouble()
            self._changed.notify_all()

    def stop(self) -> None:
        with self._changed:
            self._stopping = True
            self._queue.clear()
            self._changed.notify_all()
            threads, self._threads = self._threads, []
        for thread in threads:
            thread.join(timeout=2)
        self._stopping = any(thread.is_alive() for thread in threads)

    def _push(self, wait_s: float, number: int, delivery: Delivery) -> None:
        heapq.heappush(self._queue, (time.monotonic() + wait_s, next(self._order), number, delivery))
        self._changed.notify_all()

    def _need_threads(self, wanted: int) -> None:
        while len(self._threads) < wanted:
            thread = threading.Thread(target=self._work, daemon=True, name="webhook-sender")
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (job := self._next()) is not None:
                number, delivery = job
                attempt = self._attempt(session, number, delivery)
                with self._changed:
                    self._in_flight -= 1
                    self.attempts.append(attempt)
                    wait = None if 200 <= attempt.status < 300 else self._retry(attempt)
                    if wait is not None and not self._stopping:
                        self._push(wait * self.time_scale, number + 1, delivery)
                    self._changed.notify_all()

    def _next(self) -> tuple[int, Delivery] | None:
        """The next one that is due, or None at the end."""
        with self._changed:
            while not self._stopping:
                wait = self._queue[0][0] - time.monotonic() if self._queue else None
                if wait is not None and wait <= 0:
                    _, _, number, delivery = heapq.heappop(self._queue)
                    self._in_flight += 1
                    return number, delivery
                self._changed.wait(wait)
            return None

    def _attempt(self, session: requests.Session, number: int, delivery: Delivery) -> Attempt:
        started = time.monotonic()
        status, answer, retry_after = -1, "", None
        with self._changed:
            self._tries[delivery.id] += 1
            body = self._count(delivery.body, self._tries[delivery.id]) if delivery.id else delivery.body
        headers = {"Content-Type": "application/json", **delivery.headers, **self._sign(body)}
        try:
            response = session.post(self.target or "", data=body, headers=headers, timeout=self.timeout_s, allow_redirects=False)
            status, answer = response.status_code, response.text[:200]
            retry_after = _seconds(response.headers.get("Retry-After"))
        except requests.Timeout:
            status = 0
        except requests.RequestException:
            status = -1
        took = time.monotonic() - started
        return Attempt(
            delivery=delivery, number=number, status=status, retry_after_s=retry_after, took_s=took, answer=answer, body=body
        )  # fmt: skip


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None

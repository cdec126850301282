"""A webhook receiver on loopback for tests of the stand-ins: keeps what it got, answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sandbox.serve import serving


@dataclass
class Receiver:
    """`answers`: (status, headers) for the next calls, 202 afterwards."""

    address: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
        body = environ["wsgi.input"].read()
        with self.lock:
            self.got.append((headers, body))
            status, extra = self.answers.pop(0) if self.answers else ("202 Accepted", [])
        start_response(status, [("Content-Length", "0"), *extra])
        return [b""]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    with serving(receiver) as address:
        receiver.address = f"{address}/webhooks/acme"
        yield receiver

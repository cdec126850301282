"""What gunicorn does with bytes that are no HTTP it reads: an answer without their words, and in the log their kind alone.

Its own way would log what strangers wrote, and answer 501 or 500 to some of it; a sender of webhooks must never see 5xx
for what it sent itself.
"""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from http import HTTPStatus

from gunicorn.http import errors
from gunicorn.workers.gthread import ThreadWorker

from bot.log import Often, get_logger

often = Often(get_logger("wire"))
RETRY_AFTER_S = 15
_STATUS: dict[type[BaseException], HTTPStatus] = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}


class Worker(ThreadWorker):
    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:
        """Called for a request that could not be read, and for what went wrong outside the application."""
        is_theirs = isinstance(exc, errors.ParseException | OSError)
        status = _STATUS.get(type(exc), HTTPStatus.BAD_REQUEST) if is_theirs else HTTPStatus.SERVICE_UNAVAILABLE
        often.warning("request.unreadable" if is_theirs else "request.failed", why=type(exc).__name__)
        with suppress(OSError):
            client.sendall(_answer(status))


def _answer(status: HTTPStatus, **said: str) -> bytes:
    body = json.dumps({"status": int(status), **said})
    lines = [f"HTTP/1.1 {int(status)} {status.phrase}", "Connection: close", "Content-Type: application/json"]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        lines.append(f"Retry-After: {RETRY_AFTER_S}")
    return "\r\n".join((*lines, f"Content-Length: {len(body)}", "", body)).encode("ascii")


TOO_SLOW = _answer(HTTPStatus.REQUEST_TIMEOUT, error="the request did not arrive in time")
TOO_CROWDED = _answer(HTTPStatus.SERVICE_UNAVAILABLE, error="too many connections")
STOPPING = _answer(HTTPStatus.SERVICE_UNAVAILABLE, error="the receiver stops")

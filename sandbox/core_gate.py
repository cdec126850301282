"""The WSGI gate in front of a stand-in's routes: who may come in, one call at a time, counted, with the ordered faults.

Pages and the control API pass through untouched. Resets and drips need the connection itself, which werkzeug's server
hands over as `werkzeug.socket` (serve.py); without it (Flask's test client) a reset raises ConnectionResetError.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from sandbox import core_control, pages
from sandbox.desk import Desk
from sandbox.effects import Call
from sandbox.faults import Fault, is_answer

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
_OURS = ("/_sandbox", "/ticket/", "/new", "/favicon.ico")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_READS = {"GET", "HEAD", "OPTIONS"}
_MAINTENANCE = b"<!doctype html><html><head><title>We'll be back</title></head><body><h1>Scheduled maintenance</h1></body></html>"


@dataclass(slots=True)
class Answer:
    status: str  # "200 OK"
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def code(self) -> int:
        return int(self.status[:3])


def build(desk: Desk, add_api: Callable[[Flask], None]) -> Callable[[Environ, StartResponse], Iterable[bytes]]:
    """The desk's WSGI application.

    `add_api` adds the vendor's routes, at the vendor's own paths. The ticket's argument is named `ticket_id`. They authenticate,
    and tell who it was: `desk.call.actor = "anna.agent@example.com"`.
    """
    app = Flask(f"sandbox.{desk.name}", root_path=os.path.dirname(__file__), static_folder=None)  # noqa: PTH120
    app.json.sort_keys = False  # type: ignore[attr-defined]  # only on the default provider, which this is
    add_api(app)
    core_control.add(app, desk)
    pages.add(app, desk)
    return Gate(desk, app)


class Gate:
    def __init__(self, desk: Desk, app: Flask) -> None:
        self._desk = desk
        self._app = app

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not _is_local(environ.get("HTTP_HOST", "")):
            _whole_body(environ)
            return _plain("421 Misdirected Request", b"This stand-in answers on loopback only.\n", start_response)
        path = environ.get("PATH_INFO", "/")
        body = _whole_body(environ)
        if path == "/" or path.startswith(_OURS):
            if environ["REQUEST_METHOD"] not in _READS and _is_cross_site(environ):
                return _plain("403 Forbidden", b"This order comes from a page elsewhere.\n", start_response)
            return self._app({**environ, **_with(body)}, start_response)
        environ["PATH_INFO"] = self._desk.clean_path(path)
        answer = self._answer(environ, body, self._call(environ, body))
        # Of the clock that stamps tickets, or a wrong one.
        there = self._desk.clock() + timedelta(seconds=self._desk.date_ahead_s)
        answer.headers.append(("Date", http_date(there)))
        start_response(answer.status, answer.headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    def _call(self, environ: Environ, body: bytes) -> Call:
        """The call, opened in the effect log."""
        pattern, arguments = "", dict[str, Any]()
        try:
            rule, found = self._app.url_map.bind_to_environ(environ).match(return_rule=True)
            pattern, arguments = rule.rule, dict(found)
        except HTTPException:
            pass  # counted under its path
        return self._desk.effects.open_call(
            at=self._desk.clock(),
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            pattern=pattern,
            ticket=None if "ticket_id" not in arguments else str(arguments["ticket_id"]),
            query=environ.get("QUERY_STRING", ""),
            body=_parsed(body),
        )

    def _answer(self, environ: Environ, body: bytes, call: Call) -> Answer:
        started = time.monotonic()
        where = call.path + ("?" + call.query if call.query else "")
        self._desk.faults.run_before(call.method, where)
        fault = self._desk.faults.take(call.method, where, call.body)
        call.fault = fault.kind if fault else None
        try:
            answer = self._faulty(environ, body, call, fault) if fault else self._handle(environ, body, call)
        finally:
            call.duration_s = time.monotonic() - started
        call.status = answer.code
        self._desk.faults.run_after(call.method, where, answer.code)
        return answer

    def _handle(self, environ: Environ, body: bytes, call: Call, fault: Fault | None = None) -> Answer:
        """The vendor's answer, with the call applied; under a fault as of earlier, or taken back at the end."""
        desk, kind = self._desk, fault.kind if fault else ""
        with desk.acting(), desk.handling(call):
            effects = desk.effects.mark()
            past = desk.records.as_of(desk.clock() - timedelta(seconds=fault.seconds)) if fault and kind == "stale_read" else None
            with past or nullcontext(), desk.records.undone() if kind == "not_applied" else nullcontext():
                answer = _run(self._app, environ, body)
            if kind == "not_applied":
                desk.discard_webhooks()
                desk.effects.forget_since(effects)
        return answer

    def _faulty(self, environ: Environ, body: bytes, call: Call, fault: Fault) -> Answer:
        if fault.kind in ("not_applied", "stale_read"):
            return self._handle(environ, body, call, fault)
        if fault.kind == "refuse_fields":
            with self._app.app_context():
                response = self._desk.refusal_of(fault.said_in(call.body) if fault.is_named else [])
            return Answer(response.status, list(response.headers), response.get_data())
        if fault.kind == "drop_fields":
            return self._handle(environ, json.dumps(_without(call.body, fault.fields)).encode(), call)
        applied = fault.commit or fault.kind in ("drip_headers", "drip_body", "reset_after_commit", "truncate", "bad_gzip")
        answer = self._handle(environ, body, call) if applied else None
        if is_answer(fault.kind):
            return self._vendor_error(fault)
        if fault.kind == "bad_gzip":
            return Answer("200 OK", [("Content-Type", "application/json"), ("Content-Encoding", "gzip")], b"\x1f\x8bbroken")
        if fault.kind == "html_200":
            return Answer("200 OK", [("Content-Type", "text/html; charset=utf-8")], _MAINTENANCE)
        call.status = 0  # before the client can notice
        if fault.kind == "hang":
            time.sleep(fault.seconds)
        if fault.kind == "late_apply":
            self._later(fault, environ, body, call)
        if answer is not None and fault.kind in ("drip_headers", "drip_body", "truncate"):
            _send_raw(environ, answer, fault)
        raise _reset(environ)

    def _later(self, fault: Fault, environ: Environ, body: bytes, call: Call) -> None:
        kept = {name: value for name, value in environ.items() if not name.startswith("werkzeug.")}
        apply = partial(self._handle, kept, body, call)
        if fault.waits:
            self._desk.faults.keep_late(apply)
            return
        timer = threading.Timer(fault.seconds, apply)
        timer.daemon = True
        timer.start()

    def _vendor_error(self, fault: Fault) -> Answer:
        with self._app.app_context():
            response: Response = self._desk.error(int(fault.kind), fault.retry_after)
        response.headers.update(fault.headers)
        if fault.retry_after is not None:
            response.headers["Retry-After"] = str(fault.retry_after)
        return Answer(response.status, list(response.headers), response.get_data())


def _run(app: Flask, environ: Environ, body: bytes) -> Answer:
    """The app's whole answer; `environ` may be used again."""
    got: list[Any] = []

    def started(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
        got.extend((status, headers))
        return lambda _: None

    chunks = app({**environ, **_with(body)}, started)
    try:
        content = b"".join(chunks)
    finally:
        if close := getattr(chunks, "close", None):
            close()
    return Answer(got[0], got[1], content)


def _whole_body(environ: Environ) -> bytes:
    """Always read to its end: what is left of it would be taken for the next call of a kept-alive connection."""
    if environ.get("wsgi.input_terminated"):
        return bytes(environ["wsgi.input"].read())
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return bytes(environ["wsgi.input"].read(length)) if length else b""


def _with(body: bytes) -> Environ:
    return {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body)), "wsgi.input_terminated": False}


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body[:500].decode("utf-8", "replace")


def _without(body: Any, names: tuple[str, ...]) -> Any:
    if isinstance(body, dict):
        return {name: _without(value, names) for name, value in body.items() if name not in names}
    return [_without(each, names) for each in body] if isinstance(body, list) else body


def _is_local(host: str) -> bool:
    """Against pages elsewhere that point their own name at 127.0.0.1."""
    try:
        return urlsplit("//" + host).hostname in _LOOPBACK
    except ValueError:
        return False


def _is_cross_site(environ: Environ) -> bool:
    """Whether a browser says that another page sent this: a page elsewhere can send a form here, though it reads no answer.

    https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Origin; scripts send no such header.
    """
    origin, site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE", "none")
    if site not in {"none", "same-origin"}:
        return True
    try:
        return origin is not None and urlsplit(origin).netloc != environ.get("HTTP_HOST", "")
    except ValueError:
        return True


def _plain(status: str, text: bytes, start_response: StartResponse) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


def _send_raw(environ: Environ, answer: Answer, fault: Fault) -> None:
    """Drip or cut the answer by hand; the caller resets the connection afterwards, werkzeug must not write again."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is None:
        return
    headers = [(name, value) for name, value in answer.headers if name.lower() not in ("content-length", "connection")]
    headers += [("Content-Length", str(len(answer.body))), ("Connection", "close")]
    head = f"HTTP/1.1 {answer.status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    try:
        if fault.kind == "truncate":
            connection.sendall(head.encode("latin-1") + answer.body[: len(answer.body) // 2])
            _close(connection)
        elif fault.kind == "drip_headers":
            _drip(connection, head.encode("latin-1"), fault.seconds)
            connection.sendall(answer.body)
            _close(connection)
        else:
            connection.sendall(head.encode("latin-1"))
            _drip(connection, answer.body, fault.seconds)
            _close(connection)
    except OSError:
        pass  # the client has given up, which is the point of it
    raise ConnectionAbortedError("the answer was sent by hand")


def _drip(connection: socket.socket, data: bytes, seconds: float) -> None:
    for byte in data:
        connection.sendall(bytes((byte,)))
        time.sleep(seconds / max(len(data), 1))


def _close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def _reset(environ: Environ) -> ConnectionResetError:
    """RST in place of an answer: no FIN, so the client cannot take it for an orderly end."""
    connection: socket.socket | None = environ.get("werkzeug.socket")
    if connection is not None and connection.fileno() >= 0:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
    return ConnectionResetError("reset by order")

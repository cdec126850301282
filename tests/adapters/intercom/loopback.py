"""A real HTTP server on loopback whose answers a test lays out: python-intercom speaks httpx, so sockets are the honest way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]


@dataclass
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: Any
    query: str = ""

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Workspace:
    """`answers["GET /me"]` is what that call gets: a body, (status, body), raw bytes, or a function of the call.

    A call without an answer gets 404 like an unknown resource.
    """

    address: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[str]:
        return [call.line for call in self.calls]

    def answer(self, call: Call) -> tuple[int, bytes]:
        found = self.answers.get(call.line, (404, {"type": "error.list", "errors": [{"code": "not_found"}]}))
        if callable(found):
            found = found(call)
        status, body = found if isinstance(found, tuple) else (200, found)
        return status, body if isinstance(body, bytes) else json.dumps(body).encode()


@contextmanager
def serving() -> Iterator[Workspace]:
    workspace = Workspace()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(workspace))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    workspace.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield workspace
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(workspace: Workspace) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, path, headers, json.loads(body) if body else None, query)
            workspace.calls.append(call)
            try:
                status, content = workspace.answer(call)
            except ConnectionResetError:  # the test wants the connection to break before an answer
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **workspace.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


def breaking(_: Call) -> Answer:
    raise ConnectionResetError


Answering = Callable[[Call], Answer]

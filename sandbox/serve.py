"""Running stand-ins on loopback: one for a test, all of them for `deskhand sandbox`.

with running(ZendeskDesk()) as address: ...
"""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

HOST = "127.0.0.1"
PORTS = {"zendesk": 8711, "intercom": 8712, "freshdesk": 8713, "model": 8714}


def _chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece) if piece else b""


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive
    disable_nagle_algorithm = True  # head and body are two writes: without this each answer waits 40 ms
    timeout = 60

    def log(self, type: str, message: str, *args: Any) -> None:
        pass

    def run_wsgi(self) -> None:
        """One answer. werkzeug's own would close after each, and wait 10 ms for what is left of the request; here the
        body is read first, so the connection can go on. An iterable without a length is sent in chunks as it comes."""
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._body(environ))
        answer: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            answer[:] = [status, headers]
            return None

        try:
            chunks = self.server.app(environ, start_response)
            try:
                self._send(answer, chunks)
            finally:
                if close := getattr(chunks, "close", None):
                    close()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _body(self, environ: dict[str, Any]) -> bytes:
        if environ.get("wsgi.input_terminated"):
            return bytes(environ["wsgi.input"].read())
        return self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))

    def _send(self, answer: list[Any], chunks: Iterable[bytes]) -> None:
        """Head and first piece in one write: two would cost the client a wait."""
        pieces = iter(chunks)
        first = next(pieces, b"")
        status, headers = answer
        names = {name.lower() for name, _ in headers}
        is_empty = status[:3] in ("204", "304") or status[0] == "1" or self.command == "HEAD"
        is_chunked = "content-length" not in names and not is_empty
        extra = [("Transfer-Encoding", "chunked")] if is_chunked else []
        if self.headers.get("Connection", "").lower() == "close" or self.request_version != "HTTP/1.1":
            self.close_connection = True
            extra.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {status}", *([] if "date" in names else [f"Date: {self.date_time_string()}"])]
        head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in [*headers, *extra]), "", ""]).encode("latin-1")
        framed = _chunk if is_chunked else bytes
        self.wfile.write(head + framed(first))
        for piece in pieces:
            self.wfile.write(framed(piece))
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def handle(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # a connection that we reset ourselves
            super().handle()


class _Server(ThreadedWSGIServer):
    """Knows its open connections, so that a stop ends kept-alive ones too."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, app: Any) -> None:
        self._open: set[socket.socket] = set()
        self._workers: set[threading.Thread] = set()
        self._open_lock = threading.Lock()
        super().__init__(HOST, port, app, handler=_Handler)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
            self._workers.add(threading.current_thread())
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._open_lock:
                self._open.discard(request)
                self._workers.discard(threading.current_thread())

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # the connection is gone; what matters is in the effect log

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        with self._open_lock:
            connections, workers = list(self._open), list(self._workers)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue
        for worker in workers:
            worker.join(timeout=2)


@contextmanager
def serving(app: Any, port: int = 0) -> Iterator[str]:
    """Any WSGI application on loopback (0: a free port), with keep-alive and threads; yields its base URL."""
    server = _Server(port, app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True, name="sandbox")
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.end()
        thread.join(timeout=5)


@contextmanager
def running(desk: Any, port: int = 0) -> Iterator[str]:
    """A desk (or anything with `app()`) on loopback; yields its base URL, and stops its webhook sender at the end."""
    with serving(desk.app(), port) as address:
        desk.address = address
        try:
            yield address
        finally:
            if sender := getattr(desk, "webhooks", None):
                sender.stop()


def serve(
    desks: dict[str, Any],
    *,
    ports: dict[str, int] | None = None,
    say: Callable[[str], None] = print,
    until: threading.Event | None = None,
) -> None:
    """Run desks by name until `until` is set (or for ever); says one line per desk, then `sandbox ready`.

    `ports`: by name, PORTS otherwise. Raises OSError where a port is taken.
    """
    with ExitStack() as stack:
        for name, desk in desks.items():
            address = stack.enter_context(running(desk, (ports or PORTS)[name]))
            say(f"{name} {address}")
        say("sandbox ready")
        (until or threading.Event()).wait()


def ports_from(base: int) -> dict[str, int]:
    """The four ports from a base on: 8711 gives PORTS."""
    return {name: base + place for place, name in enumerate(PORTS)}

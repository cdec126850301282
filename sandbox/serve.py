"""Running stand-ins on loopback: one for a test, all of them for `deskhand sandbox`.

with running(ZendeskDesk()) as address: ...
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

HOST = "127.0.0.1"
PORTS = {"zendesk": 8711, "intercom": 8712, "freshdesk": 8713, "model": 8714}


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # keep-alive
    disable_nagle_algorithm = True  # head and body are two writes: without this each answer waits 40 ms
    timeout = 60

    def log(self, type: str, message: str, *args: Any) -> None:
        pass

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        self.close_connection = True

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

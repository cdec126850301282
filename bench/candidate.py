# mypy: ignore-errors
"""The receiver on waitress instead of our own listener: `python -m bench.candidate --config config.yaml`.

waitress hands only whole requests to threads. What it does not do is here: a deadline for the whole of a request, JSON answers,
slots that give way to newcomers, several processes on one socket, an orderly end.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import re
import signal
import socket
import sys
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import BadRequest

from bot.config import Config, load
from bot.intake.metrics import clean, folder_of, share
from bot.log import set_up
from bot.shared.heartbeat import Pulse
from bot.store.database.engine import make_engine
from webhooks import create_app

READ_S, IDLE_S, DRAIN_S = 20.0, 5.0, 10.0
MOST_CONNECTIONS = 1000
THREADS = 32
GUARDED = "UNGUARDED" not in os.environ


_BLANKS = re.compile(rb"[ \t]{65}")
_CODING = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)


class Parser(HTTPRequestParser):
    """Without the guards: a request line of 30 kB (a scheme, digits) takes waitress 75 s, a header of 32 kB of blanks 4 s."""

    def parse_header(self, header_plus: bytes) -> None:
        line = header_plus.partition(b"\r\n")[0]
        if not GUARDED:
            super().parse_header(header_plus)
            return
        is_odd = len(line) > 4094 or b" /" not in line[:20]
        if is_odd or _BLANKS.search(header_plus) or len(_CODING.findall(header_plus)) > 1:
            raise ParsingError("odd")
        super().parse_header(header_plus)
        if self.chunked and ("CONTENT_LENGTH" in self.headers or self.version != "1.1"):
            raise ParsingError("two lengths")

    def received(self, data: bytes) -> int:
        taken = super().received(data)
        if self.chunked and not self.completed and len(self.body_rcv.control_line) > 100:
            self.error, self.completed = BadRequest("odd"), True
        return int(taken)


class TooSlow:
    code, reason = 408, "Request Timeout"


class JsonError(ErrorTask):
    def execute(self) -> None:
        status = {500: 503, 501: 400}.get(self.request.error.code, self.request.error.code)
        body = json.dumps({"status": status}).encode()
        self.status = f"{status} {HTTPStatus(status).phrase}"
        self.response_headers = [("Content-Type", "application/json")]
        if status == 503:
            self.response_headers.append(("Retry-After", "15"))
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):
    parser_class = Parser
    error_task_class = JsonError
    begun_at = 0.0

    def received(self, data: bytes) -> bool:
        if self.request is None:
            self.begun_at = time.time()
        return bool(super().received(data))

    def end_slow(self) -> None:
        with self.requests_lock:
            if self.request is None or self.requests:
                return
            self.request.error, self.request.completed = TooSlow, True
            self.requests.append(self.request)
            self.request = None
            self.server.add_task(self)


class WaitressServer(TcpWSGIServer):
    channel_class = Channel

    def handle_accept(self) -> None:
        if len(self.active_channels) >= MOST_CONNECTIONS:
            at_rest = [each for each in self.active_channels.values() if not each.requests]
            if at_rest:
                min(at_rest, key=lambda each: (each.request is not None, each.last_activity)).handle_close()
        super().handle_accept()

    def maintenance(self, now: float) -> None:
        for channel in list(self.active_channels.values()):
            if channel.request is not None and now - channel.begun_at > READ_S:
                channel.end_slow()
            elif not channel.requests and channel.request is None:
                is_new = channel.last_activity == channel.creation_time
                if now - channel.last_activity > (READ_S if is_new else IDLE_S):
                    channel.will_close = True


def serve(config: Config, listening: socket.socket) -> None:
    """One process, until SIGTERM."""
    share(folder_of(config))
    ending: list[int] = []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(1))
    server = config.settings.server
    adj = Adjustments(
        sockets=[listening],
        threads=THREADS,
        connection_limit=MOST_CONNECTIONS + 50,
        channel_timeout=5,
        cleanup_interval=1,
        asyncore_use_poll=True,
        ident=None,
        max_request_body_size=server.max_body_bytes + 1,
        max_request_header_size=32_768,
        inbuf_overflow=2 * server.max_body_bytes,
        backlog=2048,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,
    )
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(THREADS)
    sockinfo = (listening.family, listening.type, listening.proto, listening.getsockname())
    sockets: dict[int, Any] = {}
    with Pulse(make_engine(config.database_url), "receiver").beating():
        here = WaitressServer(
            create_app(config), sockets, True, listening, dispatcher=dispatcher, adj=adj, bind_socket=False, sockinfo=sockinfo
        )
        while not ending:
            wasyncore.loop(timeout=1, use_poll=True, map=sockets, count=1)
        here.accepting = False
        here.close()
        ends_at = time.time() + DRAIN_S
        while time.time() < ends_at and any(
            each.requests or each.total_outbufs_len or each.request for each in here.active_channels.values()
        ):
            wasyncore.loop(timeout=0.1, use_poll=True, map=sockets, count=1)
    os._exit(0)


def main() -> int:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--config", type=Path, required=True)
    config = load(arguments.parse_args().config)
    set_up(config.settings.log_level)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    clean(folder_of(config))
    server = config.settings.server
    listening = socket.create_server((server.host, server.port), backlog=2048)
    ending: list[int] = []
    children: set[int] = set()
    signal.signal(signal.SIGTERM, lambda *_: ending.append(1))
    sys.stderr.write(f"the receiver listens on http://{server.host}:{server.port}\n")
    while not ending:
        while len(children) < server.workers:
            pid = os.fork()
            if not pid:
                serve(config, listening)
            children.add(pid)
        with suppress(ChildProcessError):
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid:
                sys.stderr.write(f"process {pid} exited with code {status}\n")
                children.discard(pid)
        time.sleep(0.1)
    for pid in children:
        os.kill(pid, signal.SIGTERM)
    for pid in children:
        os.waitpid(pid, 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())

# mypy: ignore-errors
"""The bare endpoint under stock waitress, two processes: `python -m bench.candidate_bare --config config.yaml`."""

import logging
import os
import signal
import socket
import sys
from pathlib import Path

from waitress import create_server

from bench.endpoints import bare
from bot.config import load

if __name__ == "__main__":
    config = load(Path(sys.argv[2]))
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = config.settings.server
    listening = socket.create_server((server.host, server.port), backlog=2048)
    children = []
    for _ in range(server.workers):
        if not (pid := os.fork()):
            create_server(
                bare(config), sockets=[listening], threads=server.threads, asyncore_use_poll=True, connection_limit=1000
            ).run()
        children.append(pid)
    signal.signal(signal.SIGTERM, lambda *_: [os.kill(each, signal.SIGKILL) for each in children])
    for pid in children:
        os.waitpid(pid, 0)

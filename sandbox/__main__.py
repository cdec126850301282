"""`python -m sandbox` (`deskhand sandbox`): the three stand-in helpdesks and the stand-in model endpoint, on loopback."""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from sandbox.freshdesk import FreshdeskDesk, Limits
from sandbox.intercom import IntercomDesk
from sandbox.model import Endpoint
from sandbox.serve import PORTS, ports_from, serve
from sandbox.stories.config import SECRETS
from sandbox.zendesk import ZendeskDesk


def main() -> int:
    """Serve until SIGTERM or Ctrl-C. 2 where a port is taken."""
    parser = argparse.ArgumentParser(prog="deskhand sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=PORTS["zendesk"], help="the first of four ports (default: %(default)s)")
    parser.add_argument("--webhooks-to", metavar="URL", help="the receiver: http://127.0.0.1:8080/webhooks")
    parser.add_argument("--time-scale", type=float, default=0.01, help="times the vendors' retry waits (default: %(default)s)")
    parser.add_argument("--plan", type=int, metavar="N", help="Freshdesk's plan, in credits a minute (default: no limit)")
    parser.add_argument("--included", type=int, default=2, metavar="N", help="credits of each `include` (default: %(default)s)")
    chosen = parser.parse_args()
    until = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: until.set())
    desks = {
        kind.name: kind(
            secret=SECRETS[kind.name],
            target=f"{chosen.webhooks_to.rstrip('/')}/{kind.name}" if chosen.webhooks_to else None,
            time_scale=chosen.time_scale,
        )
        for kind in (ZendeskDesk, IntercomDesk, FreshdeskDesk)
    }
    desks["freshdesk"].limits = Limits(per_minute=chosen.plan, included=chosen.included)
    try:
        serve({**desks, "model": Endpoint()}, ports=ports_from(chosen.port), say=_say, until=until)
    except OSError as error:
        sys.stderr.write(f"the sandbox cannot listen: {error.strerror}; name another first port with --port\n")
        return 2
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

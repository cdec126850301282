"""F80: a certificate that nobody vouches for, a name that does not resolve, an address that swallows everything. Nothing is sent,
it is tried again later, and nowhere can the check of certificates be switched off."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import requests

from adapters.errors import HelpdeskDown
from adapters.helpdesk import identity_of
from adapters.ticket import Provider
from adapters.transport import Transport
from bot.config import Settings
from tests.faults.common import assert_written_once, burnt, let_time_pass, outage, set_aside, work_once
from tests.harness.deskhand import deskhand

ROOT = Path(__file__).parents[3]
SELF_SIGNED = Path(__file__).parents[1] / "self_signed.pem"


@contextmanager
def unvouched() -> Iterator[tuple[str, list[bytes]]]:
    """An HTTPS server with a certificate of its own making, and what it was told after the handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SELF_SIGNED)
    told: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                    with context.wrap_socket(connection, server_side=True) as wrapped:
                        told.append(wrapped.recv(1000))
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}", told
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(5)


@contextmanager
def swallowing() -> Iterator[str]:
    """A port whose queue is full: whoever connects waits for ever."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listening.getsockname())
        time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def write_to(address: str, **verify: bool) -> None:
    session = requests.Session()
    session.verify = verify.get("verify", True)
    session.mount(address, Transport(address, allow_private=True, connect_s=0.3, deadline_s=3.0))
    session.put(f"{address}/api/v2/tickets/1", json={}, headers={"Authorization": "canary-token"})


@pytest.mark.parametrize("verify", [True, False])
def test_F80_a_certificate_that_nobody_vouches_for_gets_no_request(verify: bool) -> None:
    with unvouched() as (address, told), pytest.raises(HelpdeskDown, match="no connection"):
        write_to(address, verify=verify)

    assert b"".join(told) == b""


def test_F80_an_address_that_swallows_everything_is_given_up_soon() -> None:
    with swallowing() as address:
        began = time.monotonic()
        with pytest.raises(HelpdeskDown, match="no connection"):
            write_to(address)

        assert time.monotonic() - began < 2


def test_F80_a_helpdesk_that_cannot_be_reached_is_tried_again_later(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        ticket = outage(run)
        account = run.config.settings.accounts[0]
        elsewhere = account.model_copy(update={"address": "http://nobody.invalid"})
        # An account that points elsewhere would be held: this is about an address that does not answer.
        run.parts.known_helpdesks.add(f"freshdesk {identity_of(Provider.FRESHDESK, elsewhere.address)}")
        for each in (elsewhere, account):
            settings = run.config.settings.model_copy(update={"accounts": (each,)})
            object.__setattr__(run.config, "settings", settings)
            let_time_pass(run)
            work_once(run, ticket)
            assert burnt(run, ticket)[0] == (1 if each is elsewhere else 0)

        run.settle(60)
        assert_written_once(run, ticket)
        assert not set_aside(run)


def test_F80_no_setting_and_no_line_switches_the_check_off() -> None:
    switched_off = re.compile(
        r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|_create_unverified_context|disable_warnings"
    )
    code = [*ROOT.glob("*.py"), *(path for part in ("adapters", "bot", "rules") for path in (ROOT / part).rglob("*.py"))]

    assert len(code) > 100
    assert [path for path in code if switched_off.search(path.read_text(encoding="utf-8"))] == []
    assert not re.search(r"verify|insecure|tls", str(Settings.model_json_schema()).lower())

"""F115: addresses that lead into the own network (metadata services, this machine), as written or as a name resolves, at the
first call or after its DNS has changed: not connected to, unless `allow_private` says that it is meant."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from adapters import addresses
from adapters.addresses import AddressPrivate, is_private, is_public_ip, resolve
from adapters.errors import HelpdeskDown
from adapters.transport import Transport
from bot.config import ConfigInvalid, ModelSettings, load
from bot.drafts.llm.chat_completion import ChatClient, CompletionFailed, get_ready

LOCAL = [
    "http://169.254.169.254/latest/meta-data",
    "http://metadata.google.internal/",
    "http://localhost:8080",
    "http://LOCALHOST.",
    "http://127.0.0.1",
    "http://127.1",
    "http://2130706433",
    "http://0x7f000001",
    "http://0177.0.0.1",
    "http://0",
    "http://[::1]",
    "http://[::ffff:169.254.169.254]",
    "http://[64:ff9b::7f00:1]",
    "http://[2002:7f00:1::]",
    "http://[fe80::1]",
    "http://[fd00:ec2::254]",
    "http://10.1.2.3",
    "http://172.16.0.1",
    "http://192.168.0.1",
    "http://100.64.0.1",
    "http://224.0.0.1",
    "http://redis:6379",
    "http://printer.local",
    "https://example.com@127.0.0.1/",
    "http://[::1",
]
SETTINGS = """marker_key: a-key-for-tests-and-nothing-else
rules: []
accounts:
  - name: desk
    provider: intercom
    address: {address}
    credentials: {{token: t}}
    webhook: {{secrets: [s]}}
drafts: {{model: {{base_url: "{model}", name: m}}}}
"""


@pytest.mark.parametrize("url", LOCAL)
def test_F115_a_local_address_is_refused_in_every_spelling(tmp_path: Path, url: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(SETTINGS.format(address=f'"{url}"', model=url), encoding="utf-8")

    assert is_private(url)
    with pytest.raises(ConfigInvalid) as caught:
        load(path, {})

    assert sum("private or local" in str(each) for each in caught.value.problems) == 2


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_F115_public_addresses_are_public(address: str) -> None:
    assert is_public_ip(address)


class Names:
    """A resolver that answers from a list, one entry a question, the last one for ever."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (each, port)) for each in found.split()]


@pytest.fixture
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A service of the own network: its port, and what it was sent."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)

        def serve() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    with connection:
                        connection.settimeout(2)
                        seen.append(connection.recv(65536))
                        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], seen


@contextmanager
def names(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Iterator[Names]:
    with monkeypatch.context() as patched:
        made = Names(*answers)
        patched.setattr(socket, "getaddrinfo", made)
        yield made


def _call(address: str, *, allow_private: bool = False) -> requests.Response:
    session = requests.Session()
    session.mount("http://", Transport(address, allow_private=allow_private, deadline_s=5, connect_s=1))
    return session.put(f"{address}/x", data="{}", headers={"Authorization": "Bearer canary"})


def test_F115_a_helpdesks_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, listening: tuple[int, list[bytes]]
) -> None:
    port, seen = listening
    with names(monkeypatch, "127.0.0.1"), pytest.raises(HelpdeskDown, match=r"desk\.example is a private or local address"):
        _call(f"http://desk.example:{port}")

    assert seen == []


def test_F115_where_it_is_meant_it_is_connected_to(monkeypatch: pytest.MonkeyPatch, listening: tuple[int, list[bytes]]) -> None:
    port, seen = listening
    with names(monkeypatch, "127.0.0.1"):
        assert _call(f"http://desk.example:{port}", allow_private=True).status_code == 200

    assert len(seen) == 1


def test_F115_a_name_that_changes_after_it_was_looked_at_gains_nothing(
    monkeypatch: pytest.MonkeyPatch, listening: tuple[int, list[bytes]]
) -> None:
    """Rebinding: public when it is checked, private when it would be asked again. It is asked once for each connection."""
    port, seen = listening
    connected: list[str] = []

    def connect(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        connected.append(address[0])
        raise OSError("nobody is reached in a test")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    with names(monkeypatch, "203.0.113.7", "127.0.0.1") as resolver, pytest.raises(HelpdeskDown):
        monkeypatch.setattr(addresses, "is_public_ip", lambda address: address == "203.0.113.7")
        _call(f"http://desk.example:{port}")

    assert (resolver.asked, connected, seen) == (1, ["203.0.113.7"], [])


def test_F115_of_several_addresses_the_private_ones_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with names(monkeypatch, "127.0.0.1 8.8.8.8 10.0.0.1"):
        assert resolve("desk.example", 443, allow_private=False) == ["8.8.8.8"]
        assert resolve("desk.example", 443, allow_private=True) == ["127.0.0.1", "8.8.8.8", "10.0.0.1"]
    with names(monkeypatch, "127.0.0.1 10.0.0.1"), pytest.raises(AddressPrivate, match="write allow_private: true"):
        resolve("desk.example", 443, allow_private=False)


def test_F115_intercoms_client_goes_the_same_way(monkeypatch: pytest.MonkeyPatch, listening: tuple[int, list[bytes]]) -> None:
    port, seen = listening
    way_out = Transport(f"http://desk.example:{port}").for_httpx()
    with names(monkeypatch, "127.0.0.1"), httpx.Client(transport=way_out) as client, pytest.raises(HelpdeskDown):
        client.get(f"http://desk.example:{port}/x")

    assert seen == []


def _ask(base_url: str, *, allow_private: bool = False) -> None:
    settings = ModelSettings(base_url=base_url, name="m", timeout_s=5, allow_private=allow_private, api_key="canary")  # type: ignore[arg-type]
    get_ready()
    ChatClient().complete(settings, [{"role": "user", "content": "Hello"}], time.monotonic() + 5)


def test_F115_a_models_name_that_leads_inside_is_not_connected_to(
    monkeypatch: pytest.MonkeyPatch, listening: tuple[int, list[bytes]]
) -> None:
    port, seen = listening
    with names(monkeypatch, "127.0.0.1"), pytest.raises(CompletionFailed, match="leads into a private network") as caught:
        _ask(f"http://model.internal:{port}/v1")

    assert (seen, caught.value.is_free) == ([], True)


def test_F115_a_model_in_the_own_network_may_be_meant(
    monkeypatch: pytest.MonkeyPatch, listening: tuple[int, list[bytes]]
) -> None:
    port, seen = listening
    with names(monkeypatch, "127.0.0.1"), pytest.raises(CompletionFailed, match="something else than a completion"):
        _ask(f"http://model.internal:{port}/v1", allow_private=True)

    assert seen[0].startswith(b"POST /v1/chat/completions")
    assert f"host: model.internal:{port}".encode() in seen[0].lower()  # the name stays, for certificates and virtual hosts


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_F115_a_redirect_is_not_followed(listening: tuple[int, list[bytes]], status: str) -> None:
    port, seen = listening
    answer = f"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:{port}/latest\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with socket.create_server(("127.0.0.1", 0)) as outside:

        def serve() -> None:
            for _ in range(2):
                connection, _ = outside.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer.encode())

        threading.Thread(target=serve, daemon=True).start()
        address = f"http://127.0.0.1:{outside.getsockname()[1]}"
        with pytest.raises(Exception, match="the helpdesk answered 30"):
            _call(address, allow_private=True)
        with pytest.raises(CompletionFailed, match="endpoint answered 30"):
            _ask(f"{address}/v1", allow_private=True)

    assert seen == []


def test_F115_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch, listening: tuple[int, list[bytes]]) -> None:
    port, seen = listening
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{port}")

    with pytest.raises(HelpdeskDown, match=r"no connection to desk\.invalid"):
        _call("http://desk.invalid")
    with pytest.raises(CompletionFailed, match="cannot be reached"):
        _ask("https://model.invalid/v1")

    assert seen == []

"""The way out to a model: by addresses that were looked at, under the name that was asked for."""

from __future__ import annotations

import httpx2
import pytest

from adapters.addresses import AddressPrivate
from bot.drafts.llm import pinned_transport
from bot.drafts.llm.pinned_transport import WayOut


class Wire(httpx2.BaseTransport):
    """Connects to nothing: notes where it was sent to, and fails at `dead` addresses."""

    def __init__(self, *dead: str) -> None:
        self.dead = dead
        self.seen: list[tuple[str, str, object]] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append((request.url.host, request.headers["host"], request.extensions["sni_hostname"]))
        if request.url.host in self.dead:
            raise httpx2.ConnectError("nobody is there", request=request)
        return httpx2.Response(200)


def way_out(monkeypatch: pytest.MonkeyPatch, wire: Wire, *addresses: str) -> WayOut:
    monkeypatch.setattr(pinned_transport, "resolve", lambda host, port, allow_private: list(addresses))
    monkeypatch.setattr(httpx2, "HTTPTransport", lambda **_: wire)
    return WayOut(allow_private=False)


def test_it_connects_to_the_address_and_keeps_the_name_for_host_and_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire()

    way_out(monkeypatch, wire, "203.0.113.7").handle_request(httpx2.Request("POST", "https://model.example/v1"))

    assert wire.seen == [("203.0.113.7", "model.example", "model.example")]


def test_the_next_address_is_tried_where_one_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire("203.0.113.7")

    found = way_out(monkeypatch, wire, "203.0.113.7", "203.0.113.8").handle_request(httpx2.Request("POST", "https://m.example"))

    assert found.status_code == 200
    assert [host for host, _, _ in wire.seen] == ["203.0.113.7", "203.0.113.8"]


def test_where_no_address_answers_it_fails_as_a_connection_does(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire("203.0.113.7", "203.0.113.8")

    with pytest.raises(httpx2.ConnectError):
        way_out(monkeypatch, wire, *wire.dead).handle_request(httpx2.Request("POST", "https://m.example"))


def test_a_private_address_is_refused_and_is_the_cause() -> None:
    with pytest.raises(httpx2.ConnectError) as caught, httpx2.Client(transport=WayOut(allow_private=False)) as client:
        client.post("http://127.0.0.1:9/v1")

    assert isinstance(caught.value.__cause__, AddressPrivate)

"""Which addresses are private, however they are written, and what may be connected to."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from adapters.addresses import AddressPrivate, is_private, is_public_ip, resolve


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1",
        "http://2130706433/",
        "http://0x7f.1",
        "http://[::1]/",
        "http://desk.internal",
        "http://desk",
        "http://[::1",
    ],
)
def test_a_private_address_is_known_in_every_spelling(url: str) -> None:
    assert is_private(url)


@pytest.mark.parametrize("url", ["https://acme.zendesk.com", "https://8.8.8.8/x", "https://[2606:4700::1111]/"])
def test_an_address_of_the_internet_is_not_private(url: str) -> None:
    assert not is_private(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("224.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::808:808", True),
        ("2002:a00:1::", False),
    ],
)
def test_an_ipv4_address_inside_ipv6_is_judged_as_what_it_reaches(address: str, public: bool) -> None:
    assert is_public_ip(address) is public


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="desk"):
        is_public_ip("desk")


def answering(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    found: list[Any] = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_kwargs: found)


def test_only_the_public_addresses_of_a_name_are_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "10.0.0.1", "8.8.8.8", "8.8.8.8")

    assert resolve("desk.example.com", 443, allow_private=False) == ["8.8.8.8"]
    assert resolve("desk.example.com", 443, allow_private=True) == ["10.0.0.1", "8.8.8.8"]


def test_a_name_of_private_addresses_alone_says_how_to_allow_it(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "10.0.0.1")

    with pytest.raises(AddressPrivate, match="allow_private: true"):
        resolve("desk.example.com", 443, allow_private=False)


def test_a_name_that_is_none_does_not_resolve() -> None:
    with pytest.raises(socket.gaierror):
        resolve("a" * 70 + ".example.com", 443, allow_private=False)

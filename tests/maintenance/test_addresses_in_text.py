"""An address is found however it is written, and only that address."""

from __future__ import annotations

import json
from html import escape
from urllib.parse import quote, urlencode

import pytest

from bot.maintenance.addresses_in_text import AddressFinder, spellings

ADDRESSES = (
    "nina@northwind.example",
    "nina+test@northwind.example",
    "o'neil@northwind.example",
    "jürgen@bücher.example",
    "a.b-c_d@mail.northwind.example",
    "李雷@northwind.example",
)
WRITTEN = (
    lambda address: address,
    lambda address: address.upper(),
    lambda address: f"<{address}>, more",
    lambda address: f"mailto:{address}?subject=x",
    lambda address: f"See {address}. Thanks",
    lambda address: urlencode({"from": address, "text": "x"}),
    lambda address: quote(address, safe=""),
    lambda address: json.dumps({"from": address}),
    lambda address: json.dumps({"from": address.title()}, ensure_ascii=False),
    lambda address: json.dumps({"text": f"Hello\n{address}\tbye"}),
    lambda address: json.dumps(json.dumps({"from": address})),
    lambda address: escape(f"<a href='{address}'>"),
    lambda address: "".join(f"&#{ord(char)};" for char in address),
    lambda address: json.dumps({"html": escape(address, quote=True)}),
    lambda address: urlencode({"payload": json.dumps({"from": address})}),
)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("write", WRITTEN)
def test_an_address_is_found_in_every_writing(address: str, write: object) -> None:
    assert callable(write)
    assert AddressFinder([address]).is_in(write(address).encode())


def test_a_domain_is_found_in_either_spelling() -> None:
    assert spellings("Jürgen@BÜCHER.example") == ["jürgen@bücher.example", "jürgen@xn--bcher-kva.example"]
    assert AddressFinder(["jürgen@xn--bcher-kva.example"]).is_in("von jürgen@bücher.example".encode())


@pytest.mark.parametrize(
    "other",
    [
        "joanna@northwind.example",
        "x.anna@northwind.example",
        "x+anna@northwind.example",
        "anna@northwind.example.com",
        "anna@northwind.examples",
        "anna@northwind.example-shop.com",
        "anna at northwind.example",
        "hannah@northwind.example",
        "o'anna@northwind.example",
    ],
)
def test_another_address_is_not_taken_for_it(other: str) -> None:
    assert not AddressFinder(["anna@northwind.example"]).is_in(json.dumps({"from": other}).encode())


def test_bytes_that_are_no_text_are_looked_through_all_the_same() -> None:
    assert AddressFinder(["nina@x.example"]).is_in(b"\xff\xfe nina@x.example \x80")
    assert not AddressFinder([]).is_in(b"nina@x.example")

"""Signatures: short blocks of names and addresses, and nothing of what people write below a thank-you."""

from __future__ import annotations

import pytest

from bot.senses.reading import read
from bot.senses.reading.lines import to_lines
from bot.senses.reading.signatures import is_closing, is_device_line, is_name_line, is_postscript
from tests.senses.reading.samples import reading_of, tree


@pytest.mark.parametrize("line", tree("headings")["devices"])
def test_a_device_line_goes_and_what_stands_below_stays(line: str) -> None:
    assert read(f"It fails.\n\n{line}\n").own == "It fails."
    assert read(f"It works.\n\n{line}\n\nNo, it does not work after all.").own.endswith("No, it does not work after all.")


@pytest.mark.parametrize(
    "line",
    [
        "Sent with the wrong address on it",
        "Verzonden met PostNL, nooit aangekomen.",
        "Gesendet mit DHL am 3.3., nie angekommen.",
        "Envoyé par la poste le 3 mars",
        "Enviado desde mi almacén con la dirección equivocada",
        "Sent from my iPhone the photos arrive upside down.",
        "My iPhone cannot open it",
        "Get a refund",
    ],
)
def test_a_sentence_is_no_device_line(line: str) -> None:
    assert not is_device_line(line)


@pytest.mark.parametrize(
    "line", ["Jo Field", "Head of Operations, Northwind Ltd", "Tel. +49 40 123456", "Hauptstraße 5", "田中 一郎", "otto"]
)
def test_lines_of_a_signature(line: str) -> None:
    assert is_name_line(to_lines(line)[0])


@pytest.mark.parametrize(
    "line",
    [
        "Also, invoice 4412 is wrong.",
        "A encomenda 4412 ainda não chegou e quero cancelar.",
        "Invoice 4412",
        "also the export still stops",
        "What now?",
        "PS: it is down",
        "1. open it",
        "//Jef",
    ],
)
def test_lines_of_no_signature(line: str) -> None:
    assert not is_name_line(to_lines(line)[0])


@pytest.mark.parametrize(
    ("line", "is_one"), [("best regards,", True), ("viele grusse / best regards", True), ("thanks for all", False)]
)
def test_closings(line: str, is_one: bool) -> None:
    assert is_closing(line) is is_one


@pytest.mark.parametrize(("line", "is_one"), [("ps: down", True), ("p.s. down", True), ("psychology", False), ("ps", False)])
def test_postscripts(line: str, is_one: bool) -> None:
    assert is_postscript(line) is is_one


def test_a_card_at_the_end_is_cut_where_it_is_the_authors() -> None:
    mail = "It fails.\n\nAnna Berg\nManaging Director\nTel. 040 123456"

    assert reading_of(mail).own == "It fails."
    assert reading_of(mail, author="Anna Berg").own == "It fails."
    assert "Managing Director" in reading_of(mail, author="Jo Field").own


def test_details_that_were_asked_for_are_no_card() -> None:
    mail = "Here they are:\n\nAnna Berg\nManaging Director\nTel. 040 123456"

    assert reading_of(mail).own == mail

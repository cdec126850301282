"""Legal lines: notices sentence by sentence, imprints at the end only, banners of gateways."""

from __future__ import annotations

import pytest

from bot.senses.reading.lines import to_lines
from bot.senses.reading.notices import mark_legal
from bot.senses.reading.parts import Role


def marked(text: str) -> tuple[str, str]:
    """What is left, and what is legal."""
    lines = to_lines(text)
    mark_legal(lines)
    legal = [line.said for line in lines if line.role is Role.LEGAL]
    return "\n".join(line.said for line in lines if line.is_open), "\n".join(legal)


def test_a_notice_in_the_line_of_the_request_is_told_apart() -> None:
    left, legal = marked("Please send invoice 12. This e-mail is confidential. If it is not for you, delete it.")

    assert left.strip() == "Please send invoice 12."
    assert legal.startswith("This e-mail is confidential.")


def test_who_speaks_for_themselves_below_a_notice_is_heard() -> None:
    left, _ = marked("This e-mail is confidential. Delete it if it is not for you. I want to cancel my contract.")

    assert left.strip() == "I want to cancel my contract."


@pytest.mark.parametrize(
    "text",
    [
        "Your recipient list is wrong, and the copying fails.",
        "I received this email in error from your system.",
        "Is this email confidential and intended only for the addressee?",
        "Please put our VAT number DE123456789 on the invoice.",
        "Geschäftsführer: Anna Berg\nBitte ändern Sie den Namen, er ist falsch geschrieben.",
        "Ich möchte mit dem Geschäftsführer sprechen.",
    ],
)
def test_what_the_customer_says_of_such_things_stays(text: str) -> None:
    assert marked(text) == (text, "")


@pytest.mark.parametrize(
    "line",
    [
        "Northwind GmbH, Sitz Hamburg, Registergericht Hamburg HRB 1234, Geschäftsführer: Anna Berg",
        "Registered in England No. 123. Registered office: 5 High Street",
        "SAS au capital de 10 000 euros, RCS Lyon 123 456 789, SIREN 123456789",
        "Northwind S.r.l. - P.IVA 01234567890 - Amministratore unico: Anna Berg",
        "KvK 12345678 | BTW NL123456789B01 | Directeur: Anna Berg",
        "Managing Director: Anna Berg",
    ],
)
def test_an_imprint_at_the_end_is_legal(line: str) -> None:
    assert marked(f"Please send it again.\n\n{line}") == ("Please send it again.", line)


@pytest.mark.parametrize(
    "line",
    [
        "Erfüllungsort und Gerichtsstand ist Hamburg.",
        "This contract is governed by the laws of England.",
        "Puede ejercer los derechos de acceso y supresión en dpo@campo.example.",
    ],
)
def test_small_print_is_legal(line: str) -> None:
    assert marked(f"It fails.\n\n{line}") == ("It fails.", line)


def test_a_line_that_holds_a_banner_and_much_else_stays() -> None:
    text = "It came as external email. " + "The export stops at the second page for all of us. " * 8

    assert marked(text.strip()) == (text.strip(), "")


def test_a_banner_costs_its_own_paragraph() -> None:
    left, legal = marked("CAUTION: This email originated from outside of the organization.\nDo not click links.\n\nIt fails.")

    assert (left, legal.count("\n")) == ("It fails.", 1)

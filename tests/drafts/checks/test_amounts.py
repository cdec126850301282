"""Amounts as values with their currency, and sentences that give money away."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bot.drafts.checks.amounts import find_amounts, gives_money


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("349,00 EUR", "349", "eur"),
        ("€349", "349", "eur"),
        ("1.234,50 €", "1234.5", "eur"),
        ("$1,234.50", "1234.5", "usd"),
        ("1'234.50 CHF", "1234.5", "chf"),
        ("26% off", "26", "%"),
        ("30 Prozent", "30", "%"),
        ("US$ 20", "20", "usd"),
        ("2k USD", "2000", "usd"),
        ("£5", "5", "gbp"),
        ("₹500", "500", "₹"),
        ("20 dollars", "20", "usd"),
    ],
)
def test_an_amount_is_a_value_and_a_unit(text: str, value: str, unit: str) -> None:
    assert [each.key for each in find_amounts(f"It is {text}.")] == [(Decimal(value), unit)]


@pytest.mark.parametrize(
    "text", ["in 2026", "order 4711", "call +49 30 1234", "3.11.2026", "v2.14.1", "euro 2024-ready?", "R-2026-118"]
)
def test_other_figures_are_no_amounts(text: str) -> None:
    assert [each for each in find_amounts(text) if each.unit != "eur"] == []


@pytest.mark.parametrize(
    "text",
    [
        "We offer a credit of $471.",
        "You get 26% off.",
        "Sie erhalten 20 % Rabatt.",
        "Eine Gutschrift über 50 EUR liegt bei.",
        "Un avoir de 20 € vous attend.",
        "Un descuento del 10 y un abono de 20 EUR.",
        "The next month is free of charge.",
        "$20 back",
    ],
)
def test_money_given_away_is_found(text: str) -> None:
    assert gives_money(text)


@pytest.mark.parametrize(
    "text",
    ["You paid 49 EUR.", "Enter your credit card.", "The plan costs 20 EUR a month.", "A refund takes ten days.", "10 rows back"],
)
def test_money_that_is_only_named_is_not(text: str) -> None:
    assert not gives_money(text)

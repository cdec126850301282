"""What a reply asks for and the customer has given: since when it is so, and for how many."""

from __future__ import annotations

import pytest

from bot.drafts.checks.asked_again import Given

SINCE_AND_HOW_MANY = "Tell us in the ticket since when it happens and how many people cannot work."


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Nothing loads since 9:10, none of us can work.", SINCE_AND_HOW_MANY),
        ("Down for an hour for the whole company.", SINCE_AND_HOW_MANY),
        ("It began this morning.", "Please tell us when it started."),
        ("Seit heute früh geht nichts.", "Bitte teilen Sie uns mit, seit wann das so ist."),
        ("12 Kollegen können nicht arbeiten.", "Bitte nennen Sie uns, wie viele Personen betroffen sind."),
        ("Rien ne marche depuis ce matin.", "Indiquez-nous depuis quand."),
        ("No funciona desde ayer y nadie puede entrar.", "Indique desde cuándo ocurre y cuántas personas lo notan."),
    ],
)
def test_all_that_is_asked_is_given(said: str, asked: str) -> None:
    again, is_all = Given(said).asked_again(asked)

    assert again
    assert is_all


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Nothing loads.", SINCE_AND_HOW_MANY),
        ("Nothing loads since 9:10.", SINCE_AND_HOW_MANY),
        ("Nothing loads for any of the 40 people here.", SINCE_AND_HOW_MANY),
        ("Hier geht nichts mehr.", "Bitte nennen Sie uns, seit wann."),
        ("It is down since 9.", "Please tell us the date of the invoice."),
        ("It is down since 9.", "We have been looking into it since 9:20."),
    ],
)
def test_something_is_still_to_be_asked(said: str, asked: str) -> None:
    again, is_all = Given(said).asked_again(asked)

    assert not (again and is_all)

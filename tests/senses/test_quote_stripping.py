"""Where an e-mail's own words end, line by line: history, own lines among quotes, signatures."""

from __future__ import annotations

import pytest

from bot.senses.quote_stripping import cut_quotes, cut_signature, without_quotes


@pytest.mark.parametrize(
    "history",
    [
        "Am 02.11.2026 um 10:15 schrieb Anna:\n> Hallo",
        "-----Original Message-----\nHello",
        "From: anna@example.com\nTo: otto@example.com\n\nHello",
        "________________________________\nVon: Anna\nGesendet: Montag\n\nHallo",
    ],
)
def test_all_from_the_heading_of_the_history_is_cut(history: str) -> None:
    assert cut_quotes(f"It fails.\n\n{history}").strip() == "It fails."


def test_quotes_that_are_answered_one_by_one_stay() -> None:
    mail = "> Which page?\nThe reports.\n> Since when?\nToday."

    assert cut_quotes(mail) == mail
    assert without_quotes(mail.split("\n")) == ["The reports.", "Today."]


def test_quotes_at_the_end_go_even_without_a_heading_before_the_history() -> None:
    assert cut_quotes("The reports.\n\n> Which page?\n\nOn 2 Nov 2026 at 10:15, Anna wrote:\n> Hello") == "The reports."


def test_below_a_forwarded_mails_headers_its_words_are_kept() -> None:
    mail = "-----Original Message-----\nFrom: anna@example.com\nTo: a list\nof many\n\nPlease help."

    assert cut_quotes(mail).strip() == "Please help."


@pytest.mark.parametrize("text", ["From: me to you, with love", "Date: tomorrow?", "> a\n> b"])
def test_a_single_header_or_nothing_but_quotes_is_no_history(text: str) -> None:
    assert cut_quotes(text) == text


@pytest.mark.parametrize("signature", ["--\nOtto Ops\nNorthwind", "Regards,\nOtto", "Sent from my iPhone\nOtto"])
def test_a_signature_is_cut_unless_it_is_all_there_is(signature: str) -> None:
    assert cut_signature(f"It fails.\n{signature}") == "It fails."
    assert cut_signature(signature) == signature


def test_what_follows_a_closing_at_length_is_no_signature() -> None:
    mail = "It works.\nThanks,\nbut please do explain to all of us why it was down for so long."

    assert cut_signature(mail) == mail

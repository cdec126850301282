"""Small text tools of the drafters: words for searching, plain text without markup, sentences, language."""

from __future__ import annotations

import time

import pytest

from bot.drafts.text import language_of, plain_text, sentences_of, terms
from tests.harness.cpu_time import cpu_seconds_since


def test_words_for_searching_are_folded_short_and_say_something() -> None:
    assert terms("Die Rückerstattung für Größe 12, please!") == ["ruckerstattung", "gros"]
    assert terms("exporting") == terms("EXPORTED")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("invoice", "invoices"),
        ("delete", "deleted"),
        ("cancelled", "cancel"),
        ("installing", "install"),
        ("Passwort", "Passwörtern"),
        ("abgebucht", "abgebuchte"),
        ("exportieren", "export"),
        ("facture", "factures"),
        ("contraseña", "contraseñas"),
    ],
)
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert terms(one) == terms(other)


@pytest.mark.parametrize(
    ("one", "other"), [("account", "accountant"), ("bill", "billion"), ("contact", "contract"), ("user", "use")]
)
def test_words_of_another_meaning_stay_apart(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_links_show_their_address_and_images_vanish_with_theirs() -> None:
    written = "Read [here](https://help.example.com/a) ![a map](https://example.com/x.png)"

    assert plain_text(written) == "Read here (https://help.example.com/a) a map"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("## Title", "Title"),
        ("**Press** `Export`", "Press Export"),
        ("<p>Fish &amp; chips</p>", "Fish & chips"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("one\n\ttwo", "one\n\ttwo"),
        ("[click](javascript:steal)", "click"),
        ("&lt;API_KEY&gt; List<String>", "<API_KEY> List<String>"),
        ("a__b, __init__.py, 2**3 and 4**5, src/**/*.ts", "a__b, __init__.py, 2**3 and 4**5, src/**/*.ts"),
        ("__Note__ **all** of it, 请**点击**按钮", "Note all of it, 请点击按钮"),
        ("**It begins here.", "It begins here."),
        ("می\u200cتوانید", "می\u200cتوانید"),
    ],
)
def test_markup_goes_and_words_stay(written: str, shown: str) -> None:
    assert plain_text(written) == shown


@pytest.mark.parametrize(
    "nested",
    [
        "<<b>script>alert(1)</<b>script>",
        "<`b`>script>alert(1)",
        "<`img src=x>",
        "<\u200bimg src=x>",
        "<**script**>alert(1)",
        "[a]<b>(javascript:steal)",
        "!<i>[a](http://evil.example)",
        "<" * 500 + "b>" * 500,
    ],
)
def test_markup_hidden_in_markup_does_not_come_to_life(nested: str) -> None:
    shown = plain_text(nested)

    assert not any(live in shown for live in ("<script", "<img", "<b", "](", "!["))


def test_deeply_nested_markup_costs_little_time() -> None:
    begun = time.process_time()

    plain_text("<" * 100_000 + "b>" * 100_000)

    assert cpu_seconds_since(begun) < 2


def test_sentences_end_with_a_mark_and_a_space() -> None:
    assert sentences_of("One. Two!\n Three? Version 1.5 is out") == ["One.", "Two!", "Three?", "Version 1.5 is out"]


@pytest.mark.parametrize("code", ["<API_KEY>", "https://example.com/a_b?c=1", "a__b", "ES-2026", "{nombre}"])
def test_code_in_a_sentence_is_of_no_language(code: str) -> None:
    assert language_of(f"Hello Jo,\n\nOpen Settings and put {code} into the header of it.") == "en"


def test_a_text_too_short_has_no_language() -> None:
    assert language_of("Wie geht das?") == ""
    assert language_of("Wie kann ich meine Kontakte in eine Tabelle exportieren und drucken?") == "de"

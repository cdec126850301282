"""A greeting names the customer where the record holds a name, and nobody where it holds something else."""

from __future__ import annotations

import pytest

from bot.drafts.tone.greeting import PersonName, greet, is_greeting, mended, person_name


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "jo.field@field.example",
        "null",
        "undefined",
        "Unknown",
        "N/A",
        "Visitor 88231",
        "[removed]",
        "<Jo>",
        "+49 170 1234567",
        "jo_field92",
        "@jofield",
        "jo.field",
        "https://field.example",
        "Customer",
        "Acme GmbH",
        "Initech Ltd.",
        "Sales Team",
        "12345",
        "🔥🔥",
        "xXdarkLordXx",
        "WhatsApp +49 170",
        "a" * 80,
    ],
)
def test_what_is_no_name_is_not_greeted_with(raw: str) -> None:
    assert person_name(raw) == PersonName()


@pytest.mark.parametrize(
    ("raw", "given", "whole"),
    [
        ("Jo", "Jo", "Jo"),
        ("Ivan Initech", "Ivan", "Ivan Initech"),
        ("Field, Jo", "Jo", "Jo Field"),
        ("JO FIELD", "Jo", "Jo Field"),
        ("jo field", "Jo", "Jo Field"),
        ("Jo Field (Acme)", "Jo", "Jo Field"),
        ("Dr. Jo Field", "Jo", "Dr. Jo Field"),
        ("Frau Müller", "", "Frau Müller"),
        ("J. Field", "", ""),
        ("Anne-Marie O'Neil", "Anne-Marie", "Anne-Marie O'Neil"),
        ("María José García López", "María", "María José García López"),
        ("Jo McDonald", "Jo", "Jo McDonald"),
        ("Jo 🌻 Field", "Jo", "Jo Field"),
        ("Иван Петров", "Иван", "Иван Петров"),
        ("山田太郎", "山田太郎", "山田太郎"),
    ],
)
def test_a_name_is_read_in_its_parts(raw: str, given: str, whole: str) -> None:
    found = person_name(raw)

    assert (found.given, found.whole) == (given, whole)


@pytest.mark.parametrize(
    ("phrase", "language", "raw", "greeting"),
    [
        ("Hello{name},", "en", "Ivan Initech", "Hello Ivan,"),
        ("Hello{name},", "en", "null", "Hello,"),
        ("Hello{name},", "en", "Frau Müller", "Hello,"),
        ("Guten Tag{name},", "de", "Gustav Gross", "Guten Tag Gustav Gross,"),
        ("Guten Tag{name},", "de", "Gustav", "Guten Tag,"),
        ("Guten Tag{name},", "de", "Frau Müller", "Guten Tag Frau Müller,"),
        ("Bonjour{name},", "fr", "Dupont, Jeanne", "Bonjour Jeanne,"),
        ("Hola{name}:", "es", "Ines Initech", "Hola Ines:"),
    ],
)
def test_each_language_greets_in_its_way(phrase: str, language: str, raw: str, greeting: str) -> None:
    assert greet(phrase, language, person_name(raw)) == greeting


@pytest.mark.parametrize(
    ("written", "language", "raw", "shown"),
    [
        ("Hello jo@field.example,", "en", "jo@field.example", "Hello,"),
        ("Hello null,", "en", "null", "Hello,"),
        ("Hello Visitor 88231,", "en", "Visitor 88231", "Hello,"),
        ("Hello Ivan Initech,", "en", "Ivan Initech", "Hello Ivan,"),
        ("Hello Field, Jo,", "en", "Field, Jo", "Hello Jo,"),
        ("Dear Mr. Initech,", "en", "Ivan Initech", "Dear Ivan,"),
        ("Hello Bob,", "en", "Ivan Initech", "Hello,"),
        ("Hello Kim,", "en", "Acme GmbH", "Hello Kim,"),
        ("Hi Ivan, the export is in Settings.", "en", "Ivan Initech", "Hi Ivan, the export is in Settings."),
        ("Hi there,", "en", "Ivan Initech", "Hi there,"),
        ("Guten Tag Gustav,", "de", "Gustav Gross", "Guten Tag Gustav Gross,"),
        ("Guten Tag Herr Gross,", "de", "Gustav Gross", "Guten Tag Gustav Gross,"),
        ("Hola Ines:", "es", "Ines Initech", "Hola Ines:"),
        ("Open Settings.", "en", "Ivan Initech", "Open Settings."),
        ("Dear me, the page is long.", "en", "", "Hello, the page is long."),
    ],
)
def test_a_written_greeting_is_mended(written: str, language: str, raw: str, shown: str) -> None:
    assert mended(written, language, person_name(raw), "The export is slow. Thanks, Kim") == shown


def test_a_greeting_is_told_from_a_sentence() -> None:
    assert is_greeting("Hello Jo,")
    assert is_greeting("Guten Tag,")
    assert not is_greeting("Hello Jo, open Settings.")
    assert not is_greeting("Open Settings.")

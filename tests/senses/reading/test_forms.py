"""Forms, files and greetings."""

from __future__ import annotations

import pytest

from bot.senses.reading.forms import is_greeting, mark_files, mark_forms
from bot.senses.reading.lines import to_lines
from bot.senses.reading.parts import Role
from tests.senses.reading.samples import reading_of


def test_what_stands_in_the_message_field_is_the_customers_own() -> None:
    lines = to_lines("Name: Jo\nSubject: Refund\nMessage: I was charged twice.")

    mark_forms(lines)

    assert [line.role for line in lines] == [Role.FORM, Role.FORM, Role.OWN]


@pytest.mark.parametrize("text", ["From: a\nSubject: b", "Name: Jo", "Berlin: cold\nHamburg: wet"])
def test_headers_and_other_labels_are_no_form(text: str) -> None:
    lines = to_lines(text)

    mark_forms(lines)

    assert {line.role for line in lines} == {None}


@pytest.mark.parametrize(
    "line",
    ["[image: screen.png]", "[cid:image001.png@01D]", "screen.png", "Anhang: Rechnung 12.pdf", "<photo.jpg>", "log.txt (12 kB)"],
)
def test_lines_that_only_name_a_file(line: str) -> None:
    lines = to_lines(line)

    mark_files(lines)

    assert lines[0].role is Role.ATTACHMENT


@pytest.mark.parametrize("line", ["Open screen.png: it is black", "see https://x.example/a.png", "[note: it fails]", "It fails."])
def test_sentences_about_files_stay(line: str) -> None:
    lines = to_lines(line)

    mark_files(lines)

    assert lines[0].role is None


@pytest.mark.parametrize(
    "line", ["Hello", "Hi Ann,", "Sehr geehrte Frau Berg,", "Bonjour Madame", "お世話になっております。", "Dear Support Team"]
)
def test_greetings(line: str) -> None:
    assert is_greeting(to_lines(line)[0])


@pytest.mark.parametrize("line", ["Hello, production is down", "Hi there everything is gone", "Hidden costs", "Hello?"])
def test_a_first_line_that_says_more_is_no_greeting(line: str) -> None:
    assert not is_greeting(to_lines(line)[0])


def test_a_message_of_a_picture_alone_has_no_words_of_its_own() -> None:
    assert reading_of("[image: screen.png]").own == ""

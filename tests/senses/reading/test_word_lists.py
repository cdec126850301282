"""The word lists: folded, and found as words where words have edges."""

from __future__ import annotations

import pytest

from bot.senses.reading.folding import folded
from bot.senses.reading.word_lists import WORDS, anywhere, inside, longest_first, parts_of, phrases
from rules.files.yaml_file import plain, read_yaml

LANGUAGES = {"en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "hu", "ro", "el", "ru", "uk", "tr"}
OTHER_SCRIPTS = {"ja", "zh", "ko", "ar", "he"}


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("headings", ("names", "from")),
        ("headings", ("names", "subject")),
        ("headings", ("wrote",)),
        ("headings", ("forward",)),
        ("closings", ("closings",)),
        ("closings", ("greetings",)),
        ("notices", ("sure",)),
        ("speakers", ("staff",)),
        ("forms", ("message",)),
    ],
)
def test_a_list_speaks_at_least_twenty_languages(file: str, part: tuple[str, ...]) -> None:
    found = plain(read_yaml(WORDS / f"{file}.yaml", shown_as=file))
    for step in part:
        found = found[step]

    assert len(set(found) & (LANGUAGES | OTHER_SCRIPTS)) >= 20


def test_phrases_are_folded() -> None:
    found = phrases("closings.closings")

    assert "viele grusse" in found
    assert all(phrase == folded(phrase).strip() for phrase in found)


def test_words_have_edges_where_their_script_has() -> None:
    pattern = anywhere("speakers.staff")

    assert [bool(pattern.search(each)) for each in ("help bot", "robots", "客服小李")] == [True, False, True]


def test_parts_of_a_word_are_found_inside() -> None:
    assert inside("speakers.offers").search("well, how can i help you?")


def test_the_longest_comes_first() -> None:
    lengths = [len(each) for each in longest_first("devices.sent")]

    assert lengths == sorted(lengths, reverse=True)


def test_a_word_knows_its_parts() -> None:
    assert parts_of("headings.names")["a"] == {"to"}
    assert parts_of("headings.names")["od"] == {"from"}

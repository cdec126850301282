"""Phrases in customers' text: whole words, stems, gaps within a sentence, and what is denied."""

from __future__ import annotations

import time

import pytest

from bot.senses.lexicon import MAX_CHARS, Lexicon, lexicon, normal

LEAVING = Lexicon([("leave", 2.0, ["cancel* _ plan", "stop"]), ("leave.now", 1.0, ["stop now"])])


def words(text: str) -> list[str]:
    return [hit.words for hit in LEAVING.find(text)]


def test_text_is_folded_and_pauses_are_marked() -> None:
    assert normal("I CAN’T log-in ＯＫ?").split() == ["i", "can't", "log-in", "ok", "|"]
    assert normal("a,b").split() == ["a", "|", "b"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Cancelling our old plan", ["cancelling our old plan"]),
        ("cancel plan", ["cancel plan"]),
        ("cancel one two three four plan", []),
        ("I cancel. The plan is fine", []),
        ("It stopped, a stopwatch", []),
        ("stop STOP Stop", ["stop"]),
    ],
)
def test_a_phrase_is_whole_words_with_short_gaps_in_one_sentence(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_only_labels_below_the_wanted_one_are_found() -> None:
    assert [(hit.label, hit.weight) for hit in LEAVING.find("stop now", "leave.")] == [("leave.now", 1.0)]


@pytest.mark.parametrize("text", ["I don't want to stop", "never stop", "Wir stop nicht"])
def test_what_is_denied_is_found_but_not_said(text: str) -> None:
    assert [hit.negated for hit in LEAVING.find(text)] == [True]
    assert LEAVING.said(text) == []


@pytest.mark.parametrize("text", ["If this is not fixed, we stop", "If this isn't fixed we stop", "Do not stop. Stop"])
def test_a_denial_of_something_else_does_not_count(text: str) -> None:
    assert [hit.words for hit in LEAVING.said(text)] == ["stop"]


def test_signs_of_patterns_in_a_list_are_taken_as_they_stand() -> None:
    assert Lexicon([("x", 1.0, ["c++ & a/b"])]).find("c++ & a/b")
    assert not Lexicon([("x", 1.0, ["a.b"])]).find("acb")


def test_hostile_text_costs_its_first_letters_only() -> None:
    begun = time.process_time()

    LEAVING.find("cancel a " * 500_000)

    assert len(normal("a" * 1_000_000)) <= MAX_CHARS + 2
    assert time.process_time() - begun < 2


def test_a_list_that_is_not_there_is_an_error() -> None:
    with pytest.raises(Exception, match=r"no_such_list\.yaml"):
        lexicon("no_such_list")

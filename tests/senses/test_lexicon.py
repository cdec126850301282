"""Phrases in customers' text: whole words, stems, gaps within a sentence, and what is denied."""

from __future__ import annotations

import time

import pytest

from bot.senses.lexicon import LISTS, MAX_CHARS, Lexicon, lexicon, normal
from tests.harness.cpu_time import cpu_seconds_since

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


LEAVING_ABROAD = Lexicon(
    [("leave", 1.0, ["kündige*", "résilier", "zrušit", "해지", "구독 취소", "解約", "रद्द करें", "إلغاء", "geschäftsführ*"])]
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ich KÜNDIGE", ["kündige"]),
        ("ich kuendige, ich kundige", ["kuendige", "kundige"]),
        ("je veux resilier", ["resilier"]),
        ("je veux RÉSILIER, ça", ["résilier"]),
        ("chci zrusit účet", ["zrusit"]),
        ("구독해지 부탁드립니다", ["해지"]),
        ("구독취소 해주세요", ["구독취소"]),
        ("구독 취소해주세요", ["구독 취소"]),
        ("本日で解約したいです。", ["解約"]),
        ("कृपया खाता रद्द करें", ["रद्द करें"]),
        ("أريد الغاء الاشتراك", ["الغاء"]),
        ("Frag den GESCHAEFTSFUEHRER", ["geschaeftsfuehrer"]),
        ("ku\u2060endige", ["kuendige"]),
        ("Die Ankündigung", []),
        ("resiliers", []),
    ],
)
def test_a_phrase_is_found_in_whatever_letters_and_shown_as_it_was_written(text: str, found: list[str]) -> None:
    assert [hit.words for hit in LEAVING_ABROAD.find(text)] == found


def test_a_phrase_that_is_marked_so_needs_its_accents() -> None:
    happy = Lexicon([("happy", 1.0, ["=schön", "danke*"])])

    assert [hit.words for hit in happy.find("Schön, danke")] == ["danke", "schön"]
    assert [hit.words for hit in happy.find("das ist schon bekannt, danke schoen")] == ["danke"]
    assert happy.said("nicht schön") == []


def test_a_denial_counts_without_its_accents() -> None:
    assert not Lexicon([("x", 1.0, ["plan"])]).said("ningun plan")


def test_lists_are_written_with_their_umlauts() -> None:
    """Of a word that is written "kuendigung" nobody can tell that "kündigung" is meant."""
    written_out = [
        hit for hit in ("kuendig", "rueck", "ueber ", "loesch") for path in LISTS.glob("*.yaml") if hit in path.read_text("utf-8")
    ]

    assert written_out == []


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
    assert cpu_seconds_since(begun) < 2


def test_a_list_that_is_not_there_is_an_error() -> None:
    with pytest.raises(Exception, match=r"no_such_list\.yaml"):
        lexicon("no_such_list")


@pytest.mark.parametrize("phrase", ["\u0301", "_", "=", ".", "?", ".*", "*", "\u200b", "_ *"])
def test_a_phrase_of_no_letter_is_nowhere(phrase: str) -> None:
    assert Lexicon([("x", 1.0, [phrase])]).find("The door. Is it shut? _ = *") == []


def test_a_part_of_no_letter_costs_itself_only() -> None:
    assert [hit.words for hit in Lexicon([("x", 1.0, ["door \u0301"])]).find("The door is shut.")] == ["door"]

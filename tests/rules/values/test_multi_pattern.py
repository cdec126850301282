"""Looking for everything in one pass finds what looking for each by itself finds."""

from __future__ import annotations

from dataclasses import replace

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules.model.view import View
from rules.values import multi_pattern
from rules.values.multi_pattern import Patterns, Phrases, Texts, regexp, searchable
from rules.values.text import Folded, exact, folded, normal, stands_in
from tests.rules.build import facts_of, one_rule

WORDS = (
    "down",
    "down time",
    "école",
    "ÉCOLE",
    "c++",
    "#12",
    "ＡＢ",
    "don\u2019t",
    "日本",
    "ภาษา",
    "हिन्दी",
    "kündigung",
    "kuendigung",
    "due",
    "환불",
    "İptal",
    "e-mail",
    "a",
    "ss",
    "ß",
    "\ud800x",
    "\0",
)
SOUNDS = (
    "down",
    "downs",
    "École",
    "c++",
    "c+++",
    "#123",
    "AB",
    "don't",
    "日本語",
    "ภาษาไทย",
    "हिन्दीमें",
    "KÜNDIGUNG",
    "kundigung",
    "Kuendigung",
    "dü",
    "환불해주세요",
    "iptal",
    "e\u2011ma\u2060il",
    "A",
    "STRASSE",
    "\ud800x",
    "\0",
)
_phrases = st.lists(st.one_of(st.sampled_from(WORDS), st.text(min_size=1, max_size=4)).map(normal).filter(bool), max_size=12)
_texts = st.lists(st.one_of(st.sampled_from([*SOUNDS, *WORDS, " ", ".", "_"]), st.text(max_size=6)), max_size=12).map("".join)

PATTERNS = (
    r"\border\s*#?\d+",
    r"é",
    r"^$",
    r"$",
    r"",
    r"(?i)ABC",
    r"\pL+x",
    r"down|up",
    r"(a+)+$",
    r"[^a]{3}",
    r"\bdown\b",
    "日.",
    r"\?",
)
_patterns = st.lists(st.sampled_from(PATTERNS), max_size=10)
_wild = settings(max_examples=300, deadline=None)


@_wild
@given(phrases=_phrases, text=_texts)
@example(phrases=["down", "down time", "a", "b", "c"], text="Down_time? shutdown; downtime")
@example(phrases=["日本", "本", "x日", "y", "z"], text="x日本語")
@example(phrases=["kündigung", "kuendigung", "kundigung", "y", "z"], text="Kündigung")
@example(phrases=["kündigung", "kuendigung", "kundigung", "y", "z"], text="Kuendigung")
def test_phrases_are_found_as_each_is_by_itself(phrases: list[str], text: str) -> None:
    ready = folded(text)

    found = Phrases(phrases).in_text(ready)

    assert found == {phrase for phrase in phrases if stands_in(ready, folded(phrase))}


@_wild
@given(patterns=_patterns, text=_texts)
@example(patterns=[*PATTERNS], text="Order #12 is down: ABC É ?")
def test_patterns_are_found_as_each_is_by_itself(patterns: list[str], text: str) -> None:
    found = Patterns(patterns).in_text(text)

    assert found == {raw for raw in patterns if regexp(raw).search(searchable(text))}


def test_words_of_an_address_are_found_letter_by_letter() -> None:
    phrases = Phrases(["northwind.example", "müller.example"], exact)

    assert phrases.in_text(exact("ann@nörthwind.example")) == frozenset()
    assert phrases.in_text(exact("ann@MÜLLER.example")) == {"müller.example"}


def test_what_cannot_be_put_together_is_looked_for_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    phrases = [f"word{number} and {number * 7919}" for number in range(300)]
    patterns = [rf"order{number}\s+\d+ of {number * 7919}" for number in range(300)]
    monkeypatch.setattr(multi_pattern, "_MEMORY", 1 << 17)

    many, more = Phrases(phrases), Patterns(patterns)

    assert len(many._sets) > 1
    assert many.in_text(folded("here is word7 and 55433, and word8 and 1")) == {"word7 and 55433"}
    assert more.in_text("Order7 12 of 55433") == {patterns[7]}


def test_a_set_that_gives_up_is_noticed() -> None:
    class GivesUp:
        def Match(self, data: bytes) -> None:
            return None

    phrases = Phrases(["down", "up", "out", "in", "off"])
    phrases._sets = [replace(each, set=GivesUp()) for each in phrases._sets]

    assert phrases.in_text(folded("it is down")) == {"down"}


def test_a_filter_that_gives_up_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(re2.Filter, "Match", lambda *_: None)

    patterns = Patterns(PATTERNS)

    assert "^$" in patterns.in_text("")


def test_a_text_is_searched_once_for_all_rules() -> None:
    asked: list[str] = []

    class Counted(Phrases):
        def in_text(self, text: Folded) -> frozenset[str]:
            asked.append(text.letters)
            return super().in_text(text)

    view = View(facts_of(ticket={"subject": "x"}), texts={"subject": Texts(Counted(["down", "up"]), Patterns([]))})

    found = [view.first_phrase("subject", "It is DOWN", [word]) for word in ("down", "up", "down")]

    assert found == ["down", "", "down"]
    assert asked == ["it is down"]


def test_what_nobody_told_of_beforehand_is_looked_for_all_the_same() -> None:
    view = View(facts_of(), texts=one_rule("{subject: {has: down}}").index.texts)

    assert view.first_phrase("subject", "up and down", ["up"]) == "up"
    assert view.matches("subject", "up", "u.", regexp("u."))

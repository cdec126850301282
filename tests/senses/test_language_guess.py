"""The language of a text by two models, scripts, letters and words."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.senses import language_guess
from bot.senses.language_guess import COMMON, RARE, english_beside, guess, is_of_one_language, own_letters, roman_hindi
from tests.harness.cpu_time import cpu_seconds_since


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("refund please", "en"),
        ("Rückerstattung bitte", "de"),
        ("remboursement svp", "fr"),
        ("devolución por favor", "es"),
        ("zwrot pieniędzy", "pl"),
        ("vrácení peněz", "cs"),
        ("nemôžem sa prihlásiť do účtu", "sk"),
        ("pénzvisszatérítés kérem", "hu"),
        ("rambursare vă rog", "ro"),
        ("гроші не повернулися", "uk"),
        ("возврат средств", "ru"),
        ("παρακαλώ βοήθεια", "el"),
        ("환불 부탁드립니다", "ko"),
        ("अपना खाता बंद करें", "hi"),
        ("ขอเงินคืน", "th"),
        ("hoàn tiền cho tôi", "vi"),
    ],
)
def test_few_words_are_enough_where_they_tell(text: str, language: str) -> None:
    found = guess(own_letters(text))

    assert found.language == language
    assert found.score > 0.35


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Javigator：Java設計", "zh"),
        ("Windows Update 失敗", "zh"),
        ("Outlook同期エラー", "ja"),
        ("Please see 添付", "en"),
        ("The menu says 設定 and I do not know what it means", "en"),
    ],
)
def test_a_script_beside_names_tells_where_the_latin_letters_do_not(text: str, language: str) -> None:
    found = guess(own_letters(text))

    assert found.language == language
    assert not found.is_by_script


def test_a_script_of_one_language_is_certain() -> None:
    found = guess("これは日本語です")

    assert (found.language, found.score, found.is_by_script) == ("ja", 1.0, True)


def test_nothing_to_read_is_no_language() -> None:
    assert guess(own_letters("12345 https://example.com/x jo@example.com")).language == "und"
    assert guess("").score == 0.0


def test_code_addresses_and_figures_are_left_out_and_the_lines_beside_them_are_not() -> None:
    text = "Hallo\n[12:01] fail\n```\nfor x in y\n```\nat com.example.Main\nSeit heute\nHallo\n年3月の請求"

    assert own_letters(text).split("\n") == ["Hallo", "Seit heute", "年 月の請求"]


def test_letters_that_a_language_does_not_write_count_against_it() -> None:
    assert guess("öppna här").language != "nb"
    assert guess("они были здесь, это они").language == "ru"


def test_hindi_in_latin_letters_takes_more_than_words_that_others_write_too() -> None:
    assert roman_hindi("mera order kab aayega, abhi tak nahi mila") > 0.3
    assert roman_hindi("the ka ki se me to do on") == 0.0
    assert roman_hindi("raha tagasi palun, mis seis on") == 0.0
    assert roman_hindi("mein anwalt meldet sich", is_doubtful=True) == 0.0
    assert roman_hindi("iphone kab na") == 0.0
    assert roman_hindi("iphone kab na", is_doubtful=True) > 0.3
    assert english_beside("please check kar do, the app band hai") >= 2


def test_what_is_expected_and_likely_is_looked_at_no_closer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def lingua(flat: str) -> dict[str, float]:
        asked.append(flat)
        return {"de": 1.0}

    monkeypatch.setattr(language_guess, "_lingua", lingua)
    guess.cache_clear()

    assert guess("bitte noch heute zurück", "de").language == "de"
    assert asked == []
    guess("bitte noch heute zurück")
    assert len(asked) == 1
    guess.cache_clear()


def test_most_texts_need_no_closer_look() -> None:
    assert is_of_one_language("since yesterday the export of all our invoices has been failing with an error")
    assert not is_of_one_language("seit gestern geht es nicht. since yesterday it does not work at all")
    assert not is_of_one_language("не работает login page")


def test_norwegian_is_nb_and_all_names_are_of_iso_639_1() -> None:
    assert guess("Jeg får ikke logget inn på kontoen min lenger, hva gjør jeg?").language == "nb"
    assert all(len(code) == 2 for code in COMMON | RARE)
    assert not COMMON & RARE


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300))
def test_any_text_has_a_guess(text: str) -> None:
    found = guess(own_letters(text))

    assert 0 <= found.score <= 1
    assert found.language == "und" or found.language in COMMON | RARE


def test_hostile_text_costs_its_beginning_only() -> None:
    guess("hello there")
    begun = time.process_time()

    guess(own_letters("[" * 500_000))
    guess(own_letters("a = b " * 200_000))
    guess(own_letters("`" * 300_000 + "hallo wie geht es " * 50_000))

    assert cpu_seconds_since(begun) < 1

"""Words are compared as people mean them, and found as whole words only."""

from __future__ import annotations

import pytest

from rules.values.text import exact, first_phrase, folded, has_phrase, normal, stands_in


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("  Two\n words ", "two words"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("ＤＯＷＮ", "down"),
        ("don\u2019t", "don't"),
        ("soft\u00adly", "softly"),
        ("cafe\u0301", "café"),
        ("İptal", "iptal"),
        ("re\u2060fund", "refund"),
        ("e\u2011mail", "e-mail"),
    ],
)
def test_spellings_of_one_word_come_out_the_same(text: str, wanted: str) -> None:
    assert normal(text) == wanted
    assert normal(normal(text)) == wanted


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("it is down", "down", True),
        ("a download", "down", False),
        ("shutdown", "down", False),
        ("a download is down", "down", True),
        ("order #12", "#12", True),
        ("order #123", "#12", False),
        ("l'école", "école", True),
        ("我要退款谢谢", "退款", True),
        ("नमस्ते", "नमस्त", False),
        ("", "down", False),
    ],
)
def test_a_phrase_is_found_between_the_edges_of_words(text: str, phrase: str, found: bool) -> None:
    assert has_phrase(text, phrase) is found


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("je veux resilier", "résilier"),
        ("JE VEUX RÉSILIER", "resilier"),
        ("Meine KUENDIGUNG", "kündigung"),
        ("meine kundigung", "kündigung"),
        ("meine Kündigung", "kuendigung"),
        ("meine Kündigung", "kundigung"),
        ("meine kundigung", "kuendigung"),
        ("meine kuendigung", "kundigung"),
        ("fuer spaeter", "für später"),
        ("an den GESCHAEFTSFUEHRER", "geschaftsfuhrer"),
        ("die Maengel", "Mängel"),
        ("neuer Prüfbericht", "neuer Pruefbericht"),
        ("zwrot pieniedzy", "zwrot pieniędzy"),
        ("anulowac umowe", "anulować umowę"),
        ("zrusit predplatne", "zrušit předplatné"),
        ("uzytkownik z Lodzi", "łodzi"),
        ("Öre, aendra", "ändra"),
        ("saettes", "sættes"),
        ("Koebenhavn", "københavn"),
        ("gaar ned", "går ned"),
        ("İPTAL istiyorum", "iptal"),
        ("iptal", "İptal"),
        ("ODEME alinmadi", "ödeme alınmadı"),
        ("a re\u2060fund", "refund"),
        ("a re\ufefffund", "refund"),
        ("a re\u200dfund", "refund"),
        ("a re\u00adfund\ufe0f", "refund"),
        ("an e\u2011mail", "e-mail"),
        ("an e-mail", "e\u2010mail"),
        ("환불해주세요", "환불"),
        ("구독해지 부탁드립니다", "해지"),
        ("返金してください", "返金"),
        ("ขอเงินคืนครับ", "เงินคืน"),
        ("ελλαδα", "Ελλάδα"),
        ("все еще", "всё ещё"),
        ("الغاء الاشتراك", "إلغاء الاشتراك"),
        ("می\u200cخواهم", "میخواهم"),
    ],
)
def test_a_phrase_is_found_however_its_letters_are_written(text: str, phrase: str) -> None:
    assert stands_in(folded(text), folded(phrase))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("what is due", "du"),
        ("du", "due"),
        ("the fuel", "ful"),
        ("a poet", "pot"),
        ("fuego", "fugo"),
        ("a new value", "valu"),
        ("мой", "мои"),
        ("か", "が"),
        ("क", "का"),
        ("refunded", "refund"),
        ("nachkündigung", "kündigung"),
    ],
)
def test_other_words_stay_others(text: str, phrase: str) -> None:
    assert not stands_in(folded(text), folded(phrase))


def test_a_text_without_such_letters_has_one_form() -> None:
    assert folded("Refund, café").forms == ("refund, cafe",)
    assert folded("Kündigung").forms == ("kundigung", "kuendigung")


def test_a_mark_alone_is_not_everywhere() -> None:
    assert not stands_in(folded("anything"), folded("\u0301"))


def test_an_accent_makes_another_name() -> None:
    assert normal("München") != normal("Munchen")
    assert exact("ann@nörthwind.example").forms == ("ann@nörthwind.example",)


def test_the_first_in_the_list_is_named_and_not_the_first_in_the_text() -> None:
    assert first_phrase(folded("up and down"), ["sideways", "down", "up"]) == "down"
    assert first_phrase(folded("up and down"), ["sideways"]) == ""

"""Characters that hide are taken out; joiners that shape what is seen stay."""

from __future__ import annotations

import pytest

from bot.drafts.plain.visible import without_hidden

ZWNJ, ZWJ = "\u200c", "\u200d"


@pytest.mark.parametrize(
    "text",
    [
        f"می{ZWNJ}توانید",  # the half space of Persian
        f"PDF{ZWNJ}ها",
        f"ه{ZWJ}",  # the form in the middle, shown alone
        f"क्{ZWJ}ष",
        f"ന്{ZWJ} എ",
        f"ශ්{ZWJ}රී",
        f"👨{ZWJ}👩{ZWJ}👧",
        f"❤\ufe0f{ZWJ}🔥",
        f"👩🏽{ZWJ}🚒",
        f"🙂{ZWJ}↔\ufe0f",
        "\u0600۱۲",  # a sign that is drawn, although Unicode calls it a format character
        "one\n\ttwo",
    ],
)
def test_what_shapes_the_text_stays(text: str) -> None:
    assert without_hidden(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"pass{ZWNJ}word pass{ZWJ}word", "password password"),  # would hide a word from the checks
        (f"س{ZWNJ}{ZWNJ}لام", f"س{ZWNJ}لام"),
        (f"{ZWNJ}سلام {ZWNJ} جو", "سلام  جو"),
        (f"x{ZWJ}👩{ZWJ}x", "x👩x"),
        ("a\u200bb\u202ec\u2066d\ufeffe\u00adf", "abcdef"),
        ("🏴\U000e0067\U000e0062\U000e007f", "🏴"),  # tag characters can spell any text
        ("a\x00b\x1bc\x7fd\ue000e", "abcde"),
    ],
)
def test_what_hides_is_taken_out(text: str, shown: str) -> None:
    assert without_hidden(text) == shown

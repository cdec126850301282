"""The reader's folding: the one folding, with digits that dates are found by."""

from __future__ import annotations

import pytest

from bot.senses.reading.folding import folded, spread


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("GRÜSSE", "grusse"),
        ("Grüße", "grusse"),
        ("۲ مارس ۲۰۲۶", "2 مارس 2026"),
        ("Subject：", "subject:"),
        ("\u202bמאת\u202c", "מאת"),
    ],
)
def test_folded(text: str, plain: str) -> None:
    assert folded(text) == plain


def test_what_folding_makes_too_long_is_spelled_out_at_once() -> None:
    assert spread("½ Ä", 100) == "½ Ä"
    assert spread("\ufdfa", 100) == "\ufdfa"
    assert len(spread("\ufdfa" * 10, 100)) == 180
    assert spread("x" * 200, 100) == "x" * 200


def test_lines_stay_lines() -> None:
    assert folded("Ä\n\n\u200b\nB\u2028c").count("\n") == 3

"""The reader's folding: the one folding, with digits that dates are found by."""

from __future__ import annotations

import pytest

from bot.senses.reading.folding import folded


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


def test_lines_stay_lines() -> None:
    assert folded("Ä\n\n\u200b\nB\u2028c").count("\n") == 3

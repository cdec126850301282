"""The sentence encoder: there or not, and what its vectors are like."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from bot.senses.learned.vectors import MAX_LETTERS, bounded, encoder


def test_sentences_of_one_meaning_are_nearer_than_others() -> None:
    found = encoder()
    assert found is not None
    english, german, other = found.encode(["I cannot log in", "Ich kann mich nicht anmelden", "Where is my parcel?"])

    assert float(english @ german) > float(english @ other) + 0.2
    assert np.linalg.norm(english) == pytest.approx(1, abs=0.01)


def test_without_its_package_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    encoder.cache_clear()
    try:
        assert encoder() is None
    finally:
        encoder.cache_clear()


def test_a_text_is_bounded_as_the_encoder_spells_it() -> None:
    assert bounded("½ of it") == "½ of it"
    assert len(bounded("x" * 9_999)) == MAX_LETTERS
    assert len(bounded("\ufdfa" * 400)) == MAX_LETTERS

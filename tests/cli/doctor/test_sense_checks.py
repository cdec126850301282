"""The doctor's word on how tickets are read."""

from __future__ import annotations

import pytest

from bot.cli.doctor import sense_checks
from bot.cli.doctor.sense_checks import look_at_senses


def test_with_the_encoder_nothing_is_to_be_done() -> None:
    (found,) = look_at_senses()

    assert (found.what, found.is_well, found.is_warning) == ("senses", True, False)


def test_without_it_the_doctor_says_what_is_lost_and_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sense_checks, "vectors_of_the_shipped", lambda: None)

    (found,) = look_at_senses()

    assert found.is_well
    assert found.is_warning
    assert "deskhand[senses]" in found.words

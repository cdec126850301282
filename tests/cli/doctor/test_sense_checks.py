"""The doctor's word on how tickets are read."""

from __future__ import annotations

import pytest

from bot.cli.doctor import sense_checks
from bot.cli.doctor.sense_checks import look_at_senses


def test_with_both_encoders_nothing_is_to_be_done() -> None:
    (found,) = look_at_senses()

    assert (found.what, found.is_well, found.is_warning) == ("senses", True, False)


@pytest.mark.parametrize(
    ("missing", "lost"),
    [("vectors_of_the_shipped", "by words alone"), ("english_encoder", "find fewer articles")],
)
def test_without_one_the_doctor_says_what_is_lost_and_what_to_install(
    missing: str, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sense_checks, missing, lambda: None)

    (found,) = look_at_senses()

    assert found.is_well
    assert found.is_warning
    assert lost in found.words
    assert "deskhand[senses]" in found.words

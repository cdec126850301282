"""The section `senses`: off without a model, waited for three seconds at most, no address in the own network unasked."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from bot.config import ModelSettings
from bot.config.senses import SenseSettings

MODEL: dict[str, Any] = {"base_url": "https://model.example.com/v1", "name": "m"}


def test_nobody_is_asked_unless_a_model_is_named() -> None:
    assert SenseSettings().model is None


def test_a_model_is_named_as_for_drafts() -> None:
    assert SenseSettings.model_validate({"model": MODEL}).model == ModelSettings(**MODEL)


@pytest.mark.parametrize("patience_s", [-1, 3.1, 60])
def test_a_run_waits_three_seconds_at_most(patience_s: float) -> None:
    with pytest.raises(ValidationError, match="patience_s"):
        SenseSettings.model_validate({"model": MODEL, "patience_s": patience_s})


def test_a_private_address_has_to_be_allowed() -> None:
    private = {**MODEL, "base_url": "http://127.0.0.1:11434/v1"}

    with pytest.raises(ValidationError, match="allow_private"):
        SenseSettings.model_validate({"model": private})
    assert SenseSettings.model_validate({"model": {**private, "allow_private": True}}).model

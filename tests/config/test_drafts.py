"""The model's settings: nothing private by accident, no cost without prices."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.config.drafts import DraftSettings, ModelSettings


def test_a_daily_cost_wants_both_prices() -> None:
    with pytest.raises(ValidationError, match="daily_cost wants prompt_price and answer_price"):
        ModelSettings(base_url="https://model.example", name="m", daily_cost=1.0, prompt_price=2.0)

    assert ModelSettings(base_url="https://model.example", name="m", daily_cost=1.0, prompt_price=2.0, answer_price=3.0)


def test_a_model_in_ones_own_network_has_to_be_meant() -> None:
    local = {"base_url": "http://127.0.0.1:1/v1", "name": "m"}

    with pytest.raises(ValidationError, match="base_url is private or local"):
        DraftSettings.model_validate({"model": local})
    assert DraftSettings.model_validate({"model": {**local, "allow_private": True}}).model


@pytest.mark.parametrize("url", ["http://api.models.example/v1", "http://1.1.1.1:8000/v1"])
def test_a_public_model_is_spoken_to_over_https_alone(url: str) -> None:
    with pytest.raises(ValidationError, match="in the clear: write https://"):
        ModelSettings(base_url=url, name="m", allow_private=True)

    assert ModelSettings(base_url=url.replace("http:", "https:"), name="m")
    assert ModelSettings(base_url="http://ollama:11434/v1", name="m", allow_private=True)


def test_without_a_model_there_are_offline_drafts_with_a_shorter_wait_where_it_is_urgent() -> None:
    settings = DraftSettings()

    assert settings.model is None
    assert settings.urgent_patience_s < settings.patience_s

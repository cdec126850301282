"""Which drafter a configuration gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config import Config, ConfigInvalid, DraftSettings, ModelSettings, Settings
from bot.drafts.drafter import drafter_for
from bot.drafts.llm.model_drafter import ModelDrafter
from bot.drafts.offline_drafter import OfflineDrafter


def config_with(drafts: DraftSettings) -> Config:
    return Config(settings=Settings.model_construct(drafts=drafts), path=Path("/etc/deskhand/config.yaml"))


def test_without_a_model_the_drafter_is_offline() -> None:
    assert isinstance(drafter_for(config_with(DraftSettings())), OfflineDrafter)


def test_a_private_endpoint_needs_a_word() -> None:
    model = ModelSettings(base_url="http://127.0.0.1:9/v1", name="m")

    with pytest.raises(ValidationError, match="allow_private: true"):
        DraftSettings(model=model)
    with pytest.raises(ConfigInvalid, match="allow_private: true"):
        drafter_for(config_with(DraftSettings.model_construct(model=model)))

    allowed = model.model_copy(update={"allow_private": True})
    assert isinstance(drafter_for(config_with(DraftSettings(model=allowed))), ModelDrafter)

"""The one room that reads the environment and `config.yaml`. Every setting is in `config.example.yaml`, commented."""

from __future__ import annotations

from bot.config.accounts import AccountSettings, FieldSettings
from bot.config.drafts import DraftSettings, ModelSettings
from bot.config.loading import Config, config_path, load
from bot.config.problems import ConfigInvalid
from bot.config.senses import SenseSettings
from bot.config.settings import FlowSettings, RetentionSettings, ServerSettings, Settings

__all__ = [
    "AccountSettings",
    "Config",
    "ConfigInvalid",
    "DraftSettings",
    "FieldSettings",
    "FlowSettings",
    "ModelSettings",
    "RetentionSettings",
    "SenseSettings",
    "ServerSettings",
    "Settings",
    "config_path",
    "load",
]

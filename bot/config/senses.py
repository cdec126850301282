"""`senses:` of `config.yaml`: the model whose opinion is asked beside the detectors, and how long a run waits for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from bot.config.drafts import ModelSettings, public_or_allowed
from bot.config.section import Section


class SenseSettings(Section):
    """`model`: whose opinion is asked beside the detectors. `patience_s`: how long a run waits for it at most."""

    model: ModelSettings | None = None
    patience_s: Annotated[float, Field(ge=0, le=3)] = 3.0

    @field_validator("model")
    @classmethod
    def _is_public(cls, model: ModelSettings | None) -> ModelSettings | None:
        return public_or_allowed(model)

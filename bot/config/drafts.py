"""`drafts:` of `config.yaml`: the model that writes suggested replies, and how long a run waits for one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from adapters.addresses import IN_THE_CLEAR, is_in_the_clear, is_private
from bot.config.section import Section


class ModelSettings(Section):
    """An OpenAI-compatible endpoint. Without it the offline drafter writes from macros and articles."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^/]+")]
    api_key: SecretStr = SecretStr("none")
    name: str
    timeout_s: Annotated[float, Field(gt=0, le=120)] = 6.0
    max_tokens: Annotated[int, Field(ge=50, le=8000)] = 700
    daily_tokens: Annotated[int, Field(ge=1)] | None = None
    daily_cost: Annotated[float, Field(gt=0)] | None = None
    prompt_price: Annotated[float, Field(ge=0)] | None = None
    answer_price: Annotated[float, Field(ge=0)] | None = None
    allow_private: bool = False

    @field_validator("base_url")
    @classmethod
    def _is_encrypted(cls, base_url: str) -> str:
        if is_in_the_clear(base_url):
            raise ValueError(IN_THE_CLEAR)
        return base_url

    @model_validator(mode="after")
    def _cost_has_prices(self) -> ModelSettings:
        if self.daily_cost is not None and (self.prompt_price is None or self.answer_price is None):
            raise ValueError("daily_cost wants prompt_price and answer_price beside it, for a million tokens each")
        return self


def public_or_allowed(model: ModelSettings | None) -> ModelSettings | None:
    """The same. Raises ValueError for an address in the own network that nobody allowed."""
    if model and not model.allow_private and is_private(model.base_url):
        raise ValueError("base_url is private or local: write allow_private: true if the model runs in your own network")
    return model


class DraftSettings(Section):
    model: ModelSettings | None = None
    articles: str | None = None  # a folder of Markdown files
    patience_s: Annotated[float, Field(gt=0, le=60)] = 8.0
    urgent_patience_s: Annotated[float, Field(ge=0, le=60)] = 2.0
    status_after_reply: Literal["pending", "open", "on_hold", "solved", "keep"] = "pending"
    link_hosts: tuple[str, ...] = ()  # hosts that a draft may link to besides those in its sources

    @field_validator("model")
    @classmethod
    def _is_public(cls, model: ModelSettings | None) -> ModelSettings | None:
        return public_or_allowed(model)

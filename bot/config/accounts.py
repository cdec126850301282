"""`accounts:` of `config.yaml`: each helpdesk account with its credentials, its webhook and its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from adapters.addresses import IN_THE_CLEAR, is_in_the_clear, is_private
from adapters.helpdesk import Account, FieldMapping, WebhookSecurity, identity_of
from adapters.ticket import Provider
from bot.config.section import Section


class WebhookSettings(Section):
    secrets: Annotated[tuple[SecretStr, ...], Field(min_length=1, max_length=2)]
    replay_window_s: Annotated[int, Field(ge=60, le=900)] = 300
    header: str = "x-deskhand-secret"
    retries_s: Annotated[int, Field(ge=0, le=86_400)] = 7200


class FieldSettings(Section):
    slug: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    vendor: str
    type: Literal["text", "number", "bool", "date", "enum", "multi"] = "text"


_CREDENTIALS: Mapping[Provider | None, tuple[str, ...]] = {
    Provider.ZENDESK: ("email", "token"),
    Provider.INTERCOM: ("token",),
    Provider.FRESHDESK: ("api_key",),
}


class AccountSettings(Section):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    provider: Provider
    address: Annotated[str, Field(pattern=r"^https?://[^/]+")]
    allow_private: bool = False
    credentials: dict[str, SecretStr]
    webhook: WebhookSettings
    mode: Literal["shadow", "live"] = "shadow"
    fields: tuple[FieldSettings, ...] = ()
    company_fields: dict[str, str] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)
    max_messages: Annotated[int, Field(ge=10, le=5000)] = 500
    calls_per_minute: Annotated[int, Field(ge=1)] = 400
    budget_share: Annotated[float, Field(gt=0, le=1)] = 0.5

    @field_validator("address")
    @classmethod
    def _is_encrypted(cls, address: str) -> str:
        if is_in_the_clear(address):
            raise ValueError(IN_THE_CLEAR)
        return address

    @field_validator("credentials")
    @classmethod
    def _are_the_providers(cls, credentials: dict[str, SecretStr], info: ValidationInfo) -> dict[str, SecretStr]:
        wanted = _CREDENTIALS.get(info.data.get("provider"), ())
        if wanted and (wrong := sorted({*wanted} ^ {*credentials})):
            raise ValueError(f"{info.data['provider'].value} wants {' and '.join(wanted)}: look at {', '.join(wrong)}")
        return credentials

    @model_validator(mode="after")
    def _is_public(self) -> AccountSettings:
        if not self.allow_private and is_private(self.address):
            raise ValueError("the address is private or local: write allow_private: true if it is meant (a stand-in)")
        return self

    @model_validator(mode="after")
    def _secrets_are_long_enough(self) -> AccountSettings:
        if self.provider is Provider.FRESHDESK and any(len(each.get_secret_value()) < 32 for each in self.webhook.secrets):
            raise ValueError(
                "webhook.secrets: Freshdesk signs nothing, this secret alone proves a call: take 32 random characters or more"
            )
        return self

    def is_same_helpdesk(self, other: AccountSettings) -> bool:
        """Whether both point to one helpdesk. All of Intercom has one address: there the same token says so."""
        is_at_one_place = identity_of(self.provider, self.address) == identity_of(other.provider, other.address)
        return is_at_one_place and (self.provider is not Provider.INTERCOM or self.credentials == other.credentials)

    def to_account(self) -> Account:
        """The account as its adapter needs it, secrets revealed."""
        return Account(
            name=self.name,
            provider=self.provider,
            address=self.address,
            credentials={name: secret.get_secret_value() for name, secret in self.credentials.items()},
            webhook=WebhookSecurity(
                secrets=tuple(secret.get_secret_value() for secret in self.webhook.secrets),
                replay_window_s=self.webhook.replay_window_s,
                header=self.webhook.header,
                retries_s=self.webhook.retries_s,
            ),
            fields=tuple(FieldMapping(slug=each.slug, vendor=each.vendor, type=each.type) for each in self.fields),
            company_fields=self.company_fields,
            options=self.options,
            max_messages=self.max_messages,
        )

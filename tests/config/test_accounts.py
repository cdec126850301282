"""A helpdesk account as `config.yaml` has it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.config.accounts import AccountSettings
from tests.config.smallest_config import read


def test_an_accounts_repr_shows_no_secret(tmp_path: Path) -> None:
    config = read(tmp_path)

    assert "4711" not in repr(config)
    assert "4711" not in repr(config.settings.account("acme").to_account())


ACCOUNT = {
    "name": "acme",
    "provider": "zendesk",
    "address": "https://acme.example",
    "credentials": {"email": "bot@example.com", "token": "t"},
    "webhook": {"secrets": ["s"]},
}


def account(**changed: object) -> AccountSettings:
    return AccountSettings.model_validate({**ACCOUNT, **changed})


def test_credentials_are_the_providers_own() -> None:
    with pytest.raises(ValidationError, match="zendesk wants email and token: look at api_key, email, token"):
        account(credentials={"api_key": "k"})


def test_a_local_address_has_to_be_meant() -> None:
    with pytest.raises(ValidationError, match="the address is private or local"):
        account(address="http://127.0.0.1:1")

    assert account(address="http://127.0.0.1:1", allow_private=True).allow_private


@pytest.mark.parametrize("allow_private", [False, True])
@pytest.mark.parametrize("address", ["http://acme.zendesk.com", "http://8.8.8.8", "http://[2606:4700::1111]"])
def test_a_public_helpdesk_is_spoken_to_over_https_alone(address: str, allow_private: bool) -> None:
    with pytest.raises(ValidationError, match="in the clear: write https://"):
        account(address=address, allow_private=allow_private)

    assert account(address=address.replace("http:", "https:"), allow_private=allow_private)


@pytest.mark.parametrize("address", ["http://127.0.0.1:8711", "http://10.0.0.5", "http://desk:80", "http://desk.internal"])
def test_http_is_for_ones_own_network(address: str) -> None:
    assert account(address=address, allow_private=True).address == address


def test_freshdesk_wants_a_long_secret_since_it_signs_nothing() -> None:
    short = {"provider": "freshdesk", "credentials": {"api_key": "k"}, "webhook": {"secrets": ["s" * 31]}}

    with pytest.raises(ValidationError, match="this secret alone proves a call"):
        account(**short)
    assert account(**{**short, "webhook": {"secrets": ["s" * 32]}})


def test_the_adapter_gets_its_account_with_secrets_revealed() -> None:
    made = account(fields=[{"slug": "area", "vendor": "360001", "type": "enum"}], webhook={"secrets": ["new", "old"]})

    found = made.to_account()

    assert (found.credentials, found.webhook.secrets) == ({"email": "bot@example.com", "token": "t"}, ("new", "old"))
    assert [(each.slug, each.vendor, each.type) for each in found.fields] == [("area", "360001", "enum")]

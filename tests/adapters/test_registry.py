"""The adapters by provider."""

from __future__ import annotations

from dataclasses import fields

import pytest

from adapters.helpdesk import WebhookReader
from adapters.readers import READERS
from adapters.registry import ADAPTERS
from adapters.ticket import Provider


def test_every_provider_has_its_adapter() -> None:
    assert {provider: adapter.provider for provider, adapter in ADAPTERS.items()} == {each: each for each in Provider}


@pytest.mark.parametrize("provider", Provider)
def test_an_adapter_reads_webhooks_as_the_receiver_does(provider: Provider) -> None:
    adapter, reader = ADAPTERS[provider], READERS[provider]

    assert all(getattr(adapter, each.name) == getattr(reader, each.name) for each in fields(WebhookReader))

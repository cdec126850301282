"""What reads each helpdesk's webhooks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.errors import SignatureInvalid
from adapters.helpdesk import WebhookReader, WebhookSecurity
from adapters.readers import READERS
from adapters.ticket import Provider


def test_every_provider_has_its_reader() -> None:
    assert {provider: reader.provider for provider, reader in READERS.items()} == {each: each for each in Provider}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS.keys())
def test_what_nobody_signed_is_let_in_nowhere(reader: WebhookReader) -> None:
    security = WebhookSecurity(secrets=("a-secret-of-thirty-two-characters",))

    with pytest.raises(SignatureInvalid, match="missing"):
        reader.verify({}, b"{}", security, datetime(2026, 1, 2, tzinfo=UTC))

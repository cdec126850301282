"""`notify`: a message to people outside the ticket."""

from __future__ import annotations

import pytest

from rules.actions import notify
from rules.model.decision import Notice
from rules.model.effects import Blocked
from tests.rules.actions.acting import refusal_of, wish_of


def test_the_text_is_filled_and_the_channel_stays_as_it_is() -> None:
    wish = wish_of(notify, {"channel": "leads", "text": "{number} is urgent"}, ticket={"number": "12"})

    assert wish == Notice(rule="r", channel="leads", text="12 is urgent")


def test_an_empty_placeholder_sends_nothing() -> None:
    with pytest.raises(Blocked, match="number is empty"):
        wish_of(notify, {"channel": "leads", "text": "{number} is urgent"})


def test_it_wants_a_channel_and_a_text() -> None:
    missing = refusal_of(notify)

    assert "channel" in missing
    assert "text" in missing

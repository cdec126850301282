"""`follow_up`: when, and with which words."""

from __future__ import annotations

from datetime import timedelta

from tests.rules.actions.acting import decided


def test_a_follow_up_keeps_its_time() -> None:
    assert decided("follow_up: 24 h").follow_ups[0].after == timedelta(hours=24)

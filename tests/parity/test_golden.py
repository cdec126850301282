"""Golden files of vendor requests: what is compared where only some of the stories are played."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tests.parity import golden
from tests.parity.report import Report

CALLS: Sequence[dict[str, Any]] = (
    {"call": "GET /tags"},
    {"call": "POST /tags", "body": {"name": "billing"}},
    {"call": "POST /conversations/{main}/tags", "body": {"id": "{tag billing}"}},
)


def lines(story: str, *calls: dict[str, Any]) -> tuple[str, ...]:
    return tuple(json.dumps({"story": story, "n": number, **each}) for number, each in enumerate(calls, 1))


@pytest.fixture(autouse=True)
def two_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one made the tag that both put on."""
    stored = {
        "first": lines("first", *CALLS),
        "second": lines("second", CALLS[0], CALLS[2]),
        "of another theme": lines("of another theme", *CALLS),
    }
    monkeypatch.setattr(golden, "stored", lambda provider: stored)


def told(**sent: tuple[str, ...]) -> str:
    return golden.difference(Report((), {}, frozenset(), {"intercom": sent}))


def test_a_story_played_alone_makes_the_tag_that_another_made() -> None:
    assert told(second=lines("second", *CALLS)) == ""


def test_stories_elsewhere_that_make_the_same_tag_take_none_away() -> None:
    assert told(first=lines("first", *CALLS)) == ""


def test_a_tag_made_a_second_time_is_told() -> None:
    assert "+POST /tags" in told(first=lines("first", *CALLS), second=lines("second", *CALLS))


def test_a_tag_that_no_story_made_is_told() -> None:
    another = {"call": "POST /tags", "body": {"name": "invoices"}}

    assert "+POST /tags" in told(second=lines("second", *CALLS, another))

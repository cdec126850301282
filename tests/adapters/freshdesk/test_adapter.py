"""What Freshdesk's adapter declares under the common names."""

from __future__ import annotations

import re

from adapters.freshdesk.adapter import ADAPTER
from adapters.freshdesk.api import FreshdeskApi
from adapters.freshdesk.webhook import READER
from adapters.ticket import Provider
from adapters.writes import AddTags, Link, SuppressSurvey


def test_the_adapter_reads_webhooks_as_the_reader_does() -> None:
    assert (ADAPTER.provider, ADAPTER.verify, ADAPTER.parse) == (Provider.FRESHDESK, READER.verify, READER.parse)


def test_no_version_stamp_is_waited_for() -> None:
    assert ADAPTER.stamp_grain_s == 0


def test_the_limit_of_updates_counts_a_tickets_put_alone() -> None:
    (limit,) = ADAPTER.call_limits

    assert re.fullmatch(limit.path, "/api/v2/tickets/48213")
    assert not re.fullmatch(limit.path, "/api/v2/tickets/48213/notes")
    assert (limit.method, limit.of_plan) == ("PUT", 0.4)


def test_what_is_carried_by_a_tag_names_the_tag(api: FreshdeskApi) -> None:
    carried = [ADAPTER.carrier_tags(write, api) for write in (SuppressSurvey(), Link(to="17"), AddTags(tags=frozenset({"x"})))]

    assert carried == [{"no-survey"}, {"linked-to-17"}, frozenset()]

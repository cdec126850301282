"""What Zendesk's adapter declares under the common names."""

from __future__ import annotations

from adapters.ticket import Provider
from adapters.writes import AddTags, SuppressSurvey
from adapters.zendesk.adapter import ADAPTER
from adapters.zendesk.webhook import READER
from tests.adapters.zendesk.account import client


def test_the_adapter_reads_webhooks_as_the_reader_does() -> None:
    assert (ADAPTER.provider, ADAPTER.verify, ADAPTER.parse) == (Provider.ZENDESK, READER.verify, READER.parse)


def test_the_version_stamp_counts_whole_seconds() -> None:
    assert ADAPTER.stamp_grain_s == READER.stamp_grain_s == 1.0


def test_what_is_carried_by_a_tag_names_the_tag() -> None:
    api = client()

    assert ADAPTER.carrier_tags(SuppressSurvey(), api) == {"no-survey"}
    assert ADAPTER.carrier_tags(AddTags(tags=frozenset({"x"})), api) == frozenset()

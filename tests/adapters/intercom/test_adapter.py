"""What Intercom's adapter declares under the common names."""

from __future__ import annotations

from adapters.intercom.adapter import ADAPTER
from adapters.intercom.api import IntercomApi
from adapters.intercom.webhook import READER
from adapters.ticket import Provider
from adapters.writes import SuppressSurvey


def test_the_adapter_reads_webhooks_as_the_reader_does() -> None:
    assert (ADAPTER.provider, ADAPTER.verify, ADAPTER.parse) == (Provider.INTERCOM, READER.verify, READER.parse)


def test_no_calls_are_limited_beside_the_plans() -> None:
    assert ADAPTER.call_limits == ()


def test_tags_that_carry_something_else_are_hidden_and_so_named_by_none(api: IntercomApi) -> None:
    assert ADAPTER.carrier_tags(SuppressSurvey(), api) == frozenset()

"""What can go wrong at a helpdesk: the words and numbers that the next step needs."""

from __future__ import annotations

import pytest

from adapters import errors
from adapters.errors import AdapterError, PayloadUnexpected, RateLimited, SignatureInvalid, TicketGone, WriteRejected

LEAVES = [each for each in vars(errors).values() if isinstance(each, type) and each is not AdapterError]


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_error_of_an_adapter_is_caught_by_its_root(leaf: type[Exception]) -> None:
    assert issubclass(leaf, AdapterError)


def test_a_payload_error_names_place_and_problem() -> None:
    error = PayloadUnexpected("$.detail.id", "wanted text, found a number")

    assert str(error) == "$.detail.id: wanted text, found a number"
    assert (error.path, error.problem) == ("$.detail.id", "wanted text, found a number")


def test_a_rate_limit_keeps_its_seconds() -> None:
    assert RateLimited(7.5).retry_after_s == 7.5
    assert "retry after 8 s" in str(RateLimited(7.5))


@pytest.mark.parametrize("error", [SignatureInvalid("stale"), WriteRejected("stale"), TicketGone("stale")])
def test_a_reason_can_be_read_by_program_and_person(error: SignatureInvalid | WriteRejected | TicketGone) -> None:
    assert error.reason == "stale"
    assert "stale" in str(error)


def test_a_ticket_is_gone_unless_something_else_is_said() -> None:
    assert TicketGone().reason == "gone"

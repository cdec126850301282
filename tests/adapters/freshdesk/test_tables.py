"""Freshdesk's numbers and our words."""

from __future__ import annotations

from adapters.freshdesk.tables import CHANNEL, PRIORITY, STATUS
from adapters.ticket import Channel, Priority, Status


def test_every_priority_but_none_has_its_number() -> None:
    assert sorted(PRIORITY.values()) == sorted(set(Priority) - {Priority.NONE})


def test_the_vendors_own_statuses_have_four_meanings_and_the_two_of_each_account_two() -> None:
    assert [STATUS[number] for number in (2, 3, 4, 5)] == [Status.OPEN, Status.PENDING, Status.SOLVED, Status.CLOSED]
    assert (STATUS[6], STATUS[7]) == (Status.PENDING, Status.ON_HOLD)


def test_an_unknown_number_is_in_no_table() -> None:
    assert not {0, 8, 99} & STATUS.keys()
    assert Channel.OTHER not in CHANNEL.values()

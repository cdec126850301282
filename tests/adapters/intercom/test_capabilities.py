"""What Intercom says of each kind of write, and that none is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters import writes
from adapters.intercom.api import IntercomApi
from adapters.intercom.capabilities import CAPABILITIES
from adapters.ticket import Priority, Status, TicketKey
from tests.adapters.intercom.conftest import KEY, TICKET
from tests.adapters.intercom.writing import NOTE, OPEN, requests


def test_every_write_kind_has_its_capability() -> None:
    kinds = {kind.__dataclass_fields__["kind"].default for kind in writes.Write.__origin__.__args__}  # type: ignore[attr-defined]

    assert set(CAPABILITIES) == kinds


EVERY = [
    writes.AddTags(tags=frozenset({"x"})),
    writes.RemoveTags(tags=frozenset({"billing"})),
    writes.SetPriority(priority=Priority.URGENT),
    writes.SetStatus(status=Status.SOLVED),
    writes.SetAssignee(agent="7001"),
    writes.SetTeam(team="8003"),
    writes.SetField(slug="seats", value=2),
    writes.AddFollower(email="a@example.com"),
    writes.RemoveFollower(email="a@example.com"),
    writes.SuppressSurvey(),
    NOTE,
    writes.Reply(text="Hi"),
    writes.Link(to="1"),
    writes.Merge(into="2"),
]


@pytest.mark.parametrize("key", [KEY, TICKET], ids=["conversation", "ticket"])
@pytest.mark.parametrize("write", EVERY, ids=lambda write: str(write.kind))
def test_no_kind_of_write_is_lost(api: IntercomApi, write: writes.Write, key: TicketKey) -> None:
    made = requests(api, write, ticket=replace(OPEN, kind=key.kind, external_id=key.external_id))

    assert {position for request in made for position in request.writes} == {0}
    assert CAPABILITIES[write.kind].support is not writes.Support.NO

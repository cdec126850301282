"""F76: the helpdesk answers with a redirect, to another host or to itself. It is not followed, and the credentials go nowhere."""

from __future__ import annotations

import pytest

from adapters.errors import HelpdeskDown
from adapters.ticket import Json, TicketKey, TicketKind
from adapters.writes import Plan, PlannedWrite, Reply, Request, Result
from tests.faults.stub_helpdesk import helpdesk_at, stub
from tests.harness.deskhand import PROVIDERS

REPLY: dict[str, tuple[str, dict[str, Json]]] = {
    "zendesk": ("update_ticket", {"ticket": {"comment": {"html_body": "<p>Hello</p>", "public": True}}, "expect": []}),
    "intercom": ("reply", {"html": "<p>Hello</p>"}),
    "freshdesk": ("reply", {"body": "<p>Hello</p>"}),
}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_F76_a_redirect_is_not_followed(provider: str, status: int) -> None:
    key = TicketKey(provider, TicketKind.CONVERSATION if provider == "intercom" else TicketKind.TICKET, "7")
    with (
        stub(lambda _: (200, {}, {})) as foreign,
        stub(lambda request: (status, {}, {"Location": foreign.address + request.path})) as server,
    ):
        with pytest.raises(HelpdeskDown):
            helpdesk_at(server.address, provider).hydrate(key)
        reads = len(server.asked)
        assert reads <= 3

        if provider != "intercom":  # there our own user is asked for before a reply
            operation, arguments = REPLY[provider]
            request = Request(ticket=key, number=0, operation=operation, arguments=arguments, is_public=True)
            assert helpdesk_at(server.address, provider).send(request).result is Result.UNKNOWN
            assert len(server.asked) == reads + 1

        assert not foreign.asked


def test_F76_https_is_not_left_for_plain_http() -> None:
    """Every call goes to the account's own address, scheme included: what a library or a link names does not count."""
    plan = Plan(ticket=TicketKey("zendesk", TicketKind.TICKET, "7"), writes=(PlannedWrite(write=Reply(text="Hello")),))
    with stub(lambda _: (404, {}, {})) as server:
        helpdesk = helpdesk_at(server.address, "zendesk")
        assert plan.writes
        with pytest.raises(HelpdeskDown, match="another host"):
            helpdesk.api._session.get("http://helpdesk.example.com/api/v2/users/me")

    assert not server.asked

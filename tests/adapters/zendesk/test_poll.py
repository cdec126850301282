"""What we ask Zendesk for without a webhook: changed tickets, ourselves, macros, teams, agents."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest
import responses

from adapters.errors import AccessDenied
from adapters.ticket import EventType, Macro, Ticket
from adapters.zendesk import poll as lists
from tests.adapters.zendesk.account import KEY, answers, client, fixture, reads

NOW = datetime(2026, 1, 2, 4, 0, 0, tzinfo=UTC)
TICKET = Ticket(account="acme", external_id="42")
MACRO = Macro(external_id="6001", text="Hi {{ticket.requester.first_name}}, we are on it. {{current_user.name}}")


def asked(desk: responses.RequestsMock, call: int) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(str(desk.calls[call].request.url)).query))


def test_the_first_poll_looks_back_an_hour(desk: responses.RequestsMock) -> None:
    answers(desk, "/incremental/tickets/cursor", "export")

    page = lists.poll("", NOW, client())

    assert asked(desk, 0) == {"start_time": str(int(NOW.timestamp()) - 3600)}
    assert [(event.type, event.ticket and event.ticket.external_id, event.delivery_key) for event in page.events] == [
        (EventType.TICKET_UPDATED, "42", "poll:42:2026-01-02T03:04:05Z"),
        (EventType.TICKET_DELETED, "43", "poll:43:2026-01-02T03:04:06Z"),
    ]
    assert (page.cursor, page.has_more) == ("MTc2NzMyMzA0N3w0Mw==", True)


def test_a_poll_goes_on_from_its_cursor(desk: responses.RequestsMock) -> None:
    answers(desk, "/incremental/tickets/cursor", json={"tickets": [], "after_cursor": None, "end_of_stream": True})

    page = lists.poll("MTc=", NOW, client())

    assert asked(desk, 0) == {"cursor": "MTc="}
    assert (page.events, page.cursor, page.has_more) == ((), "MTc=", False)


def test_a_cursor_that_stands_still_ends_the_poll(desk: responses.RequestsMock) -> None:
    answers(desk, "/incremental/tickets/cursor", json={"tickets": [], "after_cursor": "MTc=", "end_of_stream": False})

    assert not lists.poll("MTc=", NOW, client()).has_more


def test_an_export_that_is_refused_names_the_role_it_needs(desk: responses.RequestsMock) -> None:
    answers(desk, "/incremental/tickets/cursor", status=403, json={"error": "Forbidden"})

    with pytest.raises(AccessDenied, match="for exports an admin's"):
        lists.poll("", NOW, client())


def test_we_are_a_bot_and_asked_for_once(desk: responses.RequestsMock) -> None:
    answers(desk, "/users/me", "me")
    api = client()

    me = [lists.me(api) for _ in range(3)][-1]

    assert (me.external_id, me.email, me.is_bot) == ("7009", "deskhand.bot@example.com", True)
    assert len(desk.calls) == 1


@pytest.mark.parametrize("user", [{"id": None, "name": "Anonymous user", "role": "end-user"}, {"id": 9, "role": "end-user"}])
def test_credentials_of_nobody_are_refused(desk: responses.RequestsMock, user: dict[str, object]) -> None:
    answers(desk, "/users/me", json={"user": user})

    with pytest.raises(AccessDenied, match="belong to no agent"):
        lists.me(client())


def test_teams_and_agents_are_the_working_ones(desk: responses.RequestsMock) -> None:
    answers(desk, "/groups", "groups")
    answers(desk, "/users", "agents")
    api = client()

    assert [team.name for team in lists.teams(api)] == ["Tier 1", "Senior", "Twin", "twin"]
    assert [(agent.name, agent.is_active) for agent in lists.agents(api)] == [
        ("Anna Agent", True),
        ("Deskhand", True),
        ("Lead Lena", True),
        ("Gone Gerd", False),
    ]
    assert "role%5B%5D=agent&role%5B%5D=admin" in str(desk.calls[1].request.url)


def test_lists_of_several_pages_are_whole(desk: responses.RequestsMock) -> None:
    groups = fixture("groups")["groups"]
    answers(desk, "/groups", json={"groups": groups[:2], "meta": {"has_more": True, "after_cursor": "c2"}})
    answers(desk, "/groups", json={"groups": groups[2:], "meta": {"has_more": False, "after_cursor": "c5"}})

    assert len(lists.teams(client())) == 4
    assert asked(desk, 1)["page[after]"] == "c2"


def test_active_macros_keep_their_placeholders(desk: responses.RequestsMock) -> None:
    answers(desk, "/macros", "macros")
    api = client()

    macros = [lists.macros(api) for _ in range(2)][-1]

    assert [(macro.name, macro.text) for macro in macros] == [
        ("VIP acknowledgement", "Hi {{ticket.requester.first_name}}, we are on it. {{ current_user.name }}"),
        ("With a channel", "Hello {{ticket.id}}"),
        ("HTML only", "Hello\n\nBye"),
    ]
    assert reads(desk) == ["/macros"]


def test_a_preview_is_the_rendered_comment_and_names_what_is_missing(desk: responses.RequestsMock) -> None:
    answers(desk, f"/tickets/{KEY.external_id}/macros/6001/apply", "macro_preview")

    preview = lists.preview(MACRO, TICKET, client())

    assert preview.text == "Hi , we are on it. Deskhand"
    assert preview.missing == ("ticket.requester.first_name",)


def test_a_macro_that_is_gone_is_never_proposed(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42/macros/6001/apply", status=404, json={"error": "RecordNotFound"})

    assert lists.preview(MACRO, TICKET, client()).missing == ("macro",)

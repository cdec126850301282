"""The stand-in Intercom over real HTTP: state, versions, refusals, paging, limits."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox.intercom import IntercomDesk, Limits
from sandbox.serve import running

ANNA = "anna.agent@example.com"
BOT = "deskhand.bot@example.com"
OTTO = "otto.ops@northwind.example"


class Client:
    """requests against one desk, with the bot's token."""

    def __init__(self, address: str) -> None:
        self.base = address
        self.session = requests.Session()
        self.session.headers["Authorization"] = "Bearer sandbox-intercom-token"

    def __call__(self, method: str, path: str, body: Any = None, version: str | None = None, **options: Any) -> requests.Response:
        headers = {"Intercom-Version": version} if version else {}
        return self.session.request(
            method, self.base + path, json=body, headers={**headers, **options.pop("headers", {})}, timeout=60
        )


@pytest.fixture
def desk() -> IntercomDesk:
    return IntercomDesk()


@pytest.fixture
def client(desk: IntercomDesk) -> Iterator[Client]:
    with running(desk) as address:
        client = Client(address)
        yield client
        client.session.close()


@pytest.fixture
def thread(desk: IntercomDesk) -> str:
    return desk.create_ticket(requester=OTTO, subject="Down", body="Nothing works & we wait")


@pytest.fixture
def bot(desk: IntercomDesk) -> str:
    """Our teammate's id, the same in every desk."""
    return str(desk.people.admin_by_email(BOT)["id"])


def test_the_first_message_is_the_source_and_no_part(client: Client, thread: str) -> None:
    found = client("GET", f"/conversations/{thread}").json()

    assert found["source"]["body"] == "<p>Nothing works &amp; we wait</p>"
    assert (found["source"]["subject"], found["source"]["delivered_as"]) == ("<p>Down</p>", "customer_initiated")
    assert found["conversation_parts"]["total_count"] == 0
    assert (found["state"], found["open"], found["priority"]) == ("open", True, "none")
    assert found["statistics"]["first_contact_reply_at"] == found["created_at"] == found["waiting_since"]
    assert found["teammates"] == {"type": "admin.list", "teammates": []}


def test_plaintext_takes_the_markup_off_bodies_and_subject(client: Client, desk: IntercomDesk, thread: str) -> None:
    desk.agent_reply(thread, "Hello\n\nthere", ANNA)

    found = client("GET", f"/conversations/{thread}?display_as=plaintext").json()

    assert (found["source"]["body"], found["source"]["subject"]) == ("Nothing works & we wait", "Down")
    assert "<" not in found["conversation_parts"]["conversation_parts"][0]["body"]


def test_only_the_newest_500_parts_are_given(client: Client, desk: IntercomDesk, thread: str) -> None:
    with desk.acting():
        for number in range(510):
            desk.acts.note(desk.record(thread), desk.admin(ANNA), f"note {number}")

    parts = client("GET", f"/conversations/{thread}").json()["conversation_parts"]

    assert (len(parts["conversation_parts"]), parts["total_count"]) == (500, 510)
    assert parts["conversation_parts"][-1]["body"] == "<p>note 509</p>"


@pytest.mark.parametrize(
    ("version", "read"), [("2.14", "priority"), ("2.15", "priority"), ("2.16", "urgent"), ("Preview", "urgent")]
)
def test_priority_is_read_in_the_dialect_of_the_version(
    client: Client, desk: IntercomDesk, thread: str, version: str, read: str
) -> None:
    desk.agent_update(thread, agent=ANNA, priority="urgent")

    assert client("GET", f"/conversations/{thread}", version=version).json()["priority"] == read


def test_priority_is_written_in_preview_only(client: Client, desk: IntercomDesk, thread: str, bot: str) -> None:
    ignored = client("PUT", f"/conversations/{thread}", {"priority": "high"}, version="2.16")
    written = client("PUT", f"/conversations/{thread}", {"priority": "high", "admin_id": bot}, version="Preview")
    wrong = client("PUT", f"/conversations/{thread}", {"priority": "normal"}, version="Preview")

    assert (ignored.status_code, ignored.json()["priority"]) == (200, "none")
    assert (written.json()["priority"], wrong.status_code) == ("high", 400)
    assert [effect.changes for effect in desk.effects.effects(thread)] == [{"priority": ["none", "high"]}]


def test_custom_attributes_must_exist_and_have_their_type(client: Client, desk: IntercomDesk, thread: str) -> None:
    def put(**values: Any) -> requests.Response:
        return client("PUT", f"/conversations/{thread}", {"custom_attributes": values, "colour": "ignored"})

    good = put(**{"Issue type": "outage", "Affected users": 12})
    answers = [put(Nowhere="x"), put(**{"Affected users": "12"}), put(**{"Churn risk": "enormous"})]
    desk.people.add_attribute("Issue type")
    twice = put(**{"Issue type": "bug"})

    assert good.json()["custom_attributes"] == {"Issue type": "outage", "Affected users": 12}
    assert [each.json()["errors"][0]["code"] for each in answers] == ["parameter_invalid"] * 3
    assert (twice.status_code, twice.json()["errors"][0]["code"]) == (400, "INVALID_PARAMETER")
    assert desk.view(thread).fields == {"Issue type": "outage", "Affected users": 12}


def test_a_note_is_private_counted_once_and_answered_with_the_whole_conversation(
    client: Client, desk: IntercomDesk, thread: str, bot: str
) -> None:
    body = {"message_type": "note", "type": "admin", "admin_id": bot, "body": "<p>look</p><script>x()</script>"}

    answer = client("POST", f"/conversations/{thread}/reply", body).json()

    part = answer["conversation_parts"]["conversation_parts"][0]
    assert (answer["type"], part["part_type"], part["author"]["id"]) == ("conversation", "note", bot)
    assert [each.html for each in desk.view(thread).bot_notes] == ["<p>look</p>"]
    assert [effect.what for effect in desk.effects.effects(thread)] == ["note"]
    assert desk.effects.calls(thread)[0].actor == BOT


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"message_type": "note", "type": "admin", "body": "x"}, 400, "parameter_not_found"),
        ({"message_type": "note", "type": "admin", "admin_id": "1", "body": "x"}, 404, "admin_not_found"),
        ({"message_type": "shout", "type": "admin", "body": "x"}, 400, "parameter_invalid"),
        ({"message_type": "comment", "type": "user", "email": "nobody@example.com", "body": "x"}, 404, "not_found"),
    ],
)
def test_a_wrong_reply_is_refused(
    client: Client, desk: IntercomDesk, thread: str, body: dict[str, Any], status: int, code: str
) -> None:
    answer = client("POST", f"/conversations/{thread}/reply", body)

    assert (answer.status_code, answer.json()["type"]) == (status, "error.list")
    assert answer.json()["errors"][0]["code"] == code
    assert answer.json()["request_id"]
    assert desk.effects.effects() == []


def test_a_comment_ends_the_wait_and_counts_as_first_reply(client: Client, desk: IntercomDesk, thread: str, bot: str) -> None:
    body = {"message_type": "comment", "type": "admin", "admin_id": bot, "body": "plain words"}

    answer = client("POST", f"/conversations/{thread}/reply", body).json()

    assert answer["waiting_since"] is None
    assert answer["statistics"]["first_admin_reply_at"] is not None
    assert answer["teammates"]["teammates"] == [{"type": "admin", "id": bot}]
    assert desk.view(thread).bot_replies[0].html == "<p>plain words</p>"


def test_parts_close_open_snooze_and_assign(client: Client, desk: IntercomDesk, thread: str, bot: str) -> None:
    team = desk.people.team_by_name("Senior")["id"]

    def manage(message_type: str, **more: Any) -> dict[str, Any]:
        body = {"message_type": message_type, "type": "admin", "admin_id": bot, **more}
        found: dict[str, Any] = client("POST", f"/conversations/{thread}/parts", body).json()
        return found

    closed, opened = manage("close")["state"], manage("open")["state"]
    snoozed = manage("snoozed", snoozed_until=2_000_000_000)
    assigned = manage("assignment", type="team", assignee_id=team)
    unassigned = manage("assignment", type="team", assignee_id="0")

    assert (closed, opened, snoozed["state"], snoozed["snoozed_until"]) == ("closed", "open", "snoozed", 2_000_000_000)
    assert (assigned["team_assignee_id"], unassigned["team_assignee_id"]) == (int(team), None)
    last = unassigned["conversation_parts"]["conversation_parts"][-1]
    assert last["assigned_to"] == {"type": "nobody_admin", "id": None}


def test_a_customers_reply_opens_a_closed_conversation(client: Client, desk: IntercomDesk, thread: str) -> None:
    desk.agent_update(thread, agent=ANNA, status="solved")

    desk.customer_reply(thread, "No, it is not")

    found = client("GET", f"/conversations/{thread}").json()
    assert (found["state"], found["read"], found["statistics"]["count_reopens"]) == ("open", False, 1)
    assert found["conversation_parts"]["conversation_parts"][-1]["part_type"] == "open"
    assert desk.view(thread).messages[-1].is_from_customer


def test_tags_go_by_id_and_come_off_with_a_body(client: Client, desk: IntercomDesk, thread: str, bot: str) -> None:
    made = client("POST", "/tags", {"name": "vip"}).json()
    again = client("POST", "/tags", {"name": "VIP"}).json()
    on = client("POST", f"/conversations/{thread}/tags", {"id": made["id"], "admin_id": bot})
    by_name = client("POST", f"/conversations/{thread}/tags", {"id": "vip", "admin_id": bot})
    without_body = client("DELETE", f"/conversations/{thread}/tags/{made['id']}")
    off = client("DELETE", f"/conversations/{thread}/tags/{made['id']}", {"admin_id": bot})
    twice = client("DELETE", f"/conversations/{thread}/tags/{made['id']}", {"admin_id": bot})

    assert made == again == client("GET", "/tags").json()["data"][0]
    assert (on.json()["name"], on.json()["applied_by"]["id"], by_name.status_code) == ("vip", bot, 404)
    assert (without_body.status_code, off.status_code, twice.status_code) == (400, 200, 404)
    assert twice.json()["errors"][0]["code"] == "tag_not_found"
    assert [effect.what for effect in desk.effects.effects(thread)] == ["tags", "tags"]
    assert desk.view(thread).tags == frozenset()


def test_macros_exist_from_2_16_on_and_are_paged_by_a_cursor(client: Client) -> None:
    older = client("GET", "/macros", version="2.15")
    first = client("GET", "/macros?per_page=3").json()
    cursor = first["pages"]["next"]["starting_after"]
    rest = client("GET", f"/macros?per_page=3&starting_after={cursor}").json()

    assert (older.status_code, older.json()["errors"][0]["code"]) == (400, "intercom_version_invalid")
    assert (len(first["data"]), len(rest["data"]), rest["pages"]["next"]) == (3, 2, None)
    assert json.loads(base64.b64decode(cursor))[1] == first["data"][-1]["id"]
    assert '{{user.first_name|fallback:"there"}}' in rest["data"][-1]["body_text"]
    assert '<attribute key="user.first_name" default="there"/>' in rest["data"][-1]["body"]
    assert client("GET", f"/macros/{rest['data'][0]['id']}").json() == rest["data"][0]
    assert client("GET", "/macros/1").status_code == 404


def test_attributes_of_conversations_moved_in_2_16(client: Client) -> None:
    assert client("GET", "/data_attributes?model=conversation", version="2.15").status_code == 200
    assert client("GET", "/data_attributes?model=conversation").status_code == 422
    assert client("GET", "/conversations/attributes").json()["data"][0]["name"] == "Issue type"


def test_a_wrong_token_or_version_is_refused(client: Client) -> None:
    token = client("GET", "/me", headers={"Authorization": "Bearer wrong"})
    version = client("GET", "/me", version="9.9")

    assert (token.status_code, token.json()["errors"][0]["code"]) == (401, "unauthorized")
    assert (version.status_code, version.json()["errors"][0]["code"]) == (400, "intercom_version_invalid")
    assert client("GET", "/me").json()["email"] == BOT


def test_people_companies_and_teams_hold_the_world(client: Client, desk: IntercomDesk, thread: str) -> None:
    number = client("GET", f"/conversations/{thread}").json()["contacts"]["contacts"][0]["id"]
    contact = client("GET", f"/contacts/{number}").json()
    company = client("GET", f"/companies/{contact['companies']['data'][0]['id']}").json()

    assert (contact["email"], contact["language_override"]) == (OTTO, "de")
    assert (company["name"], company["custom_attributes"]["tier"]) == ("Northwind", "enterprise")
    assert client("GET", f"/contacts/{number}/companies").json()["data"] == [company]
    assert [team["name"] for team in client("GET", "/teams").json()["teams"]][:2] == ["Tier 1", "Tier 2"]
    assert len(client("GET", "/admins").json()["admins"]) == 4
    assert client("GET", "/contacts/none").json()["errors"][0] == {"code": "not_found", "message": "User Not Found"}
    assert client("GET", "/companies/none").json()["errors"][0]["code"] == "company_not_found"


def test_search_by_updated_at_is_paged_by_a_cursor() -> None:
    moment = [datetime(2026, 6, 1, 12, 0, tzinfo=UTC)]
    desk = IntercomDesk(clock=lambda: moment[0])
    for number in range(5):
        desk.create_ticket(requester=OTTO, subject=f"s{number}", body="b", channel="chat")
        moment[0] += timedelta(minutes=1)
    since = int(datetime(2026, 6, 1, 12, 1, tzinfo=UTC).timestamp())
    query = {"operator": "AND", "value": [{"field": "updated_at", "operator": ">", "value": since}]}
    order = {"field": "updated_at", "order": "ascending"}
    with running(desk) as address:
        client = Client(address)
        first = client("POST", "/conversations/search", {"query": query, "sort": order, "pagination": {"per_page": 3}}).json()
        more = {"per_page": 3, "starting_after": first["pages"]["next"]["starting_after"]}
        rest = client("POST", "/conversations/search", {"query": query, "sort": order, "pagination": more}).json()
        client.session.close()

    assert [each["title"] for each in first["conversations"]] == ["s1", "s2", "s3"]
    assert [each["title"] for each in rest["conversations"]] == ["s4"]
    assert (first["total_count"], "next" in rest["pages"], "conversation_parts" in first["conversations"][0]) == (4, False, False)


@pytest.mark.parametrize(
    ("query", "hits"),
    [
        ({"field": "state", "operator": "=", "value": "open"}, 1),
        ({"field": "state", "operator": "IN", "value": ["closed", "snoozed"]}, 0),
        ({"field": "source.body", "operator": "=", "value": "works"}, 1),
        ({"field": "source.body", "operator": "=", "value": "nothing works"}, 0),
        ({"field": "source.author.email", "operator": "$", "value": "northwind.example"}, 1),
        ({"operator": "OR", "value": [{"field": "open", "operator": "=", "value": False}]}, 0),
    ],
)
def test_search_operators(client: Client, thread: str, query: dict[str, Any], hits: int) -> None:
    assert client("POST", "/conversations/search", {"query": query}).json()["total_count"] == hits


def test_a_query_too_wide_or_too_deep_is_refused(client: Client) -> None:
    one: dict[str, Any] = {"field": "open", "operator": "=", "value": True}
    wide = {"operator": "AND", "value": [one] * 16}
    deep = {"operator": "AND", "value": [{"operator": "OR", "value": [{"operator": "AND", "value": [one]}]}]}

    assert client("POST", "/conversations/search", {"query": wide}).status_code == 400
    assert client("POST", "/conversations/search", {"query": deep}).status_code == 400


def test_tickets_have_states_attributes_and_parts_of_their_own(bot: str) -> None:
    desk = IntercomDesk(kind="ticket")
    number = desk.create_ticket(requester=OTTO, subject="Down", body="Nothing works")
    state, team = desk.people.state_of("waiting_on_customer")["id"], desk.people.team_by_name("Senior")["id"]
    with running(desk) as address:
        client = Client(address)
        body = {"ticket_attributes": {"Severity": "p1"}, "ticket_state_id": state, "assignee_id": team, "admin_id": int(bot)}
        updated = client("PUT", f"/tickets/{number}", body).json()
        note = client(
            "POST", f"/tickets/{number}/reply", {"message_type": "note", "type": "admin", "admin_id": bot, "body": "look"}
        ).json()
        wrong = client("PUT", f"/tickets/{number}", {"ticket_state_id": "1"}).json()
        missing = client("GET", "/tickets/1").json()
        other_kind = client("GET", f"/conversations/{number}")
        client.session.close()

    assert (updated["ticket_attributes"]["Severity"], updated["ticket_state"]["category"]) == ("p1", "waiting_on_customer")
    assert (updated["team_assignee_id"], updated["admin_assignee_id"]) == (int(team), 0)
    assert (note["type"], note["part_type"], note["body"]) == ("ticket_part", "note", "<p>look</p>")
    assert wrong["errors"][0]["code"] == "ticket_state_id_invalid"
    assert (missing["errors"][0]["code"], other_kind.status_code) == ("ticket_not_found", 404)
    assert desk.view(number).status == "pending"


def test_a_merge_closes_the_secondary_and_answers_with_the_primary(client: Client, desk: IntercomDesk, thread: str) -> None:
    other = desk.create_ticket(requester=OTTO, subject="Also", body="Me too")
    order = {"merge_into_conversation_id": int(thread)}

    answer = client("POST", f"/conversations/{other}/merge", order)
    again = client("POST", f"/conversations/{other}/merge", order)

    assert (answer.json()["id"], again.status_code) == (thread, 422)
    assert (desk.view(other).status, desk.view(other).merged_into) == ("solved", thread)
    part = client("GET", f"/conversations/{other}").json()["conversation_parts"]["conversation_parts"][-1]
    assert part["part_type"] == "merged_secondary_conversation"


def test_a_deleted_conversation_is_gone_and_listed_as_deleted(client: Client, desk: IntercomDesk, thread: str) -> None:
    desk.delete(thread)

    assert client("GET", f"/conversations/{thread}").status_code == 404
    assert client("GET", "/conversations/deleted").json()["conversations"][0]["id"] == thread
    assert desk.view(thread).is_deleted


def test_the_limit_is_a_window_of_ten_seconds_without_retry_after() -> None:
    moment = datetime(2026, 6, 1, 12, 0, 3, tzinfo=UTC)
    desk = IntercomDesk(limits=Limits(per_window=2), clock=lambda: moment)
    with running(desk) as address:
        client = Client(address)
        answers = [client("GET", "/me") for _ in range(3)]
        client.session.close()

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].json()["errors"][0]["code"] == "rate_limit_exceeded"
    assert "Retry-After" not in answers[2].headers
    assert answers[2].headers["X-RateLimit-Reset"] == str(int(moment.timestamp()) + 7)
    assert answers[0].headers["X-RateLimit-Remaining"] == "1"


def test_unknown_paths_answer_in_the_vendors_words(client: Client) -> None:
    answer = client("GET", "/nowhere/at/all")

    assert (answer.status_code, answer.json()["type"]) == (404, "error.list")


def test_the_word_last_means_the_newest_conversation(client: Client, thread: str) -> None:
    assert client("GET", "/conversations/last").json()["id"] == thread

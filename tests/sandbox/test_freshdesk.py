"""The stand-in Freshdesk over real HTTP: state, refusals, paging, limits, webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox.freshdesk import Automation, FreshdeskDesk, Limits
from sandbox.serve import running

KEY = ("sandbox-freshdesk-key", "X")
ANNA = "anna.agent@example.com"
OTTO = "otto.ops@northwind.example"


class Client:
    """requests against one desk, with the bot's key."""

    def __init__(self, address: str) -> None:
        self.base = address + "/api/v2"
        self.session = requests.Session()
        self.session.auth = KEY

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.session.request(method, self.base + path, json=body, timeout=60, **options)


@pytest.fixture
def desk() -> FreshdeskDesk:
    return FreshdeskDesk()


@pytest.fixture
def client(desk: FreshdeskDesk) -> Iterator[Client]:
    with running(desk) as address:
        client = Client(address)
        yield client
        client.session.close()


@pytest.fixture
def ticket(desk: FreshdeskDesk) -> str:
    return desk.create_ticket(requester=OTTO, subject="Down", body="Nothing works & we wait", tags=["outage"])


def bodies(desk: FreshdeskDesk) -> list[dict[str, Any]]:
    return [json.loads(each.body)["freshdesk_webhook"] for each in desk.webhooks.sent]


def test_a_ticket_reads_with_what_include_asked_for(client: Client, ticket: str) -> None:
    found = client("GET", f"/tickets/{ticket}?include=conversations,requester,company,stats").json()

    assert (found["status"], found["priority"], found["tags"]) == (2, 1, ["outage"])
    assert found["description"] == "<p>Nothing works &amp; we wait</p>"
    assert found["requester"]["email"] == OTTO
    assert found["company"]["name"] == "Northwind"
    assert found["stats"]["first_responded_at"] is None
    assert found["conversations"] == []


def test_included_conversations_are_the_ten_oldest_and_the_rest_is_paged(
    client: Client, desk: FreshdeskDesk, ticket: str
) -> None:
    for number in range(12):
        desk.customer_reply(ticket, f"message {number}")

    included = client("GET", f"/tickets/{ticket}?include=conversations").json()["conversations"]
    second = client("GET", f"/tickets/{ticket}/conversations?page=2&per_page=10")
    first = client("GET", f"/tickets/{ticket}/conversations?per_page=10")

    assert [each["body_text"] for each in included] == [f"message {number}" for number in range(10)]
    assert [each["body_text"] for each in second.json()] == ["message 10", "message 11"]
    assert 'rel="next"' in first.headers["Link"]
    assert "page=2" in first.headers["Link"]
    assert "Link" not in second.headers


def test_tags_of_a_put_replace_the_whole_list(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    answer = client("PUT", f"/tickets/{ticket}", {"tags": ["vip", "VIP", "billing"]})

    assert answer.json()["tags"] == ["vip", "billing"]
    assert desk.view(ticket).tags == {"vip", "billing"}


def test_custom_fields_of_a_put_merge_by_key(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    client("PUT", f"/tickets/{ticket}", {"custom_fields": {"cf_severity": "p1"}})
    client("PUT", f"/tickets/{ticket}", {"custom_fields": {"cf_escalated": True}})

    assert desk.view(ticket).fields == {"cf_severity": "p1", "cf_escalated": True}


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"status": "4"}, "status", "datatype_mismatch"),
        ({"status": 99}, "status", "invalid_value"),
        ({"priority": True}, "priority", "datatype_mismatch"),
        ({"group_id": 1}, "group_id", "invalid_value"),
        ({"responder_id": "82"}, "responder_id", "datatype_mismatch"),
        ({"tags": "vip"}, "tags", "datatype_mismatch"),
        ({"tags": ["x" * 33]}, "tags", "invalid_value"),
        ({"colour": "red"}, "colour", "invalid_field"),
        ({"custom_fields": {"cf_nowhere": 1}}, "cf_nowhere", "invalid_field"),
        ({"custom_fields": {"cf_affected_users": "12"}}, "cf_affected_users", "datatype_mismatch"),
        ({"custom_fields": {"cf_severity": "p9"}}, "cf_severity", "invalid_value"),
        ({"due_by": "tomorrow"}, "due_by", "invalid_value"),
    ],
)
def test_a_wrong_body_is_refused_whole(
    client: Client, desk: FreshdeskDesk, ticket: str, body: dict[str, Any], field: str, code: str
) -> None:
    answer = client("PUT", f"/tickets/{ticket}", {"subject": "Changed", **body})

    assert answer.status_code == 400
    assert answer.json()["description"] == "Validation failed"
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]
    assert answer.json()["errors"][0]["message"]
    assert desk.view(ticket).subject == "Down"
    assert desk.effects.effects() == []


def test_a_field_required_for_closure_stops_solving(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    desk.people.add_field("cf_root_cause", "text", required_for_closure=True)

    refused = client("PUT", f"/tickets/{ticket}", {"status": 4})
    accepted = client("PUT", f"/tickets/{ticket}", {"status": 4, "custom_fields": {"cf_root_cause": "disk"}})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "missing_field")
    assert accepted.json()["status"] == 4


def test_a_missing_ticket_is_a_404_with_an_empty_body(client: Client) -> None:
    answer = client("GET", "/tickets/999")

    assert (answer.status_code, answer.content) == (404, b"")


def test_a_wrong_key_is_a_401_with_code_and_message(client: Client, ticket: str) -> None:
    answer = client("GET", f"/tickets/{ticket}", auth=("wrong", "X"))

    assert answer.status_code == 401
    assert answer.json()["code"] == "invalid_credentials"
    assert "message" in answer.json()


@pytest.mark.parametrize("way", ["delete", "mark_spam"])
def test_spam_and_trash_can_be_read_but_not_written(client: Client, desk: FreshdeskDesk, ticket: str, way: str) -> None:
    getattr(desk, way)(ticket)

    put = client("PUT", f"/tickets/{ticket}", {"priority": 4})
    note = client("POST", f"/tickets/{ticket}/notes", {"body": "x"})

    assert (put.status_code, note.status_code) == (405, 405)
    assert "method" in put.json()["message"]
    assert client("GET", f"/tickets/{ticket}").status_code == 200
    assert client("GET", "/tickets").json() == []


def test_a_note_is_private_unless_it_says_otherwise_and_is_counted_once(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    answer = client("POST", f"/tickets/{ticket}/notes", {"body": "<p>look</p><script>x()</script>"})

    assert answer.status_code == 201
    assert (answer.json()["private"], answer.json()["incoming"], answer.json()["source"]) == (True, False, 2)
    assert [each.html for each in desk.view(ticket).bot_notes] == ["<p>look</p>"]
    assert [each.what for each in desk.effects.effects(ticket)] == ["note"]
    assert desk.effects.calls(ticket)[0].actor == "deskhand.bot@example.com"


def test_a_reply_is_public_and_counts_as_the_first_response(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    answer = client("POST", f"/tickets/{ticket}/reply", {"body": "<p>hello</p>"})

    stats = client("GET", f"/tickets/{ticket}?include=stats").json()["stats"]
    assert (answer.status_code, answer.json()["private"], answer.json()["source"]) == (201, False, 0)
    assert answer.json()["to_emails"] == [OTTO]
    assert stats["first_responded_at"] is not None
    assert [each.text for each in desk.view(ticket).bot_replies] == ["hello"]


def test_who_is_in_copy_of_a_reply_stays_in_copy_of_the_ticket(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    client("POST", f"/tickets/{ticket}/reply", {"body": "hello", "cc_emails": ["clara.chief@northwind.example"]})

    assert desk.view(ticket).followers == ("clara.chief@northwind.example",)


def test_notes_can_be_edited_and_replies_cannot(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    note = client("POST", f"/tickets/{ticket}/notes", {"body": "old"}).json()["id"]
    reply = client("POST", f"/tickets/{ticket}/reply", {"body": "sent"}).json()["id"]

    assert client("PUT", f"/conversations/{note}", {"body": "new"}).json()["body"] == "new"
    assert client("PUT", f"/conversations/{reply}", {"body": "new"}).status_code == 405
    assert [each.text for each in desk.view(ticket).notes] == ["new"]


def test_a_put_that_changes_nothing_leaves_no_trace(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    before, sent = client("GET", f"/tickets/{ticket}").json(), len(desk.webhooks.sent)

    client("PUT", f"/tickets/{ticket}", {"tags": ["outage"], "status": 2})

    assert client("GET", f"/tickets/{ticket}").json() == before
    assert (desk.effects.effects(), len(desk.webhooks.sent)) == ([], sent)


def test_a_customer_reply_opens_a_closed_ticket_again(desk: FreshdeskDesk, ticket: str) -> None:
    desk.agent_reply(ticket, "Done", ANNA)
    desk.agent_update(ticket, agent=ANNA, status="closed")

    desk.customer_reply(ticket, "No, it is not")

    assert desk.view(ticket).status == "open"
    assert bodies(desk)[-1]["triggered_event"] == "{status:{from:5,to:2}}"


def test_merging_closes_the_secondary_and_answers_204(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    other = desk.create_ticket(requester="gina.globe@globex.example", subject="Also", body="Me too")
    order = {"primary_id": int(ticket), "ticket_ids": [int(other)], "convert_recepients_to_cc": True}

    answer = client("PUT", "/tickets/merge", order)
    again = client("PUT", "/tickets/merge", order)

    assert (answer.status_code, answer.content, again.status_code) == (204, b"", 400)
    assert (desk.view(other).status, desk.view(other).merged_into) == ("closed", ticket)
    assert desk.view(ticket).followers == ("gina.globe@globex.example",)
    assert [effect.what for effect in desk.effects.effects(other)] == ["merge"]


def test_tickets_are_listed_by_updated_since_in_pages() -> None:
    moment = [datetime(2026, 6, 1, 12, 0, tzinfo=UTC)]
    desk = FreshdeskDesk(clock=lambda: moment[0])
    for number in range(5):
        desk.create_ticket(requester=OTTO, subject=f"s{number}", body="b")
        moment[0] += timedelta(minutes=1)
    with running(desk) as address:
        client = Client(address)
        path = "/tickets?updated_since=2026-06-01T12:01:00Z&order_by=updated_at&order_type=asc&per_page=3"
        first = client("GET", path)
        rest = client.session.get(first.links["next"]["url"], timeout=60)
        client.session.close()

    assert [each["subject"] for each in first.json()] == ["s1", "s2", "s3"]
    assert [each["subject"] for each in rest.json()] == ["s4"]
    assert "description" not in first.json()[0]


def test_includes_cost_credits_and_headers_say_so(client: Client, ticket: str) -> None:
    answer = client("GET", f"/tickets/{ticket}?include=conversations,requester")

    assert answer.headers["X-RateLimit-Total"] == "700"
    assert answer.headers["X-RateLimit-Used-CurrentRequest"] == "5"  # two for each that is included
    assert answer.headers["X-RateLimit-Remaining"] == "695"


def test_what_an_include_costs_can_be_set_and_plans_have_smaller_limits() -> None:
    desk = FreshdeskDesk(limits=Limits(per_minute=200, included=1), clock=lambda: datetime(2026, 6, 1, 12, 0, 15, tzinfo=UTC))
    ticket = desk.create_ticket(requester="nina.network@northwind.example", subject="Down", body="Down.")
    with running(desk) as address:
        client = Client(address)
        read = client("GET", f"/tickets/{ticket}?include=conversations,requester")
        updates = [client("PUT", f"/tickets/{ticket}", {"priority": 3 + each % 2}).status_code for each in range(81)]
        client.session.close()

    assert read.headers["X-RateLimit-Used-CurrentRequest"] == "3"
    assert updates == [200] * 80 + [429]
    assert (desk.limits.spent, desk.limits.refused) == ([84], 1)


def test_a_spent_minute_is_a_429_with_retry_after() -> None:
    desk = FreshdeskDesk(limits=Limits(per_minute=2), clock=lambda: datetime(2026, 6, 1, 12, 0, 15, tzinfo=UTC))
    with running(desk) as address:
        client = Client(address)
        answers = [client("GET", "/agents/me") for _ in range(3)]
        client.session.close()

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "45"
    assert "exceeded" in answers[2].json()["message"]


def test_reference_lists_hold_the_world(client: Client) -> None:
    me = client("GET", "/agents/me").json()
    folder = client("GET", "/canned_response_folders").json()[0]
    responses = client("GET", f"/canned_response_folders/{folder['id']}/responses").json()
    company = client("GET", "/companies").json()[0]
    fields = {each["name"]: each for each in client("GET", "/ticket_fields").json()}

    assert me["contact"]["email"] == "deskhand.bot@example.com"
    assert [each["name"] for each in client("GET", "/groups").json()][:2] == ["Tier 1", "Tier 2"]
    assert "{{ticket.requester.firstname}}" in responses[0]["content"]
    assert (company["account_tier"], company["custom_fields"]["arr"]) == ("Enterprise", 120000)
    assert fields["status"]["choices"]["2"] == ["Open", "Open"]
    assert client("GET", "/scenario_automations").json()[0]["actions"][0]["name"] == "priority"


def test_a_rating_is_read_from_both_lists(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    desk.rate(ticket, 1, "slow")

    assert client("GET", f"/tickets/{ticket}/satisfaction_ratings").json()[0]["ratings"] == {"default_question": -103}
    assert client("GET", "/surveys/satisfaction_ratings").json()[0]["feedback"] == "slow"
    assert (desk.view(ticket).rating, desk.view(ticket).rating_comment) == (1, "slow")


def test_search_knows_the_vendors_words(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    desk.create_ticket(requester=OTTO, subject="Other", body="b", tags=["vip"])

    hits = client("GET", "/search/tickets", params={"query": "\"priority:1 AND (tag:'vip' OR status:5)\""}).json()

    assert (hits["total"], hits["results"][0]["subject"]) == (1, "Other")
    assert client("GET", "/search/tickets", params={"query": "priority:1"}).status_code == 400


def test_simple_content_holds_labels_and_an_event_that_is_not_json(desk: FreshdeskDesk, ticket: str) -> None:
    desk.agent_update(ticket, agent=ANNA, priority="urgent", team="Senior")

    created, updated = bodies(desk)
    assert (created["triggered_event"], created["ticket_status"]) == ("{ticket_action:created}", "Open")
    assert (updated["ticket_priority"], updated["ticket_group_name"]) == ("Urgent", "Senior")
    assert updated["triggered_event"].startswith("{priority:{from:1,to:4},group_id:{from:,to:")
    with pytest.raises(ValueError):
        json.loads(updated["triggered_event"])


def test_our_own_writes_fire_the_rule_unless_we_are_left_out(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    client("PUT", f"/tickets/{ticket}", {"tags": ["outage", "vip"]})
    client("POST", f"/tickets/{ticket}/notes", {"body": "draft"})
    fired = [each["triggered_event"] for each in bodies(desk)[1:]]
    desk.automation.except_agents = frozenset({"deskhand.bot@example.com"})
    client("PUT", f"/tickets/{ticket}", {"tags": []})

    assert fired == ["{ticket_action:update}", "{note_type:private}"]
    assert len(bodies(desk)) == 3


def test_advanced_content_is_filled_without_escaping() -> None:
    desk = FreshdeskDesk(automation=Automation(content="advanced"))

    desk.create_ticket(requester=OTTO, subject='He said "down"', body="b")

    body = desk.webhooks.sent[0].body.decode()
    assert '"ticket_id": "1"' in body
    assert '"subject": "He said "down""' in body


def test_the_secret_travels_in_the_rules_header(desk: FreshdeskDesk) -> None:
    assert desk.sign(b"anything") == {"X-Deskhand-Secret": desk.secret}
    assert len(desk.secret) >= 32


def test_a_stale_read_shows_the_ticket_before_the_write(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    desk.faults.order("stale_read", path=f"/tickets/{ticket}", seconds=0.2)
    late = datetime.now(UTC) + timedelta(seconds=0.3)
    while datetime.now(UTC) < late:
        pass
    client("PUT", f"/tickets/{ticket}", {"priority": 4})

    stale, fresh = client("GET", f"/tickets/{ticket}"), client("GET", f"/tickets/{ticket}")

    assert (stale.json()["priority"], fresh.json()["priority"]) == (1, 4)


def test_a_taken_back_write_leaves_nothing(client: Client, desk: FreshdeskDesk, ticket: str) -> None:
    desk.faults.order("not_applied", method="POST")

    answer = client("POST", f"/tickets/{ticket}/notes", {"body": "gone"})

    assert answer.status_code == 201
    assert desk.view(ticket).notes == ()
    assert desk.effects.effects() == []

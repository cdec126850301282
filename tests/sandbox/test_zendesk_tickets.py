"""What the Zendesk stand-in makes of reads and writes: the vendor's semantics, as a client meets them."""

from __future__ import annotations

import pytest

from sandbox.zendesk import ZendeskDesk
from tests.sandbox.zendesk_client import ANNA, BEN, CLARA, Clock, Pair, opened, zendesk


def test_side_loads_stand_beside_and_inside_the_ticket(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.agent_update(ticket, agent=ANNA, assignee=ANNA, team="Billing")

    answer = client.get(f"/tickets/{ticket}.json?include=users,organizations,groups,comment_count,dates")

    assert {user["email"] for user in answer["users"]} == {CLARA, ANNA}
    assert answer["organizations"][0]["organization_fields"]["arr"] == 120000
    assert answer["groups"][0]["name"] == "Billing"
    assert answer["ticket"]["comment_count"] == 1
    assert answer["ticket"]["dates"]["assigned_at"]
    assert "comments" not in answer["ticket"]


def test_tags_of_a_put_replace_the_list_and_additional_tags_are_dropped_with_a_warning(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk, tags=["one", "two"])

    first = client.put(ticket, additional_tags=["three"])
    second = client.put(ticket, tags=["Four Five"])

    assert first.json()["ticket"]["tags"] == ["one", "two"]
    assert "additional_tags" in first.headers["X-Zendesk-API-Warn"]
    assert second.json()["ticket"]["tags"] == ["four_five"]
    assert "X-Zendesk-API-Warn" not in second.headers


def test_the_tags_endpoint_sets_adds_and_removes(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    path = f"/tickets/{ticket}/tags.json"

    answers = [
        client.call(method, path, json={"tags": tags}) for method, tags in (("POST", ["a"]), ("PUT", ["b"]), ("DELETE", ["a"]))
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert [answer.json()["tags"] for answer in answers] == [["a"], ["a", "b"], ["b"]]
    assert client.get(path) == {"tags": ["b"]}


def test_a_comment_is_public_unless_told_otherwise(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)

    client.put(ticket, comment={"body": "for all"})
    client.put(ticket, comment={"body": "for us", "public": False})

    assert [message.is_public for message in desk.view(ticket).messages] == [True, True, False]
    assert [message.by_bot for message in desk.view(ticket).messages] == [False, True, True]


def test_html_is_sanitised_and_wins_over_text(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)

    client.put(ticket, comment={"html_body": "<p>one</p><script>x</script><!--m--><p>two</p>", "body": "text", "public": False})

    comment = client.get(f"/tickets/{ticket}/comments")["comments"][-1]
    assert comment["html_body"] == '<div class="zd-comment" dir="auto"><p>one</p><p>two</p></div>'
    assert comment["plain_body"] == "one\n\ntwo"


def test_a_conflict_is_seen_in_whole_seconds_only(clock: Clock) -> None:
    with zendesk(clock=clock) as (desk, client):
        ticket = opened(desk)
        stamp = client.get(f"/tickets/{ticket}")["ticket"]["updated_at"]
        clock.tick(0.5)
        desk.agent_update(ticket, agent=ANNA, tags_add=["same-second"])

        unseen = client.put(ticket, safe_update=True, updated_stamp=stamp, tags=["ours"])
        clock.tick(1)
        desk.agent_update(ticket, agent=ANNA, tags_add=["later"])
        seen = client.put(ticket, safe_update="true", updated_stamp=stamp, tags=["ours-again"])

        assert stamp == "2026-03-01T12:00:00Z"
        assert unseen.status_code == 200
        assert (seen.status_code, seen.json()["error"]) == (409, "UpdateConflict")
        assert desk.view(ticket).tags == {"ours", "later"}


def test_a_conflict_on_the_tags_endpoint_is_told_too(clock: Clock) -> None:
    with zendesk(clock=clock) as (desk, client):
        ticket = opened(desk)
        wish = {"tags": ["x"], "safe_update": "true", "updated_stamp": "2026-03-01T11:59:59Z"}

        assert client.call("PUT", f"/tickets/{ticket}/tags", json=wish).status_code == 409


def test_a_closed_ticket_refuses_every_write(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.agent_update(ticket, agent=ANNA, status="closed")

    answer = client.put(ticket, tags=["x"])

    assert answer.status_code == 422
    assert answer.json()["details"]["status"][0]["description"] == "Status: closed prevents ticket update"
    assert desk.effects.effects(ticket) == []


def test_a_mail_to_a_closed_ticket_makes_a_follow_up(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.agent_update(ticket, agent=ANNA, status="closed")

    desk.customer_reply(ticket, "me again")

    follow_up = client.get(f"/tickets/{desk.ids()[-1]}")["ticket"]
    assert follow_up["via"]["source"]["rel"] == "follow_up"
    assert follow_up["via"]["source"]["from"]["ticket_id"] == int(ticket)
    assert len(desk.view(ticket).messages) == 1


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"status": "new"}, "status"),
        ({"status": "waiting"}, "status"),
        ({"priority": "huge"}, "priority"),
        ({"type": "wish"}, "type"),
        ({"assignee_id": 1}, "assignee"),
        ({"group_id": 1}, "group"),
        ({"comment": {"body": " "}}, "base"),
        ({"tags": 5}, "tags"),
    ],
)
def test_invalid_values_are_refused_whole(pair: Pair, wish: dict[str, object], field: str) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.agent_update(ticket, agent=ANNA, status="open")
    before = desk.view(ticket)

    answer = client.put(ticket, **{"subject": "changed", **wish})

    assert answer.status_code == 422
    assert answer.json()["error"] == "RecordInvalid"
    assert field in answer.json()["details"]
    assert desk.view(ticket) == before


def test_an_update_that_changes_nothing_leaves_the_stamp(clock: Clock) -> None:
    with zendesk(clock=clock) as (desk, client):
        ticket = opened(desk)
        clock.tick(5)

        answer = client.put(ticket, priority=None, tags=[]).json()

        assert answer["ticket"]["updated_at"] == "2026-03-01T12:00:00Z"
        assert answer["audit"]["events"] == []
        assert desk.effects.effects(ticket) == []


def test_an_assignee_opens_a_new_ticket_and_brings_the_own_group(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    ben = client.get(f"/users/search?query={BEN}")["users"][0]["id"]

    client.put(ticket, assignee_id=ben)
    assigned = desk.view(ticket)
    client.put(ticket, group_id=client.get("/groups")["groups"][3]["id"])  # Billing, where Ben is not

    assert (assigned.status, assigned.assignee, assigned.team) == ("open", BEN, "Tier 1")
    assert (desk.view(ticket).assignee, desk.view(ticket).team) == (None, "Billing")


def test_a_customers_reply_reopens_what_was_solved(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    desk.agent_update(ticket, agent=ANNA, status="solved")

    desk.customer_reply(ticket, "still broken")

    assert desk.view(ticket).status == "open"
    assert client.get(f"/tickets/{ticket}/metrics")["ticket_metric"]["reopens"] == 1


def test_metadata_and_changes_stand_in_the_audit(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)

    client.put(ticket, priority="urgent", metadata={"custom": {"deskhand": {"run": "r1"}}})

    audit = client.get(f"/tickets/{ticket}/audits?sort_order=desc")["audits"][0]
    change = audit["events"][0]
    assert audit["metadata"]["custom"] == {"deskhand": {"run": "r1"}}
    assert (change["field_name"], change["previous_value"], change["value"]) == ("priority", None, "urgent")
    assert audit["via"]["channel"] == "api"


def test_dropdown_fields_and_their_tags_move_together(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)
    field = next(row["id"] for row in client.get("/ticket_fields")["ticket_fields"] if row["type"] == "tagger")

    by_field = client.put(ticket, custom_fields=[{"id": field, "value": "severity_p1"}]).json()["ticket"]
    by_tag = client.put(ticket, tags=["severity_p2"]).json()["ticket"]
    unknown = client.put(ticket, custom_fields=[{"id": field, "value": "severity_p9"}]).json()["ticket"]

    assert "severity_p1" in by_field["tags"]
    assert {"id": field, "value": "severity_p2"} in by_tag["custom_fields"]
    assert {"id": field, "value": "severity_p2"} in unknown["custom_fields"]


def test_merged_sources_are_closed_and_the_target_names_them(pair: Pair) -> None:
    desk, client = pair
    source, target = opened(desk), opened(desk)

    job = client.call("POST", f"/tickets/{target}/merge", json={"ids": [int(source)], "target_comment": "joined"}).json()
    done = client.get(f"/job_statuses/{job['job_status']['id']}")["job_status"]

    view = desk.view(source)
    assert (job["job_status"]["status"], done["status"]) == ("queued", "completed")
    assert (view.status, view.merged_into) == ("closed", target)
    assert "closed_by_merge" in view.tags
    assert desk.view(target).notes[0].text == "joined"


def test_followers_come_and_go(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)

    client.put(ticket, followers=[{"user_email": BEN, "action": "put"}, {"user_email": ANNA, "action": "put"}])
    client.put(ticket, followers=[{"user_email": ANNA, "action": "delete"}])

    assert desk.view(ticket).followers == (BEN,)


def test_many_tickets_take_additional_tags_and_fail_one_by_one(pair: Pair) -> None:
    desk, client = pair
    good, closed = opened(desk), opened(desk)
    desk.agent_update(closed, agent=ANNA, status="closed")

    job = client.call(
        "PUT", f"/tickets/update_many.json?ids={good},{closed}", json={"ticket": {"additional_tags": ["x"], "remove_tags": ["y"]}}
    ).json()["job_status"]  # fmt: skip

    results = client.get(f"/job_statuses/{job['id']}")["job_status"]["results"]
    assert [result["success"] for result in results] == [True, False]
    assert desk.view(good).tags == {"x"}


def test_a_rating_reads_as_good_or_bad(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)

    desk.rate(ticket, 1, "too slow")

    rating = client.get(f"/tickets/{ticket}")["ticket"]["satisfaction_rating"]
    assert (rating["score"], rating["comment"]) == ("bad", "too slow")
    assert desk.view(ticket).rating == 1


def test_mail_of_a_machine_is_flagged_on_its_comment(pair: Pair) -> None:
    desk, client = pair
    ticket = opened(desk)

    desk.customer_reply(ticket, "I am out of office", auto_generated=True)

    comments = client.get(f"/tickets/{ticket}/comments")["comments"]
    assert [comment["metadata"].get("flags") for comment in comments] == [None, [4]]


def test_an_organizations_tags_go_onto_new_tickets_where_the_account_wants_it() -> None:
    desk = ZendeskDesk()
    desk.inherit_tags = True

    assert desk.view(opened(desk)).tags == {"key-account"}

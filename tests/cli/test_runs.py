"""`runs`, `replay`, `dead`: looking at what happened, and taking up what was set aside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from adapters.ticket import TicketKey, TicketKind
from bot.cli.runs import _key
from bot.store import runs as ledger
from bot.store import tickets
from bot.store.database.engine import reading
from bot.store.database.schema import runs as runs_table
from bot.store.database.schema import ticket_texts
from bot.store.packed.compression import pack, unpack
from bot.writes import planner
from rules.engine.decide import decide
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import decision_hash_1
from tests.cli.conftest import Run, printed
from tests.harness.deskhand import NINA, Running, deskhand


@pytest.fixture
def worked(tmp_path: Path) -> Iterator[tuple[Running, str]]:
    """A Deskhand that has worked on one ticket."""
    with deskhand(tmp_path, "zendesk") as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()
        yield run, ticket


def lines(text_: str) -> list[Any]:
    return [json.loads(line) for line in text_.splitlines()]


def test_a_run_that_answered_a_customer_says_who_accepted_it(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    run, ticket = worked
    run.desk.agent_update(ticket, agent="lead.lena@example.com", tags_add=["dh-accept"])
    run.settle()

    found = [each["reply"] for each in lines(deskhand_command("runs").stdout)]

    [reply] = [each for each in found if each]
    assert (reply["state"], reply["accepted_by"]) == ("sent", "Lead Lena")
    assert reply["agent"]
    assert reply["accepted_at"]
    assert None in found


def first_run(run: Running, ticket: str) -> str:
    return str(next(row["id"] for row in run.newest_runs(ticket) if row["facts"]))


def test_runs_are_listed_with_what_they_did(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    _, ticket = worked

    found = next(each for each in lines(deskhand_command("runs").stdout) if each["requests"])

    assert found["ticket"] == f"zendesk/ticket/{ticket}"
    assert (found["state"], found["mode"], found["events"], found["rules"]) == (
        "done",
        "live",
        ["ticket.created"],
        ["vip-outage"],
    )
    assert {each["state"] for each in found["requests"]} == {"confirmed"}
    assert found["hash"]
    assert "Nothing works" not in json.dumps(found)


def test_a_ticket_taken_for_a_machines_is_told_until_the_customer_writes(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        away = "I am on leave with Rosalinde until Monday. In urgent cases please contact the front desk."
        ticket = run.desk.create_ticket(requester=NINA, subject="Automatic reply: Production is down", body=away)
        run.settle()
        taken = lines(deskhand_command("runs").stdout)[0]
        before = deskhand_command("doctor").stderr
        run.desk.customer_reply(ticket, "I am back, and production is down again.")
        run.settle()
        back = next(each for each in lines(deskhand_command("runs").stdout) if "customer.replied" in each["events"])
        after = deskhand_command("doctor").stderr

    assert taken["reason"].startswith("taken for a machine's: subject: automatic reply")
    assert "Rosalinde" not in taken["reason"]
    assert back["reason"] == ""
    assert f"taken for a machine's: 1 within a week, 0 of them until a person wrote; the last: zendesk/ticket/{ticket}" in before
    assert "taken for a machine's: 1 within a week, 1 of them until a person wrote" in after


def test_one_run_is_shown_whole_by_the_beginning_of_its_id(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    run_id = first_run(*worked)

    found = printed(deskhand_command("runs", run_id))

    assert found["run"] == run_id
    assert {each["kind"] for each in found["plan"]} >= {"set_priority", "set_team", "add_tags", "note"}
    assert found["decision"]["rules"][0]["id"] == "vip-outage"
    assert set(found["hashes"]) == {"rules", "facts", "decision"}
    assert [each["state"] for each in found["requests"]] == ["confirmed"]


def test_runs_of_one_ticket_only(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    _, ticket = worked

    assert lines(deskhand_command("runs", "--ticket", f"zendesk/ticket/{ticket}").stdout)
    assert not lines(deskhand_command("runs", "--ticket", "zendesk/ticket/999999").stdout)
    assert deskhand_command("runs", "--ticket", "nonsense").exit_code == 2


def test_a_run_that_is_not_there_is_told(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    for command in ("runs", "replay"):
        result = deskhand_command(command, "ffffffff")
        assert result.exit_code == 1
        assert "no run, or more than one, begins with ffffffff" in result.stderr


def test_a_replay_gives_the_same(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    run_id = first_run(*worked)

    result = deskhand_command("replay", run_id)

    assert result.exit_code == 0, result.stderr
    assert printed(result) == {"run": run_id, "same": True, "facts": True, "rules": True, "decision": True}


def test_a_run_of_an_older_version_is_compared_by_its_own_hash(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    run_id = first_run(*worked)
    engine = worked[0].parts.engine
    with engine.begin() as connection:
        found = ledger.find(connection, run_id)
        assert found is not None
        seen = facts_from_json(json.loads(found["facts"]))
        decision = decide(worked[0].parts.rules, seen)
        hashed = decision_hash_1(decision, planner.hashed_writes(seen, decision))
        connection.execute(text("update runs set decision_hash = :hash where id = :id"), {"hash": hashed, "id": run_id})

    result = deskhand_command("replay", run_id)

    assert printed(result)["same"] is True
    assert "before version 2" in result.stderr


def test_a_decision_that_was_another_is_noticed(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    with worked[0].parts.engine.begin() as connection:
        connection.execute(text("update runs set decision_hash = :hash"), {"hash": "0" * 64})

    result = deskhand_command("replay", first_run(*worked))

    assert result.exit_code == 1
    assert printed(result)["decision"] is False


def stored_as_before(run: Running, run_id: str, old: str = "", new: str = "") -> None:
    """A run as versions before 0018 have stored it: facts and decision as plain text, all messages in them."""
    with run.parts.engine.begin() as connection:
        found = ledger.find(connection, run_id)
        assert found is not None
        plain = {"facts": found["facts"].replace(old, new) if old else found["facts"], "decision": found["decision"]}
        gone = {"facts_packed": None, "decision_packed": None, "texts": ""}
        connection.execute(update(runs_table).where(runs_table.c.id == run_id).values(**plain, **gone))


def test_a_run_that_was_stored_before_is_shown_and_replayed_as_one_of_today(
    deskhand_command: Run, worked: tuple[Running, str]
) -> None:
    run_id = first_run(*worked)
    asked = (["runs", run_id], ["runs"], ["replay", run_id], ["why", run_id, "--rule", "vip-outage"], ["backtest"])
    told = [deskhand_command(*each).stdout for each in asked]

    stored_as_before(worked[0], run_id)

    assert [deskhand_command(*each).stdout for each in asked] == told


@pytest.mark.parametrize(("old", "new"), [("Nothing works", "Nothing worcs"), ("2026", "2025")])
def test_a_message_that_was_changed_since_is_noticed(
    deskhand_command: Run, worked: tuple[Running, str], old: str, new: str
) -> None:
    run_id = first_run(*worked)
    with worked[0].parts.engine.begin() as connection:
        for row in connection.execute(select(ticket_texts)).all():
            changed = pack(unpack(row.words).replace(old, new))
            connection.execute(update(ticket_texts).where(ticket_texts.c.number == row.number).values(words=changed))

    result = deskhand_command("replay", run_id)

    assert result.exit_code == 1
    assert printed(result)["facts"] is False


@pytest.mark.parametrize(
    "statement", ["delete from ticket_texts", "update ticket_texts set words = :torn", "delete from dictionaries"]
)
def test_a_run_whose_messages_or_words_are_gone_says_so(
    deskhand_command: Run, worked: tuple[Running, str], statement: str
) -> None:
    run_id = first_run(*worked)
    with worked[0].parts.engine.begin() as connection:
        connection.execute(text(statement), {"torn": b"torn"} if ":torn" in statement else {})

    result = deskhand_command("replay", run_id)

    assert result.exit_code == 1
    assert "cannot be replayed" in result.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [("Production is down", "Production is Down"), ("Nothing works", "Nothing worcs"), ('"enterprise"', '"enterprisf"')],
)
def test_one_changed_byte_in_the_stored_facts_is_noticed(
    deskhand_command: Run, worked: tuple[Running, str], old: str, new: str
) -> None:
    run, ticket = worked
    run_id = first_run(run, ticket)
    stored_as_before(run, run_id, old, new)

    result = deskhand_command("replay", run_id)

    assert result.exit_code == 1
    assert printed(result)["same"] is False
    assert printed(result)["facts"] is False
    assert "the replay differs: facts" in result.stderr


def test_facts_that_are_torn_are_told_without_their_words(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    run_id = first_run(*worked)
    with worked[0].parts.engine.begin() as connection:
        connection.execute(text("update runs set facts_packed = substr(facts_packed, 1, 400)"))

    result = deskhand_command("replay", run_id)

    assert result.exit_code == 1
    assert "cannot be replayed" in result.stderr
    assert "Nothing works" not in result.stderr


def test_a_replay_goes_by_the_rules_of_its_time(deskhand_command: Run, worked: tuple[Running, str], tmp_path: Path) -> None:
    run, ticket = worked
    rules = tmp_path / "other.yaml"
    rules.write_text(
        Path(run.config.settings.rules[0]).read_text(encoding="utf-8").replace("Senior", "Billing"), encoding="utf-8"
    )
    config = run.config.path.read_text(encoding="utf-8").replace(run.config.settings.rules[0], str(rules))
    run.config.path.write_text(config, encoding="utf-8")

    result = deskhand_command("replay", first_run(run, ticket))

    assert result.exit_code == 0, result.stderr
    assert printed(result)["same"] is True


@pytest.mark.parametrize(("old", "new"), [("Senior", "Billing"), ("urgent", "low")])
def test_one_changed_word_in_the_stored_rules_is_noticed(
    deskhand_command: Run, worked: tuple[Running, str], old: str, new: str
) -> None:
    run, ticket = worked
    with run.parts.engine.begin() as connection:
        connection.execute(text("update rule_sets set sources = replace(sources, :old, :new)"), {"old": old, "new": new})

    result = deskhand_command("replay", first_run(run, ticket))

    assert result.exit_code == 1
    assert printed(result)["rules"] is False
    assert "the rules are not the ones of that run" in result.stderr


def test_what_was_set_aside_is_listed_taken_up_and_worked_on(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk", flow={"max_failures": 1}) as run:
        run.desk.faults.order("500", method="GET", times=6)
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        run.settle()
        name = f"zendesk/ticket/{ticket}"

        [listed] = lines(deskhand_command("dead", "list").stdout)
        assert (listed["ticket"], listed["retry"]) == (name, f"deskhand dead retry {name}")
        assert "1 failures" in listed["reason"]
        assert lines(deskhand_command("dead").stdout) == [listed]
        run.desk.faults.reset()
        result = deskhand_command("dead", "retry", name)
        run.settle()

        assert result.exit_code == 0
        assert f"{name}: 1 taken up again" in result.stderr
        assert deskhand_command("dead", "list").stdout == ""
        assert len(run.view(ticket).bot_notes) == 1


def test_what_was_set_aside_can_be_dropped(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk", flow={"max_failures": 1}) as run:
        run.desk.faults.order("500", method="GET", times=6)
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        run.settle()
        run.desk.faults.reset()

        result = deskhand_command("dead", "drop", f"zendesk/ticket/{ticket}")
        run.settle()

        assert result.exit_code == 0
        assert "1 given up" in result.stderr
        assert not run.view(ticket).bot_notes
        with reading(run.parts.engine) as connection:
            assert tickets.unfinished(connection) == 0


def test_a_ticket_that_was_not_set_aside_is_told(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    result = deskhand_command("dead", "retry", f"zendesk/ticket/{worked[1]}")

    assert result.exit_code == 1
    assert "is not set aside" in result.stderr


def test_a_reply_of_unknown_outcome_is_listed_for_a_person(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    run, ticket = worked
    [request] = run.requests(ticket)
    with run.parts.engine.begin() as connection:
        connection.execute(text("update requests set state = 'unknown'"))
        ledger.mark(connection, request.run_id, request.number, "waiting", run.parts.clock(), reason="nobody knows")

    [listed] = lines(deskhand_command("dead", "list", "--config", "config.yaml").stdout)

    assert (listed["run"], listed["request"], listed["reason"]) == (request.run_id, request.number, "nobody knows")
    assert deskhand_command("doctor").exit_code == 0
    assert deskhand_command("doctor", "--strict").exit_code == 1


def test_why_of_a_stored_run(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    result = deskhand_command("why", first_run(*worked), "--rule", "vip-outage")

    assert result.exit_code == 0, result.stderr
    assert printed(result)["fired"] is True
    assert "vip-outage fired" in result.stderr


def test_a_test_is_made_of_a_stored_run_without_the_customers_words(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    result = deskhand_command("test", "--record", first_run(*worked))

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("# vip-outage\n- matches: {")
    assert "writes: [" in result.stdout
    assert "Nothing works" not in result.stdout
    assert "nina" not in result.stdout.lower()


def test_a_test_is_made_for_a_rule_that_is_there(deskhand_command: Run, worked: tuple[Running, str]) -> None:
    result = deskhand_command("test", "--record", first_run(*worked), "--rule", "vip-outrage")

    assert result.exit_code == 2
    assert "vip-outrage: no such rule, did you mean vip-outage?" in result.stderr


def test_a_ticket_is_named_by_account_kind_and_id(capsys: pytest.CaptureFixture[str]) -> None:
    assert _key("acme/conversation/42") == TicketKey("acme", TicketKind.CONVERSATION, "42")

    with pytest.raises(SystemExit):
        _key("acme/42")

    assert "'acme/42' is no ticket: wanted account/kind/id" in capsys.readouterr().err

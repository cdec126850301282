"""`decide`, `draft`, `sense`, `strip-reply`: the shapes that scripts rely on, and messages that say what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli.dry_run import completed
from bot.senses import DETECTORS
from rules.language.facts_json import facts_from_json
from tests.cli.conftest import ROOT, Run, printed

OUTAGE = {
    "ticket": {"subject": "Production is down", "messages": [{"external_id": "m1", "body_text": "Nothing works since 09:40."}]},
    "company": {"tier": "enterprise", "name": "Northwind"},
    "now": "2026-11-21T09:30:00+00:00",
}
RULES = """
rules:
  - id: down
    name: What is down is urgent
    when: {subject: {has_any: ["down"]}}
    then: [{set_priority: urgent}, {assign_team: Senior}, {add_tags: [outage]}]
    tests:
      - matches: {ticket: {subject: "It is down"}}
      - ignores: {ticket: {subject: "Thanks"}}
"""


def ticket_file(folder: Path, value: object = OUTAGE, name: str = "ticket.json") -> str:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return str(path)


def rules_file(folder: Path, text: str = RULES) -> str:
    path = folder / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def decided(run: Run, folder: Path, value: object = OUTAGE, *more: str) -> Any:
    result = run("decide", "--ticket", ticket_file(folder, value), *more)
    assert result.exit_code == 0, result.stderr
    return printed(result)


def test_a_subject_alone_is_a_ticket(deskhand_command: Run, tmp_path: Path) -> None:
    found = decided(deskhand_command, tmp_path, {"subject": "Production is down"})

    assert set(found) >= {"writes", "rules", "decided", "hash", "facts_hash"}
    assert all(each["kind"] for each in found["writes"])
    assert all(set(each) >= {"id", "matched", "steps"} for each in found["rules"])


def test_the_signals_that_decided_are_quoted(deskhand_command: Run, tmp_path: Path) -> None:
    asks = "rules:\n  - {id: down, when: {issue: outage}, then: [{add_tags: [outage]}]}\n"
    asks += "  - {id: refund, when: {wishes: {has: refund}}, then: [{add_tags: [refund]}]}\n"

    found = decided(deskhand_command, tmp_path, OUTAGE, "--rules", rules_file(tmp_path, asks))

    assert list(found["signals"]) == ["issue"]  # no rule fired by its wishes
    assert "“" in found["signals"]["issue"]["why"]


def test_what_is_decided_stands_there_by_name(deskhand_command: Run, tmp_path: Path) -> None:
    found = decided(deskhand_command, tmp_path, OUTAGE, "--rules", rules_file(tmp_path))

    assert found["writes"] == [
        {"kind": "add_tags", "tags": ["outage"], "rules": ["down"]},
        {"kind": "set_priority", "priority": "urgent", "rules": ["down"]},
        {"kind": "set_team", "team": "Senior", "rules": ["down"]},
    ]
    by = {name: ["down"] for name in ("priority", "team", "tag:outage")}
    assert found["decided"] == {
        "priority": "urgent",
        "status": None,
        "team": "Senior",
        "assignee": None,
        "tags_add": ["outage"],
        "by": by,
        "priority_from": ["down"],
    }


def test_the_trace_names_each_condition_and_whether_it_holds(deskhand_command: Run, tmp_path: Path) -> None:
    found = decided(deskhand_command, tmp_path, OUTAGE, "--rules", rules_file(tmp_path))

    [rule] = found["rules"]
    assert (rule["id"], rule["matched"], rule["fired"]) == ("down", True, True)
    assert [(step["path"], step["holds"]) for step in rule["steps"]] == [("when.subject", True)]


def test_packs_are_known_by_name_and_by_default(deskhand_command: Run, tmp_path: Path) -> None:
    every = {each["file"] for each in decided(deskhand_command, tmp_path)["rules"]}
    one = {each["file"] for each in decided(deskhand_command, tmp_path, OUTAGE, "--rules", "pack:vip")["rules"]}

    assert one == {"pack:vip"}
    assert every > one


def test_facts_beside_the_ticket_count(deskhand_command: Run, tmp_path: Path) -> None:
    rule = "rules:\n  - id: r\n    name: R\n    when: {company.tier: enterprise, sentiment: angry}\n    then: [{add_tags: [x]}]\n"
    rule += (
        "    tests: [{matches: {company: {tier: enterprise}, signals: {sentiment: angry}}}, {ignores: {ticket: {subject: x}}}]\n"
    )
    named = rules_file(tmp_path, rule)
    with_facts = {**OUTAGE, "signals": {"sentiment": {"value": "angry", "score": 0.9}}}

    assert decided(deskhand_command, tmp_path, with_facts, "--rules", named)["writes"]
    assert not decided(deskhand_command, tmp_path, {"subject": "Thanks"}, "--rules", named)["writes"]


def test_a_ticket_comes_from_standard_input_too(deskhand_command: Run, tmp_path: Path) -> None:
    result = deskhand_command("decide", "--ticket", "-", "--rules", rules_file(tmp_path), text=json.dumps(OUTAGE))

    assert printed(result)["decided"]["priority"] == "urgent"


def test_the_time_on_the_command_line_counts(deskhand_command: Run, tmp_path: Path) -> None:
    morning = decided(deskhand_command, tmp_path, OUTAGE, "--now", "2026-11-21T09:30:00Z")
    evening = decided(deskhand_command, tmp_path, OUTAGE, "--now", "2026-11-21T21:30:00")

    assert morning["facts_hash"] == decided(deskhand_command, tmp_path)["facts_hash"]
    assert morning["facts_hash"] != evening["facts_hash"]


def test_a_time_that_is_none_is_wrong_usage(deskhand_command: Run, tmp_path: Path) -> None:
    result = deskhand_command("decide", "--ticket", ticket_file(tmp_path), "--now", "soon")

    assert result.exit_code == 2
    assert "--now: wanted a time like" in result.stderr


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"ticket": {"subjct": "x"}}, "ticket.subjct: no such field, did you mean subject?"),
        ({"ticket": {"priority": "huge"}}, "ticket.priority"),
        ({"ticket": {}, "compnay": {}}, "compnay: no such field, did you mean company?"),
        ({"ticket": {}, "counts": {"agent_replis": 1}}, "counts.agent_replis"),
        ([1], "wanted an object"),
        ("{", "ticket.json:1:2: not JSON"),
        ("", "not JSON"),
    ],
)
def test_a_wrong_ticket_names_the_place(deskhand_command: Run, tmp_path: Path, value: object, message: str) -> None:
    result = deskhand_command("decide", "--ticket", ticket_file(tmp_path, value))

    assert result.exit_code == 1
    assert result.stdout == ""
    assert message in result.stderr


def test_a_ticket_that_is_not_there_is_told(deskhand_command: Run) -> None:
    result = deskhand_command("decide", "--ticket", "nowhere.json")

    assert result.exit_code == 1
    assert "nowhere.json: cannot be read: No such file" in result.stderr


def test_wrong_rules_name_file_and_line(deskhand_command: Run, tmp_path: Path) -> None:
    named = rules_file(tmp_path, RULES.replace("set_priority", "set_prioritty"))

    result = deskhand_command("decide", "--ticket", ticket_file(tmp_path), "--rules", named)

    assert result.exit_code == 1
    assert "rules.yaml:6:" in result.stderr
    assert "did you mean set_priority?" in result.stderr


def test_hashes_are_the_same_in_every_process(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot.cli", "decide", "--ticket", ticket_file(tmp_path)]

    def told(seed: str) -> bytes:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment, check=True).stdout

    with ThreadPoolExecutor(3) as at_once:
        first, *others = at_once.map(told, ("0", "1", "4242"))

    assert others == [first, first]
    assert all(json.loads(first)[name] for name in ("hash", "facts_hash", "rules_hash"))


def test_another_ticket_has_another_facts_hash_and_the_same_decision_the_same_hash(deskhand_command: Run, tmp_path: Path) -> None:
    named = rules_file(tmp_path)
    one = decided(deskhand_command, tmp_path, {**OUTAGE, "ticket": {"subject": "It is down"}}, "--rules", named)
    two = decided(deskhand_command, tmp_path, {**OUTAGE, "ticket": {"subject": "All is down"}}, "--rules", named)
    three = decided(deskhand_command, tmp_path, {**OUTAGE, "ticket": {"subject": "Thanks"}}, "--rules", named)

    assert one["facts_hash"] != two["facts_hash"]
    assert one["hash"] == two["hash"] != three["hash"]


ARTICLE = """---
id: export
title: Export your data
updated: 2026-05-11
url: https://help.example.com/articles/export
---
Open Settings, choose Export, and select CSV. The file comes by e-mail.
"""
SETTINGS = """
marker_key: a-key-of-twenty-characters
drafts: {articles: articles}
accounts:
  - name: acme
    provider: zendesk
    address: https://acme.example
    credentials: {email: a@example.com, token: t}
    webhook: {secrets: [a-secret]}
"""


def test_a_draft_shows_its_sentences_sources_and_note(deskhand_command: Run, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "export.md").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(SETTINGS, encoding="utf-8")
    asked = {"external_id": "m1", "body_text": "How do I export my data as CSV?"}
    question = {"subject": "How do I export my data?", "messages": [asked]}

    result = deskhand_command("draft", "--ticket", ticket_file(tmp_path, question))

    found = printed(result)
    assert set(found) >= {"text", "language", "sentences", "withheld", "reason", "note"}
    assert (found["withheld"], found["language"]) == (False, "en")
    assert all(set(each) >= {"text", "sources", "checks"} for each in found["sentences"])
    assert any(each["sources"] for each in found["sentences"])
    assert "Export" in found["note"]


def test_a_draft_that_is_withheld_says_why(deskhand_command: Run, tmp_path: Path) -> None:
    result = deskhand_command("draft", "--ticket", ticket_file(tmp_path, {"subject": "How do I export?"}))

    found = printed(result)
    assert (found["text"], found["withheld"], found["sentences"]) == ("", True, [])
    assert found["reason"]
    assert "config.yaml: not there, so no articles are known" in result.stderr


def test_half_a_letter_stops_no_draft(deskhand_command: Run, tmp_path: Path) -> None:
    result = deskhand_command("draft", "--ticket", ticket_file(tmp_path, {"subject": "How do I export \ud83d my data?"}))

    assert printed(result)["withheld"]


def test_a_draft_tells_of_articles_that_are_not_there(deskhand_command: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SETTINGS, encoding="utf-8")

    result = deskhand_command("draft", "--ticket", ticket_file(tmp_path, {"subject": "How do I export?"}))

    assert printed(result)["withheld"]
    assert "config.yaml:3:10: drafts.articles: articles: no such file" in result.stderr


@pytest.mark.parametrize("command", ["decide", "draft"])
def test_a_configuration_that_was_named_and_is_not_there_is_refused(deskhand_command: Run, tmp_path: Path, command: str) -> None:
    """The default may be missing: these commands work without one."""
    ticket = ticket_file(tmp_path, {"subject": "How do I export?"})

    result = deskhand_command(command, "--ticket", ticket, "--config", "confg.yaml")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "confg.yaml" in result.stderr


def test_signals_come_line_by_line(deskhand_command: Run) -> None:
    lines = [{"id": "a1", "subject": "Everything is down!!!"}, {"external_id": "7", "subject": "Wie exportiere ich meine Daten?"}]

    result = deskhand_command("sense", text="\n".join(map(json.dumps, lines)) + "\n\n")

    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["id"] for each in found] == ["a1", "7"]
    assert all(set(signal) == {"value", "score", "why"} for each in found for signal in each["signals"].values())
    assert found[1]["signals"]["language"]["value"] == "de"
    assert found[0]["signals"]["issue_type"]["value"] == "outage"


def test_signals_know_the_issues_of_the_rules(deskhand_command: Run) -> None:
    shop = str(ROOT / "docs" / "own_issues" / "shop.yaml")
    text = json.dumps({"subject": "Code", "description": "My discount code is refused at the checkout."})

    own, bare = (deskhand_command("sense", *more, text=text) for more in (("--rules", shop), ()))

    assert json.loads(own.stdout)["signals"]["issue"]["value"] == "checkout.coupon"
    assert json.loads(own.stdout)["signals"]["product_area"]["value"] == "checkout"
    assert "product_area" not in json.loads(bare.stdout)["signals"]


HALF = r'{"ticket": {"subject": "Cancel", "messages": [{"body_text": "Please \ud800 cancel my plan."}]}}'
DEEP = '{"subject": ' + "[" * 3_000 + "]" * 3_000 + "}"


def test_half_a_letter_costs_no_signal(deskhand_command: Run, tmp_path: Path) -> None:
    sensed = deskhand_command("sense", text=HALF)

    found = json.loads(sensed.stdout)["signals"]
    assert found["wants_cancel"]["value"] is True
    assert len(found) == len(DETECTORS)
    (tmp_path / "t.json").write_text(HALF, encoding="utf-8")
    assert deskhand_command("decide", "--ticket", "t.json").exit_code == 0


@pytest.mark.parametrize("command", [("sense",), ("decide", "--ticket", "-")])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (DEEP, "nested deeper than 64"),
        ('{"subject": "a", "subject": "b"}', "names the same key twice"),
        ('{"subject": ' + "7" * 5_000 + "}", "a number of more than 40 digits"),
        (b'{"subject": "\xfc"}', "not UTF-8: the byte 0xFC (save the file as UTF-8)"),
        ('{"subject": "x"}'.encode("utf-16"), "UTF-16 or UTF-32, wanted UTF-8"),
    ],
)
def test_what_is_no_plain_json_is_told_without_a_traceback(
    deskhand_command: Run, command: tuple[str, ...], text: str | bytes, told: str
) -> None:
    result = deskhand_command(*command, text=text)

    assert result.exit_code == 1
    assert told in result.stderr
    assert result.stdout == ""


def test_a_line_ends_at_a_line_feed_only(deskhand_command: Run) -> None:
    result = deskhand_command("sense", text='{"id": "a", "subject": "x\u2028y\x85z"}\n{"id": "b", "subject": "z"}\n')

    assert [json.loads(line)["id"] for line in result.stdout.split("\n") if line] == ["a", "b"]


@pytest.mark.parametrize("line", ["{", "[1]", '"words"', '{"subjct": "x"}'])
def test_a_wrong_line_is_named_by_its_number(deskhand_command: Run, line: str) -> None:
    result = deskhand_command("sense", text='{"subject": "x"}\n' + line + "\n")

    assert result.exit_code == 1
    assert "line 2: " in result.stderr
    assert len(result.stdout.splitlines()) == 1


def test_the_visible_reply_is_printed_without_quote_and_signature(deskhand_command: Run) -> None:
    mail = "It works now, thank you.\n\n-- \nNina\n\nOn Mon, Anna wrote:\n> Please try again.\n"

    result = deskhand_command("strip-reply", text=mail)

    assert result.stdout.strip() == "It works now, thank you."


def test_rules_see_what_the_customer_wrote_and_not_what_they_quote(deskhand_command: Run, tmp_path: Path) -> None:
    mail = "Works, thanks!\n\nOn Mon, Mar 2, 2026 at 10:00 AM Anna <a@desk.example> wrote:\n> Do you want a refund?\n"
    own, quoted = (
        f"rules:\n  - {{id: r, on: [ticket.created], when: {{{field}: {{has: refund}}}}, then: [add_tags: x]}}\n"
        for field in ("last_message", "quoted_text")
    )
    value = {"ticket": {"messages": [{"body_text": mail}]}}
    fixed = {**value, "own_words": {"newest": "A refund, please."}}

    def writes(rule: str, of: object) -> int:
        return len(decided(deskhand_command, tmp_path, of, "--rules", rules_file(tmp_path, rule))["writes"])

    assert (writes(own, value), writes(quoted, value), writes(own, fixed)) == (0, 1, 1)


def test_a_broken_configuration_stops_decide_with_its_place(deskhand_command: Run, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("marker_kye: x\n", encoding="utf-8")

    result = deskhand_command("decide", "--ticket", ticket_file(tmp_path))

    assert result.exit_code == 2
    assert "config.yaml:1:1: marker_kye: no such setting, did you mean marker_key?" in result.stderr


def test_what_a_file_fixes_is_not_looked_up() -> None:
    tree = {"ticket": {"subject": "Down"}, "signals": {"language": "fr"}, "company": {"tier": "enterprise"}, "agents": []}
    given = facts_from_json(tree, datetime(2026, 11, 21, 9, 30, tzinfo=UTC))

    facts = completed(given, tree, None)

    assert (facts.company, facts.agents, facts.signals["language"]) == (given.company, given.agents, given.signals["language"])
    assert set(facts.signals) > set(given.signals)

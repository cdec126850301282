"""F96: rules that run in circles. There are no includes, and a file sees only what earlier files decided: what is left of
circles is anchors (refused), rules that undo each other (one pass, one winner), and Deskhand's own writes (no news to it)."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.engine.decide import decide
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import NINA, deskhand
from tests.rules.build import again, facts_of, messages_of, rule, rules_of

PING_PONG = """rules:
  - id: ping
    on: [ticket.created, ticket.updated, tags.changed]
    when: {not: {tags: {has: pong}}}
    then: [{add_tags: [pong]}]
    tests: [{ignores: {tags: [pong]}}]
  - id: pong
    on: [ticket.created, ticket.updated, tags.changed]
    when: {tags: {has: pong}}
    then: [{remove_tags: [pong]}]
    tests: [{ignores: {tags: []}}]
"""


@pytest.mark.parametrize("text", ["rules: &r\n  - *r\n", "rules:\n  - &a {id: a, when: {all: [*a]}}\n"])
def test_F96_a_file_that_holds_itself_is_refused(text: str) -> None:
    assert "anchors and aliases are not used here" in messages_of(text)[0]


@pytest.mark.parametrize("word", ["include", "import", "extends"])
def test_F96_there_are_no_includes(word: str) -> None:
    [message] = messages_of(f"{word}: [file1.yaml]\nrules:\n{rule('{subject: x}')}")

    assert f"{word}: no such key" in message


def test_F96_a_value_cannot_be_made_of_itself() -> None:
    """What a value holds is not looked into again."""
    text = 'values: {a: "${b}", b: "${a}"}\nrules:\n' + rule('{subject: "${a}"}')

    assert decide(rules_of(text), facts_of(ticket={"subject": "${b}"})).rules[0].matched


def test_F96_two_files_that_wait_for_each_other_are_read_once_in_order() -> None:
    first = "rules:\n" + rule("{decided.tags: {has: b}}", "[{add_tags: [a]}]", id="first")
    second = "rules:\n" + rule("{decided.tags: {has: a}}", "[{add_tags: [b]}]", id="second")

    decision = decide(rules_of(first, second), facts_of())

    assert [each.matched for each in decision.rules] == [False, False]


def test_F96_rules_that_undo_each_other_decide_once_a_look() -> None:
    rules = rules_of(PING_PONG)

    one = decide(rules, facts_of(events=["ticket.created"]))
    two = again(rules, facts_of(ticket={"tags": ["pong"]}, events=["ticket.updated"]), one)

    assert (set(one.tags_add), set(one.tags_remove)) == ({"pong"}, set())
    assert (set(two.tags_add), set(two.tags_remove)) == (set(), {"pong"})


@each_helpdesk
def test_F96_on_a_helpdesk_such_rules_come_to_rest(tmp_path: Path, provider: str) -> None:
    path = tmp_path / "ping_pong.yaml"
    path.write_text(PING_PONG, encoding="utf-8")
    with deskhand(tmp_path, provider, rules=str(path)) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Hello", body="Hello")

        run.settle(30)

        assert run.view(ticket).tags >= {"pong"}
        assert sum(row["is_writing"] for row in run.newest_runs(ticket)) == 1

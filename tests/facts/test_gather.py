"""Tickets go to the agent with the skill and the fewest open ones, on every helpdesk alike; nobody is asked while rules run."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.ticket import AuthorKind, Direction, EventType, Message, Ticket
from bot.directory import Directory
from bot.facts.gather import gather
from bot.store.tickets import Memory
from rules.engine.decide import decide
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import canonical, facts_to_json
from rules.model.facts import Facts, OwnWords
from tests.facts.test_history_counts import rows
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import ANNA, NINA, Running, deskhand

pytestmark = pytest.mark.both_storages

NOTHING = Memory()
BEN, LENA = "ben.agent@example.com", "lead.lena@example.com"
RULES = """
rules:
  - id: to-somebody
    on: [ticket.created]
    when: {assignee: {known: false}}
    then: [assign_agent: {skill: networks, by: load}]
"""
AGENTS = f"""agents:
  - {{email: {ANNA}, name: Anna Agent, skills: [networks, invoices]}}
  - {{email: {BEN}, name: Ben Agent, skills: [networks]}}
  - {{email: {LENA}, name: Lead Lena, skills: [networks], away: true}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, object]:
    (tmp_path / "choosing.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "agents.yaml").write_text(AGENTS, encoding="utf-8")
    return {"rules": str(tmp_path / "choosing.yaml"), "directory": {"files": [str(tmp_path / "agents.yaml")]}}


def asked(run: Running, count: int = 1) -> list[str]:
    made = [run.desk.create_ticket(requester=NINA, subject=f"Number {each}", body="A question.") for each in range(count)]
    run.settle()
    return made


@each_helpdesk
def test_tickets_are_shared_out_and_whoever_solves_gets_the_next(
    tmp_path: Path, provider: str, settings: dict[str, object]
) -> None:
    with deskhand(tmp_path, provider, **settings) as run:  # type: ignore[arg-type]
        made = [*asked(run), *asked(run), *asked(run), *asked(run)]
        assert [run.view(each).assignee for each in made] == [ANNA, BEN, ANNA, BEN]

        for ticket in made[1::2]:
            run.desk.agent_update(ticket, agent=BEN, status="solved")
        run.settle()
        [next_one] = asked(run)

        assert run.view(next_one).assignee == BEN
        assert [(each["agent"], each.get("open_tickets", 0)) for each in run.newest_facts(next_one)["agents"]] == [
            (ANNA, 2), (BEN, 0), (LENA, 0)
        ]  # fmt: skip
        assert {row["assignee"] != "" for row in rows(run).values()} == {True}


def test_a_decision_is_replayed_with_the_loads_of_its_time(tmp_path: Path, settings: dict[str, object]) -> None:
    with deskhand(tmp_path, "zendesk", **settings) as run:  # type: ignore[arg-type]
        first, second = asked(run)[0], asked(run)[0]
        asked(run, 2)

        again = [decide(run.parts.rules, facts_from_json(run.newest_facts(each))).assignee for each in (first, second)]

        assert again == [ANNA, BEN]


def test_working_hours_of_the_configuration_stand_in_the_facts(tmp_path: Path) -> None:
    rules = tmp_path / "hours.yaml"
    when = "{all: [{in_working_time: false}, {created_at: {in_working_time: false}}]}"
    rules.write_text(f"rules:\n  - {{id: r, when: {when}, then: [add_tags: late]}}\n", encoding="utf-8")
    with deskhand(tmp_path, "zendesk", rules=str(rules), working_hours={"holidays": []}) as run:
        [ticket] = asked(run)

        assert "late" in run.view(ticket).tags
        assert run.newest_facts(ticket)["in_working_time"] is False
        assert run.newest_facts(ticket)["working_hours"] == {}


def test_facts_hold_what_is_ours_and_counts_are_told_all_the_rest() -> None:
    seen: list[Facts] = []

    def counted(known: Facts) -> dict[str, int]:
        seen.append(known)
        return {"runs": 3}

    made = gathered(Ticket(tags=frozenset({"vip", "other"})), counted, Memory(tags_put=frozenset({"vip", "gone"})))

    assert (made.toggled, made.ours, made.in_working_time) == (frozenset({"vip"}), frozenset({"tag:vip"}), True)
    assert (seen[0].counts, made.counts) == ({}, {"runs": 3})


def test_own_words_are_facts() -> None:
    mail = "Works, thanks!\n\nOn Mon, Mar 2, 2026 at 10:00 AM Anna <a@desk.example> wrote:\n> Do you want a refund?"
    asked = Message(body_text="How?")
    answered = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Do you want a refund?")

    made = gathered(Ticket(messages=(asked, answered, Message(body_text=mail))))

    assert made.own_words == OwnWords(newest="Works, thanks!", quoted="Do you want a refund?")
    assert facts_from_json(json.loads(canonical(facts_to_json(made)))) == made


def gathered(ticket: Ticket, counted: Callable[[Facts], dict[str, int]] = lambda facts: {}, memory: Memory = NOTHING) -> Facts:
    return gather(
        ticket,
        happened=frozenset({EventType.TICKET_CREATED}),
        changed={},
        is_first_sight=True,
        memory=memory,
        state={},
        directory=Directory(),
        counted=counted,
        candidates=tuple,
        hours=None,
        now=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
    )

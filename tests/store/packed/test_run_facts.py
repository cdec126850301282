"""Facts and decision of a run: taken apart where they are stored, the same again where they are read."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from adapters.codec import Unreadable
from adapters.ticket import Json, Message, Ticket
from bot.store import runs
from bot.store.database.schema import ticket_texts as texts_table
from bot.store.packed import run_facts, ticket_texts
from bot.store.packed.compression import keep_words
from bot.store.packed.run_facts import LONG, Together
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import canonical, facts_hash, facts_to_json
from rules.model.facts import Facts
from tests.rules.full_facts import FULL
from tests.store.makers import KEY, NOW

LETTER = "A long letter. " * 40
THREAD = tuple(
    Message(external_id=str(number), body_text=f"Line {number}", body_html=f"<p>Line {number}</p>") for number in range(5)
)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=2 * LONG) | st.sampled_from([LETTER, LETTER + "!"]),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=5), inside, max_size=4),
    max_leaves=12,
)


def stored(connection: Connection, facts: Json, run_id: str = "run-1", decision: str = "{}") -> None:
    words = keep_words(connection, "rules", lambda: "some words", NOW)
    runs.start(connection, run_id, KEY, 1, 1, "live", NOW)
    runs.keep_plan(connection, run_id, rules_hash="rules", **run_facts.columns(connection, KEY, facts, decision, words))


def read(connection: Connection, run_id: str = "run-1") -> dict[str, Any]:
    found = runs.find(connection, run_id)
    assert found is not None
    return found


def packed_bytes(connection: Connection) -> int:
    kept = connection.execute(select(func.sum(func.length(texts_table.c.words)))).scalar_one() or 0
    rows = connection.exec_driver_sql("select length(facts_packed) + length(texts) from runs").scalars()
    return int(kept) + sum(map(int, rows))


@pytest.mark.parametrize(
    "facts",
    [
        FULL,
        Facts(ticket=Ticket(), now=NOW),
        Facts(ticket=Ticket(subject=LETTER, description=LETTER, messages=THREAD), now=NOW),
        Facts(ticket=Ticket(custom={"a": LETTER, "texts": "x"}, messages=(*THREAD, *THREAD)), now=NOW),
        Facts(ticket=Ticket(messages=(Message(body_text=LETTER + "\ud800", author_name="Zoë"),)), now=NOW),
    ],
)
def test_facts_come_back_to_the_last_sign(connection: Connection, facts: Facts) -> None:
    tree = facts_to_json(facts)

    stored(connection, tree, decision='{"rules": 1}')

    found = read(connection)
    assert found["facts"] == canonical(tree)
    assert found["decision"] == '{"rules": 1}'
    assert list(runs.all_facts(connection)) == [canonical(tree)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(ticket=st.dictionaries(st.sampled_from(["messages", "custom", "subject"]), TREES, max_size=3), beside=TREES)
def test_whatever_stands_in_them_comes_back(connection: Connection, ticket: dict[str, Json], beside: Json) -> None:
    tree: Json = {"ticket": ticket, "changes": beside, "texts": [], "value": LETTER}

    with connection.begin_nested() as part:
        stored(connection, tree)
        found = read(connection)["facts"]
        part.rollback()

    assert found == canonical(tree)


def test_each_run_finds_its_own_version_of_an_edited_message(connection: Connection) -> None:
    before = Facts(ticket=Ticket(messages=THREAD), now=NOW)
    edited = replace(before, ticket=Ticket(messages=(*THREAD[:2], replace(THREAD[2], body_text="Line 2, edited"), *THREAD[3:])))
    stored(connection, facts_to_json(before))
    stored(connection, facts_to_json(edited), "run-2")

    assert [facts_from_json(json.loads(text)) for text in runs.all_facts(connection)] == [before, edited]
    assert facts_hash(facts_from_json(json.loads(read(connection)["facts"]))) == facts_hash(before)


@pytest.mark.parametrize("letter", ["A line of a chat.", LETTER], ids=["lines", "letters"])
def test_twice_the_conversation_costs_twice_the_bytes(connection: Connection, letter: str) -> None:
    sizes, messages = [], []
    for number in range(1, 129):
        messages.append(Message(external_id=str(number), body_text=f"{number} {letter} {number * 7919 % 1009}"))
        ticket = Ticket(description=messages[0].body_text, messages=tuple(messages))
        stored(connection, facts_to_json(Facts(ticket=ticket, now=NOW)), f"run-{number}")
        if number in (32, 64, 128):
            sizes.append(packed_bytes(connection))

    assert sizes[1] <= 2.1 * sizes[0]
    assert sizes[2] <= 2.1 * sizes[1]


def test_a_run_whose_text_is_gone_is_unreadable_and_stands_in_no_ones_way(connection: Connection) -> None:
    stored(connection, facts_to_json(Facts(ticket=Ticket(messages=THREAD), now=NOW)))
    ticket_texts.drop(connection, KEY)

    with pytest.raises(Unreadable, match="is not kept any more"):
        runs.find(connection, "run-1")
    assert [row["decision"] for row in runs.newest(connection, 5)] == ["{}"]


def test_a_run_of_an_earlier_version_is_read_from_its_own_columns(connection: Connection) -> None:
    runs.start(connection, "old", KEY, 1, 1, "live", NOW)
    runs.keep_plan(connection, "old", facts='{"now":1}', decision='{"rules":[]}')

    assert (read(connection, "old")["facts"], read(connection, "old")["decision"]) == ('{"now":1}', '{"rules":[]}')
    assert list(runs.all_facts(connection)) == ['{"now":1}']


def test_a_run_that_decided_nothing_has_neither(connection: Connection) -> None:
    runs.start(connection, "none", KEY, 1, 1, "live", NOW)

    whole = Together(connection).whole(read(connection, "none"))

    assert (whole["facts"], whole["decision"]) == (None, None)

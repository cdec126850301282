"""Open tickets that sound the same: pointed at, on all helpdesks alike, and never across customers, matters or accounts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.ticket import Ticket
from bot.facts import similar_tickets
from bot.facts.similar_tickets import references
from bot.facts.ticket_meaning import Meaning
from bot.maintenance.erase import erase
from bot.store.database.engine import reading
from bot.store.database.schema import counted_tickets
from rules.language.history_counts import SIMILAR_OPEN
from tests.faults.common import each_helpdesk
from tests.harness.cpu_time import cpu_seconds_since
from tests.harness.deskhand import ANNA, NINA, Running, deskhand

pytestmark = pytest.mark.both_storages

GINA = "gina.globe@globex.example"
SUBJECT, BODY = "No login code", "I wait for the six digits on my phone, and no text message comes."
AGAIN = ("locked out!!", "Your SMS with the verification number does not show up, so I cannot get into my account.")
OTHER = ("Login of a colleague", "Please remove the login of Tom, who has left our company.")
RULES = """
rules:
  - id: double
    when: {duplicate_of: {known: true, confidence: 0.6}}
    then: [add_tags: twice, add_note: "Maybe a double of {duplicate_of}."]
  - id: crowd
    when: {counts.similar_open: {at_least: 3}}
    then: [add_tags: crowd]
"""


@pytest.fixture
def rules(tmp_path: Path) -> str:
    path = tmp_path / "similar.yaml"
    path.write_text(RULES, encoding="utf-8")
    return str(path)


def write(run: Running, subject: str, body: str, who: str = NINA) -> str:
    ticket = run.desk.create_ticket(requester=who, subject=subject, body=body)
    run.settle()
    return ticket


def facts(run: Running, ticket: str) -> dict[str, Any]:
    return {"counts": {}, **run.newest_facts(ticket)}


def double(run: Running, ticket: str) -> str | None:
    signal = facts(run, ticket)["signals"].get("duplicate_of")
    return signal["value"] if signal else None


def kept(run: Running) -> dict[str, tuple[str, bytes | None]]:
    asked = select(counted_tickets.c.external_id, counted_tickets.c.maker, counted_tickets.c.meaning)
    with reading(run.parts.engine) as connection:
        return {row.external_id: (row.maker, row.meaning) for row in connection.execute(asked)}


@each_helpdesk
def test_a_double_of_the_same_person_is_pointed_at(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        first, other, again = write(run, SUBJECT, BODY), write(run, *OTHER), write(run, *AGAIN)

        assert [double(run, each) for each in (first, other, again)] == [None, None, first]
        assert "twice" in run.view(again).tags
        note = run.view(again).bot_notes[0].text
        assert f"Maybe a double of {first}." in note
        assert f"sounds like #{first} 0." in note
        assert facts(run, again)["counts"] == {SIMILAR_OPEN: 2}


@each_helpdesk
def test_the_same_words_of_another_customer_are_no_double_and_are_counted(tmp_path: Path, provider: str, rules: str) -> None:
    with deskhand(tmp_path, provider, rules=rules) as run:
        first, of_another = write(run, SUBJECT, BODY), write(run, SUBJECT, BODY, GINA)
        third = write(run, *AGAIN, who="ivan.initech@initech.example")

        assert [double(run, each) for each in (first, of_another, third)] == [None, None, None]
        assert [facts(run, each)["counts"] for each in (first, of_another, third)] == [
            {SIMILAR_OPEN: number} for number in (1, 2, 3)
        ]
        assert "crowd" in run.view(third).tags


def test_what_is_solved_is_no_double_and_leaves_no_numbers(tmp_path: Path, rules: str) -> None:
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        first = write(run, SUBJECT, BODY)
        assert kept(run)[first][1]
        run.desk.agent_update(first, agent=ANNA, status="solved")
        run.settle()
        assert kept(run)[first] == ("", None)

        assert double(run, write(run, *AGAIN)) is None


def test_two_orders_are_two_matters(tmp_path: Path, rules: str) -> None:
    said = "The parcel of order {} has not come, the tracking says that it is still in your warehouse."
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        first, other = write(run, "Where is my parcel?", said.format("A-10442")), write(run, "Parcel", said.format("A-10557"))
        same = write(run, "Parcel, once more", said.format("a10442"))

        assert [double(run, each) for each in (first, other, same)] == [None, None, first]


def test_what_other_weights_made_is_made_anew(tmp_path: Path, rules: str) -> None:
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        first = write(run, SUBJECT, BODY)
        with run.parts.engine.begin() as connection:
            connection.execute(update(counted_tickets).values(maker="en:of-yesterday"))
        again = write(run, *AGAIN)
        assert double(run, again) is None, "numbers of two makers are never compared"

        run.desk.customer_reply(first, "Still no text message on my phone.")
        run.settle()

        assert double(run, first) == again
        assert kept(run)[first][0] == kept(run)[again][0] != "en:of-yesterday"


def test_what_is_kept_is_not_made_again(tmp_path: Path, rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An encoder takes tens of milliseconds for a text, and first words never change."""
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        first, again = write(run, SUBJECT, BODY), write(run, *AGAIN)
        before = kept(run)

        def failing(text: str) -> Meaning | None:
            raise ValueError("made again")

        monkeypatch.setattr("bot.facts.ticket_meaning._meaning", failing)
        run.desk.customer_reply(first, "Still no text message on my phone.")
        run.settle()

        assert double(run, first) == again
        assert kept(run) == before


def test_of_two_at_the_same_moment_the_later_look_sees_the_other(tmp_path: Path, rules: str) -> None:
    """Whose run has stored no plan yet: what it is about is kept before anybody is looked for."""
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        first = write(run, SUBJECT, BODY)
        looked: list[dict[str, tuple[str, bytes | None]]] = []

        def at(place: str) -> None:
            if place == "decided" and not looked:
                looked.append(kept(run))

        run.parts.checkpoint = at
        again = write(run, *AGAIN)

        assert set(looked[0]) == {first, again}, "the second is there before its plan is stored"


def test_what_fails_costs_its_own_signal_alone(tmp_path: Path, rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(ticket: Ticket, kept: Meaning | None) -> Meaning | None:
        raise ValueError("odd")

    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        write(run, SUBJECT, BODY)
        monkeypatch.setattr(similar_tickets, "meaning_of", failing)
        again = write(run, *AGAIN)

        assert double(run, again) is None
        assert SIMILAR_OPEN not in facts(run, again)["counts"]


def test_without_an_encoder_nothing_is_told(tmp_path: Path, rules: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar_tickets, "meaning_of", lambda ticket, kept: None)
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        write(run, SUBJECT, BODY)
        again = write(run, *AGAIN)

        assert double(run, again) is None
        assert SIMILAR_OPEN not in facts(run, again)["counts"]
        assert set(kept(run).values()) == {("", None)}


def test_a_person_who_is_erased_leaves_no_numbers(tmp_path: Path, rules: str) -> None:
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        of_nina, of_gina = write(run, SUBJECT, BODY), write(run, SUBJECT, BODY, GINA)
        erase(run.parts.engine, NINA, ("zendesk",))

        assert of_nina not in kept(run)
        assert kept(run)[of_gina][1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Order A-10442 and a10442", {"a10442"}),
        ("invoice 20331 of 30.11.2026, due 2026-12-14, at 14:30", {"20331"}),
        ("INV-2026-118 of 2026", {"inv2026118"}),
        ("case #4711", {"4711"}),
        ("we paid $1,200.50, €3400 or 1200 EUR for 250 users in 2025", set()),
        ("room 12, 3 days, 100%", set()),
        ("write to jo1234@example.com", set()),
        ("注文A-10442の件", {"a10442"}),
        ("", set()),
    ],
)
def test_numbers_that_name_a_thing(text: str, found: set[str]) -> None:
    assert references(text) == found


@pytest.mark.parametrize("part", ["1,", "1.", "1 ", "a-1", "€1", "#1", "2026-", "12:34"])
def test_hostile_text_costs_no_time(part: str) -> None:
    begun = time.process_time()

    references(part * 100_000)

    assert cpu_seconds_since(begun) < 1


def test_a_damaged_row_is_left_out(tmp_path: Path, rules: str) -> None:
    with deskhand(tmp_path, "zendesk", rules=rules) as run:
        first = write(run, SUBJECT, BODY)
        with run.parts.engine.begin() as connection:
            connection.execute(update(counted_tickets).values(meaning=b"half"))
        again = write(run, *AGAIN)

        assert double(run, again) is None
        assert facts(run, again)["counts"] == {SIMILAR_OPEN: 1}
        assert double(run, first) is None

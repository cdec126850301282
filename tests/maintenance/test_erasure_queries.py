"""Finding one person in everything that is kept. The whole way: tests/faults/privacy/test_F119_erasing_one_customer.py."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from adapters.ticket import Person as Someone
from bot.maintenance import erasure_queries
from bot.maintenance.erasure_queries import Person
from bot.store import accounts, deliveries, tickets
from bot.store.database.schema import deliveries as table
from bot.store.tickets import Memory
from tests.store.makers import KEY, NOW, OTHER_KEY, incoming, ticket

NINA = Someone(external_id="7", emails=("Nina.Network@northwind.example", "nina@northwind.example"))
ACCOUNTS = ("acme",)


def known(engine: Engine, **people: object) -> None:
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, NOW)
        tickets.keep_snapshot(connection, KEY, ticket(**people), Memory())


@pytest.mark.parametrize("who", ["NINA@northwind.example", "7"])
def test_a_person_is_known_by_any_address_or_by_the_id(engine: Engine, who: str) -> None:
    known(engine, requester=NINA)

    found = erasure_queries.identify(engine, who, ACCOUNTS)

    assert found.addresses == {"nina.network@northwind.example", "nina@northwind.example"}
    assert found.ids == {("acme", "7")}


def test_an_id_of_another_account_is_somebody_else(engine: Engine) -> None:
    known(engine, requester=NINA)

    assert erasure_queries.identify(engine, "7", ("globex",)) == Person(frozenset(), frozenset({("globex", "7")}))


def test_an_address_is_looked_for_as_bodies_write_it() -> None:
    needles = Person(frozenset({"nina@x.example"}), frozenset()).needles

    assert needles == (b"nina@x.example", b"nina%40x.example", b"nina\\u0040x.example")


def test_one_of_the_team_is_told_by_the_snapshots(engine: Engine) -> None:
    known(engine, requester=NINA, assignee=Someone(external_id="9", emails=("anna.agent@example.com",)))

    assert erasure_queries.is_agent(engine, Person(frozenset(), frozenset({("acme", "9")})), ACCOUNTS)
    assert not erasure_queries.is_agent(engine, Person(frozenset(), frozenset({("acme", "7")})), ACCOUNTS)


def test_a_person_is_found_in_tickets_and_in_rows_that_belong_to_none(engine: Engine) -> None:
    person = Person(frozenset({"nina@northwind.example"}), frozenset({("acme", "7")}))
    with engine.begin() as connection:
        deliveries.store(connection, incoming("a", b'{"from": "Nina%40northwind.example"}'))
        deliveries.store(connection, incoming("b", b"nina@northwind.example", key=None, ignored="unknown"))
        deliveries.store(connection, incoming("c", b"pavel@lakeside.example", key=OTHER_KEY))
        accounts.put_reference(connection, "acme", "user:7", {"name": "N"}, NOW)
        accounts.put_reference(connection, "acme", "user:77", {"name": "P"}, NOW)

    found = erasure_queries.find(engine, person, ACCOUNTS)

    assert (found.tickets, len(found.deliveries), found.reference) == ({KEY}, 1, {("acme", "user:7")})
    assert erasure_queries.find(engine, replace(person), ("globex",)).tickets == set()


def test_rows_are_read_page_by_page_and_each_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure_queries, "PAGE", 2)
    with engine.begin() as connection:
        for number in range(5):
            deliveries.store(connection, incoming(f"evt-{number}"))

    rows = erasure_queries._pages(engine, table, ("delivery_key",), ACCOUNTS)

    assert [row["delivery_key"] for row in rows] == [f"evt-{number}" for number in range(5)]

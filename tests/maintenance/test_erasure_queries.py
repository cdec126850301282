"""Finding one person in everything that is kept. The whole way: tests/faults/privacy/test_F119_erasing_one_customer.py."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, text

from adapters.ticket import AuthorKind, Direction, Message
from adapters.ticket import Person as Someone
from bot.maintenance import erasure_queries
from bot.maintenance.erasure_queries import Person
from bot.store import accounts, deliveries, tickets
from bot.store.database.schema import deliveries as table
from bot.store.database.schema import delivery_conflicts
from bot.store.models import opinions
from bot.store.tickets import Memory
from tests.store.makers import KEY, NOW, OTHER_KEY, incoming, ticket

NINA = Someone(external_id="7", emails=("Nina.Network@northwind.example", "nina@northwind.example"))
ACCOUNTS = ("acme",)


def by_address(address: str) -> Person:
    return Person(frozenset({address}), frozenset())


def by_id(id: str) -> Person:
    return Person(frozenset(), frozenset({("acme", id)}))


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


def test_one_of_the_team_is_told_by_the_snapshots(engine: Engine) -> None:
    answer = Message(author_kind=AuthorKind.AGENT, author_id="12", direction=Direction.OUT)
    known(engine, requester=NINA, assignee=Someone(external_id="9", emails=("anna.agent@example.com",)), messages=(answer,))

    for agent in (by_id("9"), by_id("12"), by_address("anna.agent@example.com")):
        assert erasure_queries.is_of_the_team(engine, agent, ACCOUNTS)
    for other in (by_id("7"), by_id("3"), by_address("joanna.agent@example.com")):
        assert not erasure_queries.is_of_the_team(engine, other, ACCOUNTS)


def test_one_of_the_team_is_told_by_the_directory_and_by_the_helpdesks_list(engine: Engine) -> None:
    lena, ben = by_address("lena@example.com"), by_address("ben@example.com")
    with engine.begin() as connection:
        accounts.put_reference(connection, "acme", "admins", {"admins": [{"email": "Ben@example.com"}]}, NOW)
        accounts.put_reference(connection, "acme", "contact:7", {"email": "nina@x.example"}, NOW)

    assert erasure_queries.is_of_the_team(engine, lena, ACCOUNTS, frozenset({"lena@example.com"}))
    assert erasure_queries.is_of_the_team(engine, ben, ACCOUNTS)
    assert not erasure_queries.is_of_the_team(engine, lena, ACCOUNTS)
    assert not erasure_queries.is_of_the_team(engine, by_address("nina@x.example"), ACCOUNTS)


def test_a_conflict_that_names_nobody_goes_with_its_ticket(engine: Engine) -> None:
    with engine.begin() as connection:
        deliveries.store(connection, incoming("evt-1", b'{"user": {"email": "nina@northwind.example"}, "words": "first"}'))
        deliveries.store(connection, incoming("evt-1", b'{"user": {"id": "7"}, "words": "my lawyer"}'))
        deliveries.store(connection, incoming("evt-2", b"{}", key=OTHER_KEY))
        deliveries.store(connection, incoming("evt-2", b'{"words": "of another"}', key=OTHER_KEY))

        counted = erasure_queries.empty_ticket(connection, KEY)
        left = [bytes(body) for body in connection.execute(select(delivery_conflicts.c.body)).scalars()]

    assert counted["conflicts"] == 1
    assert sorted(left) == [b"", b'{"words": "of another"}']


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


def test_an_address_is_found_in_packed_bytes(engine: Engine) -> None:
    """In a body and in a snapshot, whose bytes hold no word of it as they stand on the disk."""
    told = incoming(body=b'{"detail":{"subject":"%s","requester_email":"nina@northwind.example"}}' % (b"The sync is slow. " * 20))
    with engine.begin() as connection:
        deliveries.store(connection, told)
        tickets.mark_dirty(connection, OTHER_KEY, NOW)
        tickets.keep_snapshot(connection, OTHER_KEY, ticket(requester=NINA), Memory())
        for what in ("body from deliveries", "snapshot from tickets where snapshot is not null"):
            raw = connection.execute(text(f"select {what}")).scalar_one()
            assert isinstance(raw, str) or b"northwind" not in bytes(raw)

    found = erasure_queries.find(engine, by_address("nina@northwind.example"), ACCOUNTS)

    assert found.tickets == {KEY, OTHER_KEY}


def test_an_opinion_that_names_the_person_is_found_and_goes_with_its_ticket(engine: Engine) -> None:
    said = '{"issues":[{"value":"billing.refund.request","span":"refund nina@northwind.example"}]}'
    with engine.begin() as connection:
        tickets.mark_dirty(connection, KEY, NOW)
        opinions.add(connection, KEY, "1", "0" * 64, "m", NOW, said)
        opinions.add(connection, OTHER_KEY, "1", "0" * 64, "m", NOW, said.replace("nina", "joanna"))

    found = erasure_queries.find(engine, by_address("nina@northwind.example"), ACCOUNTS)
    with engine.begin() as connection:
        counted = erasure_queries.empty_ticket(connection, KEY)

    assert found.tickets == {KEY}
    assert counted["opinions"] == 1
    with engine.begin() as connection:
        assert opinions.find(connection, KEY, "1") is None
        assert opinions.find(connection, OTHER_KEY, "1")

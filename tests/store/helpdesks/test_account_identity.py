"""Which helpdesk an account points to: one name for one helpdesk, and everything goes along where the name changes."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, select

from bot.store import accounts, deliveries, tickets
from bot.store.database.schema import deliveries as delivery_table
from bot.store.database.schema import metadata
from bot.store.helpdesks import account_identity
from bot.store.helpdesks.account_identity import Conflict
from bot.store.rules import rule_firings
from bot.store.rules.rule_firings import Acted, Customer
from bot.store.tickets import Memory
from tests.store.makers import KEY, NOW, incoming, ticket

HERE, THERE = "zendesk:acme.example.com", "zendesk:globex.example.com"


def test_a_helpdesk_has_one_name(connection: Connection) -> None:
    assert account_identity.claim(connection, "acme", HERE) is None
    assert account_identity.claim(connection, "acme", HERE) is None
    assert account_identity.claim(connection, "other", HERE) == Conflict(known_as="acme")
    assert account_identity.claim(connection, "other", THERE) is None
    assert account_identity.claim(connection, "acme", THERE) == Conflict(known_as="other")


def test_a_name_means_one_helpdesk(connection: Connection) -> None:
    account_identity.claim(connection, "acme", HERE)

    assert account_identity.claim(connection, "acme", THERE) == Conflict(pointed_to=HERE)

    account_identity.move(connection, "acme", THERE)
    assert account_identity.claim(connection, "acme", THERE) is None
    assert account_identity.former(connection, "acme") == (HERE,)


def test_all_that_is_remembered_goes_along_with_a_new_name(connection: Connection) -> None:
    account_identity.claim(connection, "acme", HERE)
    deliveries.store(connection, incoming("evt-1"))
    tickets.keep_snapshot(connection, KEY, ticket(), Memory())
    rule_firings.add(connection, "run-1", KEY, [Acted("r1", "live")], Customer("p", "c"), "message", NOW)
    accounts.put_reference(connection, "acme", "macros", [], NOW)

    account_identity.rename(connection, "acme", "support")

    named = [each for each in metadata.sorted_tables if "account" in each.c]
    assert {row for each in named for row in connection.execute(select(each.c.account)).scalars()} == {"support"}
    waiting = connection.execute(select(delivery_table.c.events)).scalar_one()
    assert '"account":"acme"' not in waiting.replace(" ", "")
    snapshot, _ = tickets.snapshot(connection, KEY.__class__("support", KEY.kind, KEY.external_id))
    assert snapshot is not None
    assert snapshot.account == "support"
    fired = connection.execute(select(metadata.tables["rule_firings"].c.ticket)).scalar_one()
    assert fired == "support/ticket/42"
    assert account_identity.former(connection, "support") == ("acme",)
    assert account_identity.claim(connection, "support", HERE) is None


def test_two_accounts_do_not_become_one(connection: Connection) -> None:
    account_identity.claim(connection, "acme", HERE)
    account_identity.claim(connection, "support", THERE)
    deliveries.store(connection, incoming("evt-1"))

    with pytest.raises(ValueError, match="acme"):
        account_identity.rename(connection, "support", "acme")
    with pytest.raises(KeyError):
        account_identity.rename(connection, "nowhere", "new")

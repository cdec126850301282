"""The doctor compares mapped custom fields with those that the helpdesk has, before a ticket shows the difference."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from adapters.errors import HelpdeskDown
from adapters.helpdesk import Account, DictCache, FieldMapping, Helpdesk
from adapters.registry import ADAPTERS
from adapters.ticket import Provider
from adapters.transport import Transport
from bot.cli.doctor.field_checks import look_at_fields
from sandbox.desk import Desk
from sandbox.freshdesk import FreshdeskDesk
from sandbox.intercom.desk import IntercomDesk
from sandbox.serve import running
from sandbox.stories.config import CREDENTIALS
from tests.harness.deskhand import DESKS, PROVIDERS


def _prepared(desk: Desk) -> dict[str, str]:
    """The vendor's id or name of a checkbox, a text and a number."""
    if isinstance(desk, IntercomDesk):
        for name, kind in (("Trial", "boolean"), ("Order", "string"), ("Users", "integer")):
            desk.people.add_attribute(name, kind)
        return {"trial": "Trial", "order": "Order", "users": "Users"}
    if isinstance(desk, FreshdeskDesk):
        for name, kind in (("cf_trial", "checkbox"), ("cf_order", "text"), ("cf_users", "number")):
            desk.people.add_field(name, kind)
        return {"trial": "cf_trial", "order": "cf_order", "users": "cf_users"}
    kinds = {row["type"]: str(row["id"]) for row in desk.tables.fields.values() if row["removable"]}  # type: ignore[attr-defined]
    return {"trial": kinds["checkbox"], "order": kinds["text"], "users": kinds["integer"]}


@contextmanager
def _account(provider: str, **types: str) -> Iterator[tuple[Helpdesk, Desk, dict[str, str]]]:
    desk = DESKS[provider](secret="s" * 32)
    named = _prepared(desk)
    mapped = tuple(FieldMapping(slug=slug, vendor=named.get(slug, "cf_gone"), type=kind) for slug, kind in types.items())
    with running(desk) as address:
        account = Account(
            name=provider, provider=Provider(provider), address=address, credentials=CREDENTIALS[provider], fields=mapped
        )
        adapter = ADAPTERS[account.provider]
        api = adapter.connect_api(account, Transport(address, allow_private=True), DictCache())
        yield Helpdesk(adapter, account, api), desk, named


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_field_of_another_type_is_named_with_both_types(provider: str) -> None:
    with _account(provider, trial="text", order="number", users="number") as (helpdesk, _, named):
        (found,) = look_at_fields(helpdesk)

    assert (found.what, found.is_well, found.is_warning) == (f"fields of {provider}", True, True)
    trial, order = found.words.split("; trial")[0], found.words
    assert trial.startswith(f"trial ({named['trial']}) is `bool` there and mapped as `text`, text: its values are unknown")
    assert f"order ({named['order']}) is `text` there and mapped as `number`, a number: values that are not are unknown" in order
    assert "users" not in found.words


@pytest.mark.parametrize("provider", PROVIDERS)
def test_fields_of_the_right_types_are_no_finding_and_one_that_is_gone_is(provider: str) -> None:
    with _account(provider, trial="bool", order="text", users="number") as (helpdesk, _, _named):
        assert list(look_at_fields(helpdesk)) == []

    with _account(provider, gone="text") as (helpdesk, _, _named):
        (found,) = look_at_fields(helpdesk)
    assert found.words == "gone (cf_gone) is not there: look at `vendor`"


def test_before_2_16_intercoms_attributes_have_another_list() -> None:
    with _account("intercom", trial="text") as (helpdesk, _, _named):
        account = replace(helpdesk.account, options={"version": "2.15"})
        api = helpdesk.adapter.connect_api(account, Transport(account.address, allow_private=True), DictCache())
        (found,) = look_at_fields(Helpdesk(helpdesk.adapter, account, api))

    assert "is `bool` there" in found.words


def test_a_helpdesk_that_does_not_answer_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(self: Helpdesk) -> dict[str, str]:
        raise HelpdeskDown("it is away")

    monkeypatch.setattr(Helpdesk, "field_types", down)
    with _account("freshdesk", trial="text") as (helpdesk, _, _named):
        (found,) = look_at_fields(helpdesk)

    assert (found.is_warning, found.words) == (True, "not compared with the helpdesk: it is away")


def test_an_account_without_fields_costs_no_call() -> None:
    with _account("zendesk") as (helpdesk, desk, _named):
        assert list(look_at_fields(helpdesk)) == []
        assert desk.effects.calls() == []

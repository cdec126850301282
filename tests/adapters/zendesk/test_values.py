"""Single values of Zendesk in our types, and back."""

from __future__ import annotations

import pytest
import responses

from adapters.raw import Raw
from adapters.ticket import Channel, CustomValue
from adapters.writes import SetField
from adapters.zendesk.hydrate import hydrate
from adapters.zendesk.values import to_channel, to_wire
from tests.adapters.zendesk.account import ACCOUNT, KEY, answers, client, fixture
from tests.adapters.zendesk.reading import changed
from tests.adapters.zendesk.writing import only


@pytest.fixture
def desk(desk: responses.RequestsMock) -> responses.RequestsMock:
    """With its lists of people and teams."""
    answers(desk, "/groups", "groups")
    answers(desk, "/users", "agents")
    answers(desk, "/users/me", "me")
    return desk


@pytest.mark.parametrize("value", ["web_shop", 12.5, True, "2026-02-03", ("a", "b"), None])
def test_a_custom_value_comes_back_as_it_was_written(desk: responses.RequestsMock, value: CustomValue) -> None:
    slugs = {
        "web_shop": "product",
        12.5: "amount",
        True: "is_trial",
        "2026-02-03": "bought_at",
        ("a", "b"): "areas",
        None: "empty",
    }
    (row,) = only(SetField(slug=slugs[value], value=value))["custom_fields"]
    answers(
        desk, "/tickets/42", json={"ticket": fixture("new_ticket")["ticket"] | {"custom_fields": [row], "organization_id": None}}
    )
    answers(desk, "/users/show_many", json={"users": []})

    assert hydrate(KEY, client()).custom == dict.fromkeys(each.slug for each in ACCOUNT.fields) | {slugs[value]: value}
    assert ACCOUNT.fields


def test_custom_fields_have_the_types_of_the_mapping(desk: responses.RequestsMock) -> None:
    answers(desk, "/tickets/42", "new_ticket")

    assert hydrate(KEY, client()).custom == {
        "product": "web_shop",
        "amount": 12.5,
        "is_trial": True,
        "bought_at": "2026-02-03",
        "areas": ("a", "b"),
        "empty": None,
    }


def test_a_custom_field_of_another_type_than_mapped_is_unknown_and_stays_raw(desk: responses.RequestsMock) -> None:
    answer = changed("new_ticket", custom_fields=[{"id": 360002, "value": "a lot"}, {"id": 360005, "value": "a"}])
    answers(desk, "/tickets/42", json=answer)

    ticket = hydrate(KEY, client())

    assert ticket.custom == dict.fromkeys(each.slug for each in ACCOUNT.fields) | {"areas": ("a",)}
    assert isinstance(ticket.raw, dict)
    assert ticket.raw["custom_fields"] == answer["ticket"]["custom_fields"]


def test_a_channel_that_nobody_heard_of_is_other() -> None:
    assert [to_channel(Raw(value)) for value in ("EMAIL", 4, "telepathy", None)] == [
        Channel.EMAIL,
        Channel.EMAIL,
        Channel.OTHER,
        Channel.OTHER,
    ]


def test_several_choices_go_out_as_a_list() -> None:
    assert (to_wire(("a", "b")), to_wire("a"), to_wire(None)) == (["a", "b"], "a", None)

"""A macro as it would read on one ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.intercom.api import IntercomApi
from adapters.intercom.preview import preview
from adapters.ticket import Agent, Company, Macro, Person, Ticket

MARA = Ticket(
    number="42",
    requester=Person(name="Mara Lindqvist", emails=("mara@northwind.example",), custom={"seats": 3}),
    company=Company(name="Northwind", custom={"region": "EU"}),
    assignee=Agent(name="Anna Agent"),
    custom={"product_area": "Exports"},
)


@pytest.mark.parametrize(
    ("text", "read", "missing"),
    [
        ("Hi {{user.first_name}}", "Hi Mara", ()),
        ('Hi {{ user.first_name | fallback: "there" }}', "Hi Mara", ()),
        ("Hi {{first_name}} {{last_name|fallback:'x'}}", "Hi Mara Lindqvist", ()),
        ("{{company.name}} {{company.region}} {{user.seats}} {{product_area}}", "Northwind EU 3 Exports", ()),
        (
            "{{ticket.id}} {{admin.first_name}} {{teammate.name}} {{contact.email}}",
            "42 Anna Anna Agent mara@northwind.example",
            (),
        ),
        ('Hi {{user.nickname|fallback:"friend"}}', "Hi friend", ()),
        ("Hi {{user.nickname}},", "Hi ,", ("user.nickname",)),
        ('Hi {{user.nickname|fallback:""}},', "Hi ,", ("user.nickname",)),
        ("{{user.a}} {{user.a}} {{user.b}}", "  ", ("user.a", "user.b")),
        ("Hi {{ user.name | upcase }}", "Hi {{ user.name | upcase }}", ("user.name | upcase",)),
    ],
)
def test_a_macro_is_rendered_and_names_what_is_missing(api: IntercomApi, text: str, read: str, missing: tuple[str, ...]) -> None:
    shown = preview(Macro(name="m", text=text), MARA, api)

    assert (shown.text, shown.missing) == (read, missing)


@pytest.mark.parametrize(
    ("html", "read", "missing"),
    [
        ('<p>Hi <attribute key="user.first_name" default="there"/>,</p><p>Bye</p>', "Hi Mara,\n\nBye", ()),
        ("<p>Hi <attribute default='you &amp; all' key='user.nickname' /></p>", "Hi you & all", ()),
        ('<p>Hi <attribute key="user.nickname" default=""></attribute>!</p>', "Hi !", ("user.nickname",)),
    ],
)
def test_the_html_dialect_reads_the_same(api: IntercomApi, html: str, read: str, missing: tuple[str, ...]) -> None:
    shown = preview(Macro(name="m", html=html), MARA, api)

    assert (shown.text, shown.missing) == (read, missing)


def test_a_placeholder_in_a_customers_name_is_never_filled(api: IntercomApi) -> None:
    sly = replace(MARA, requester=Person(name="{{company.name}}"))

    shown = preview(Macro(name="m", text="Hi {{user.name}}"), sly, api)

    assert shown.missing == ("company.name",)


def test_nobody_known_fills_nothing(api: IntercomApi) -> None:
    text = "{{user.name}}{{user.first_name}}{{company.name}}{{company.plan}}{{admin.name}}{{user.phone}}"

    shown = preview(Macro(name="m", text=text), Ticket(), api)

    assert len(shown.missing) == 6

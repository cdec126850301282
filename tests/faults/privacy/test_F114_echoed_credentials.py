"""F114: a helpdesk that echoes our credentials in its errors: they are taken out before anything is read, stored or shown."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Response
from sqlalchemy import select

from adapters.answers import without_credentials
from bot.store.database.engine import reading
from bot.store.database.schema import metadata
from sandbox.stories.config import CREDENTIALS
from tests.faults.common import each_helpdesk, outage
from tests.harness.deskhand import Running, deskhand


def authorization_of(provider: str) -> str:
    """The header's value, as each client library makes it."""
    found = CREDENTIALS[provider]
    logins = {"zendesk": f"{found.get('email')}/token:{found.get('token')}", "freshdesk": f"{found.get('api_key')}:X"}
    if provider == "intercom":
        return f"Bearer {found['token']}"
    return "Basic " + base64.b64encode(logins[provider].encode()).decode()


def secrets_of(provider: str) -> list[str]:
    return [value for name, value in CREDENTIALS[provider].items() if name != "email"] + [authorization_of(provider).split()[1]]


@pytest.mark.parametrize("provider", ["zendesk", "intercom", "freshdesk"])
def test_F114_every_spelling_is_taken_out(provider: str) -> None:
    header = authorization_of(provider)
    said = "".join(f"got {each} ({quote(each, safe='')}), " for each in [header, *secrets_of(provider)]) + json.dumps(
        header
    ).replace("/", "\\/")

    kept = without_credentials(said.encode(), header).decode()

    assert not [each for each in secrets_of(provider) if each in kept or quote(each, safe="") in kept]
    assert kept.startswith("got ")


@pytest.mark.parametrize("header", ["", "Bearer ", "Basic !!!", "Basic WA==", "Bearer short"])
def test_F114_an_odd_header_changes_nothing(header: str) -> None:
    assert without_credentials(b'{"a": "X short !!!"}', header) == b'{"a": "X short !!!"}'


@each_helpdesk
def test_F114_an_echo_is_neither_stored_nor_shown(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        echo(run)
        ticket = outage(run)
        for method in ("PUT", "POST", "DELETE"):
            run.desk.faults.order("422", method=method, path="ticket|conversation", times=None)
        run.settle(40)

        kept, shown = stored_text(run), run.view(ticket)
        reasons = [each.reason for each in run.requests(ticket)]
    assert any("redacted" in each for each in reasons) or any("422" in each for each in reasons), reasons
    assert not [each for each in secrets_of(provider) if each in kept or each in str(shown)]


def echo(run: Running) -> None:
    """From now on the helpdesk's errors repeat what proved us, in every field that a vendor's error has."""
    said = f"refused: {authorization_of(run.provider)} {' '.join(secrets_of(run.provider))}"
    error = {"error": said, "description": said, "message": said, "details": {"base": [{"description": said, "error": said}]}}
    body = error | {"errors": [{"code": "invalid", "field": said, "message": said}], "type": "error.list"}
    run.desk.error = lambda status, retry_after=None: Response(json.dumps(body), status, content_type="application/json")  # type: ignore[method-assign]


def stored_text(run: Running) -> str:
    """Every column of every table as text."""
    with reading(run.parts.engine) as connection:
        return "\n".join(str(tuple(row)) for table in metadata.sorted_tables for row in connection.execute(select(table)))

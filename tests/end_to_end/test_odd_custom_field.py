"""A custom field of another type than mapped costs that field: the customer's words are read, the log names the field once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from bot.config.accounts import FieldSettings
from bot.runtime import bootstrap
from bot.runtime.misfits import MisfitLog
from sandbox.freshdesk import FreshdeskDesk
from sandbox.intercom.desk import IntercomDesk
from sandbox.stories.config import CREDENTIALS
from tests.harness.deskhand import NINA, PROVIDERS, Running, deskhand

RULES = "rules: [{id: leaving, name: Leaving, when: {last_message: {has: cancel}}, then: [{add_tags: [leaving]}]}]"


def _vendors_name(run: Running) -> str:
    """The checkbox of the account."""
    desk: Any = run.desk
    if isinstance(desk, IntercomDesk):
        return str(desk.people.add_attribute("Trial", "boolean")["name"])
    if isinstance(desk, FreshdeskDesk):
        desk.people.add_field("cf_trial", "checkbox")
        return "cf_trial"
    return next(str(row["id"]) for row in desk.tables.fields.values() if row["type"] == "checkbox" and row["removable"])


def _tick(run: Running, ticket: str, name: str) -> None:
    address = run.config.settings.accounts[0].address
    secret = CREDENTIALS[run.provider]
    changed: dict[str, Any]
    if run.provider == "intercom":
        headers, changed = {"Authorization": f"Bearer {secret['token']}"}, {"custom_attributes": {name: True}}
        answer = requests.put(f"{address}/conversations/{ticket}", json=changed, headers=headers, timeout=5)
    elif run.provider == "zendesk":
        login = (f"{secret['email']}/token", secret["token"])
        changed = {"ticket": {"custom_fields": [{"id": int(name), "value": True}]}}
        answer = requests.put(f"{address}/api/v2/tickets/{ticket}.json", json=changed, auth=login, timeout=5)
    else:
        changed = {"custom_fields": {name: True}}
        answer = requests.put(f"{address}/api/v2/tickets/{ticket}", json=changed, auth=(secret["api_key"], "X"), timeout=5)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_checkbox_mapped_as_text_does_not_stop_the_ticket(
    tmp_path: Path, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "MISFITS", MisfitLog())
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES)
    with deskhand(tmp_path, provider, rules=str(rules)) as run:
        name = _vendors_name(run)
        account = run.config.settings.accounts[0].model_copy(update={"fields": (FieldSettings(slug="trial", vendor=name),)})
        run.parts.config = replace(run.config, settings=run.config.settings.model_copy(update={"accounts": (account,)}))
        with capture_logs() as lines:
            ticket = run.desk.create_ticket(requester=NINA, subject="A question", body="How do I export my data?")
            _tick(run, ticket, name)
            run.desk.customer_reply(ticket, "Please cancel our contract.")
            run.settle()

        assert "leaving" in run.view(ticket).tags
    told = [line for line in lines if line["event"] == "field.of_another_type"]
    assert [(line["account"], line["field"], line["expected"], line["found"]) for line in told] == [
        (provider, "trial", "text", "true or false")
    ]

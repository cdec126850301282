"""F112: metrics, health and readiness reveal no secret and no word of a ticket: counts only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests

from sandbox.stories.config import CREDENTIALS, SECRETS
from tests.harness.deskhand import NINA, PROVIDERS, delivered, deskhand

WORDS = "Zanzibar"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_F112_what_anybody_may_ask_holds_counts_only(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = run.desk.create_ticket(
            requester=NINA, subject=f"Production is down in {WORDS}", body=f"Nothing works in {WORDS}."
        )
        run.settle()
        requests.post(f"{run.address}/webhooks/{WORDS}", data=WORDS.encode(), timeout=10)
        requests.post(f"{run.address}/webhooks/{provider}", data=WORDS.encode(), headers={"X-Words": WORDS}, timeout=10)
        run.desk.faults.order("401", times=20)
        run.desk.create_ticket(requester=NINA, subject=WORDS, body=WORDS)
        delivered(run.desk)

        said = {path: requests.get(f"{run.address}/{path}", timeout=10) for path in ("metrics", "health", "ready")}

    everything = "\n".join(f"{answer.text}\n{dict(answer.headers)}" for answer in said.values())
    secrets = [SECRETS[provider], *CREDENTIALS[provider].values(), "a-key-for-the-sandbox-and-nothing-else"]
    assert [each for each in (WORDS, NINA, "northwind", *secrets) if each.casefold() in everything.casefold()] == []
    assert 'deskhand_requests{state="confirmed"}' in said["metrics"].text
    # No label holds an id of a ticket, run or delivery.
    labels = re.findall(r'="([^"]*)"', said["metrics"].text)
    assert ticket not in labels
    assert [each for each in labels if re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", each)] == []

"""F22: other methods, and addresses of accounts that do not exist."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.faults.receiver_setup import door, each_helpdesk

OTHERS = ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]


@each_helpdesk
def test_F22_other_methods_are_refused_alike_for_known_and_unknown_accounts(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answers = [
            requests.request(method, f"{found.address}/webhooks/{name}", timeout=5)
            for name in (provider, "nobody")
            for method in OTHERS
        ]

        assert [each.status_code for each in answers] == [405] * len(answers)
        assert len({each.text for each in answers}) == 1
        assert [each for each in answers if provider in each.text] == []
        assert found.rows() == {}


@each_helpdesk
def test_F22_head_is_for_intercom_alone(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        known, unknown = (requests.head(f"{found.address}/webhooks/{name}", timeout=5) for name in (provider, "nobody"))

        assert known.status_code == (200 if provider == "intercom" else 405)
        assert unknown.status_code == 405


@pytest.mark.parametrize(
    "path", ["/webhooks/nobody", "/webhooks/", "/webhooks/zendesk/x", "/webhooks/..%2f", "/", "/admin", "/webhooks/%00"]
)
def test_F22_unknown_addresses_say_nothing(tmp_path: Path, path: str) -> None:
    with door(tmp_path, "zendesk") as found:
        body = found.delivery()

        answer = requests.post(f"{found.address}{path}", data=body, headers=found.proof(body), timeout=5)

        assert answer.status_code in (404, 405)
        assert "zendesk" not in answer.text
        assert found.rows() == {}

"""F24: a header that forges the client's address. Nothing in Deskhand goes by an address that a caller names."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from tests.faults.receiver_setup import door, each_helpdesk, real_door
from tests.harness.nursery import Nursery

FORGED = [
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Forwarded-For", "203.0.113.7, 127.0.0.1"),
    ("Forwarded", "for=127.0.0.1;proto=https"),
    ("X-Real-IP", "127.0.0.1"),
    ("X-Forwarded-For", "' or 1=1 --"),
    ("X-Forwarded-Host", "evil.example"),
    ("X-Forwarded-Proto", "javascript"),
]


@each_helpdesk
@pytest.mark.parametrize("forged", FORGED, ids=lambda each: f"{each[0]}: {each[1]}")
def test_F24_neither_opens_nor_shuts_the_door(tmp_path: Path, provider: str, forged: tuple[str, str]) -> None:
    with door(tmp_path, provider) as found:
        name, value = forged
        good, bad = found.delivery(), found.delivery()

        opened = found.post(good, found.proof(good) | {name: value})
        shut = found.post(bad, {"Content-Type": "application/json", name: value})

        assert (opened.status_code, shut.status_code) == (202, 401)
        assert found.rows() == {"pending": 1}


def test_F24_is_not_believed_by_the_receivers_server_nor_logged(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        body = found.delivery()
        answers = [found.post(body, {"Content-Type": "application/json", name: each}).status_code for name, each in FORGED]
        figures = [requests.get(f"{found.address}/metrics", headers=dict([each]), timeout=10).status_code for each in FORGED[:4]]

        assert set(answers) == {401}
        assert set(figures) == {403}  # a call that a proxy passed on is none of this machine's
        assert [value for _, value in FORGED if value in found.log() and value != "127.0.0.1"] == []
        assert "203.0.113.7" not in found.log()


def test_F24_an_address_is_what_was_asked_for_whatever_a_header_says(nursed: Nursery, tmp_path: Path) -> None:
    """`SCRIPT_NAME: /webhooks` once made /metrics of /webhooks/metrics, the one folder that a proxy lets through."""
    with real_door(nursed, tmp_path, "zendesk") as found:
        moved = {"SCRIPT_NAME": "/webhooks", "PATH_INFO": "/metrics"}
        plain = [requests.get(f"{found.address}/webhooks/{name}", timeout=10) for name in ("metrics", "ready", "health")]
        asked = [requests.get(each.url, headers=moved, timeout=10) for each in plain]

        assert [each.status_code for each in asked] == [405] * 3
        assert [each.text for each in asked] == [each.text for each in plain]

"""F05: the signed time is missing, empty, no number, or far too long."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.stories.config import SECRETS
from tests.faults.receiver_setup import ReceiverSetup, door

ODD = ["", "nan", "1e400", "-1", "-1763726400", "9" * 10_000, "yesterday", "2026-13-45T99:99:99Z"]
ODD += ["2026-11-21T12:00:00+99:99", "0001-01-01T00:00:00+14:00"]
ODD_IN_JSON = ['"nan"', '"1e400"', "-1", '"yesterday"', "[]", "{}", "true", "99999999999999999999", '"' + "9" * 10_000 + '"']


def knock_at(found: ReceiverSetup, body: bytes, stamp: str) -> int:
    """Signed as Zendesk signs, over this time."""
    digest = hmac.digest(SECRETS["zendesk"].encode(), stamp.encode() + body, "sha256")
    proof = {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }
    return found.post(body, {"Content-Type": "application/json", **proof}).status_code


def test_F05_an_odd_time_is_refused_though_it_is_signed(tmp_path: Path) -> None:
    with door(tmp_path, "zendesk") as found:
        body = found.delivery()

        answers = {stamp[:30]: knock_at(found, body, stamp) for stamp in ODD}

        assert set(answers.values()) <= {400, 401}, answers
        assert found.rows() == {}
        assert found.counted("unavailable") == 0


@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%S+00:00"])
def test_F05_a_time_with_or_without_a_fraction_is_read(tmp_path: Path, form: str) -> None:
    with door(tmp_path, "zendesk") as found:
        assert knock_at(found, found.delivery(), datetime.now(UTC).strftime(form)) == 202


@pytest.mark.parametrize("written", ODD_IN_JSON, ids=lambda each: each[:20])
def test_F05_an_odd_time_in_intercoms_body_is_refused(tmp_path: Path, written: str) -> None:
    with door(tmp_path, "intercom") as found:
        told = json.loads(found.delivery()) | {"first_sent_at": "THE-TIME"}

        answer = found.knock(json.dumps(told).replace('"THE-TIME"', written).encode())

        assert answer.status_code in (400, 401)
        assert found.rows() == {}

"""F04: a good signature whose time is too old or too far ahead."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.receiver_setup import door

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old_s", "status"), [(600, 401), (301, 401), (300, 202), (0, 202), (-300, 202), (-301, 401), (-600, 401)]
)
def test_F04_zendesks_signed_time_counts_within_five_minutes(tmp_path: Path, old_s: int, status: int) -> None:
    with door(tmp_path, "zendesk", now=lambda: NOW, clock=lambda: NOW - timedelta(seconds=old_s)) as found:
        answer = found.knock(found.delivery())

        assert answer.status_code == status
        assert found.rows() == ({"pending": 1} if status == 202 else {})
        assert found.counted("signature_stale") == (status == 401)


@pytest.mark.parametrize(("old_s", "status"), [(7501, 401), (7500, 202), (-300, 202), (-301, 401)])
def test_F04_intercoms_time_in_the_signed_body_counts_two_hours_longer(tmp_path: Path, old_s: int, status: int) -> None:
    with door(tmp_path, "intercom", now=lambda: NOW) as found:
        sent = int(NOW.timestamp()) - old_s
        body = json.dumps(json.loads(found.delivery()) | {"created_at": sent, "first_sent_at": sent}).encode()

        answer = found.knock(body)

        assert answer.status_code == status
        assert found.rows() == ({"pending": 1} if status == 202 else {})

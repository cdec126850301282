"""F01: the signature header is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.log import Often, get_logger
from tests.faults.receiver_setup import WORDS, door, each_helpdesk


@each_helpdesk
def test_F01_is_refused_counted_and_leaves_nothing(
    tmp_path: Path, provider: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.intake.receiver.often", Often(get_logger("door")))  # it has counted none of the tests before
    with door(tmp_path, provider) as found:
        answer = found.post(found.delivery(), {"Content-Type": "application/json"})

        assert (answer.status_code, found.rows()) == (401, {})
        assert found.counted("signature_missing") == 1
    said = "".join(capfd.readouterr())
    assert "delivery.refused" in said
    assert WORDS not in said


@each_helpdesk
def test_F01_an_empty_signature_is_none(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        empty = dict.fromkeys(found.desk.sign(body), "")

        answer = found.post(body, {"Content-Type": "application/json", **empty})

        assert (answer.status_code, found.rows()) == (401, {})

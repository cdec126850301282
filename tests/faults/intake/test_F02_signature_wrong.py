"""F02: the signature is wrong or one bit of the body flipped; both secrets count while one is changed."""

from __future__ import annotations

import hmac
from pathlib import Path

import pytest

from sandbox.stories.config import SECRETS
from tests.faults.receiver_setup import OLD_SECRET, door, each_helpdesk, each_signer


@each_signer
def test_F02_any_flipped_bit_is_noticed(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        places = [0, len(body) // 2, len(body) - 1]
        flipped = [body[:at] + bytes((body[at] ^ 1 << bit,)) + body[at + 1 :] for at in places for bit in (0, 7)]

        answers = [found.knock(each, signed=body).status_code for each in flipped]

        assert answers == [401] * len(flipped)
        assert found.rows() == {}
        assert found.counted("signature_mismatch") == len(flipped)


@each_helpdesk
def test_F02_a_third_secret_is_refused(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider, secret="somebody-elses-secret-of-32-characters") as found:
        answer = found.knock(found.delivery())

        assert (answer.status_code, found.rows()) == (401, {})


@each_helpdesk
@pytest.mark.parametrize("which", ["first", "second"])
def test_F02_either_secret_opens_and_both_are_compared_in_constant_time(
    tmp_path: Path, provider: str, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[bytes] = []

    def compare(given: bytes, wanted: bytes) -> bool:
        compared.append(wanted)
        return genuine(given, wanted)

    genuine = hmac.compare_digest
    with door(tmp_path, provider, secret=OLD_SECRET if which == "first" else SECRETS[provider]) as found:
        monkeypatch.setattr(hmac, "compare_digest", compare)
        answer = found.knock(found.delivery())

        assert (answer.status_code, found.rows()) == (202, {"pending": 1})
    assert len(compared) == 2
    assert {type(each) for each in compared} == {bytes}

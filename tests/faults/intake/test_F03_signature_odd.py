"""F03: a signature of another algorithm, in capitals or with letters outside ASCII."""

from __future__ import annotations

from pathlib import Path

from tests.faults.receiver_setup import door, each_helpdesk


@each_helpdesk
def test_F03_an_odd_signature_is_refused_without_an_exception(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        proof = {**found.desk.sign(body)}
        name = next(each for each in proof if not each.endswith("Timestamp"))
        good = proof[name]
        odd = [f"sha256={good.removeprefix('sha1=')}", good.swapcase(), f"ÿ{good}", f"{good}\xe9", "=" * 44, good * 20, good[:-1]]

        answers = [found.say(found.head(_closing(proof | {name: each}, body)), body)[9:12] for each in odd]

        assert answers == [b"401"] * len(odd)
        assert found.rows() == {}
        assert found.counted("unavailable") == 0


def _closing(proof: dict[str, str], body: bytes) -> dict[str, str]:
    return {**proof, "Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}

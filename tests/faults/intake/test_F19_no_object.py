"""F19: JSON that is no object, and an empty body."""

from __future__ import annotations

from pathlib import Path

from tests.faults.receiver_setup import answers_to, door, each_helpdesk

BODIES = [b"", b" ", b"[]", b'"x"', b"null", b"1", b"true", b"[{}]", b"{", b"{}", b"{]", b"\x00", b"<", b"<a>", b"a=1", b"'{}'"]


@each_helpdesk
def test_F19_is_refused(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answers = dict(zip(BODIES, answers_to(found, BODIES), strict=True))

        assert set(answers.values()) == {400}, answers
        assert found.rows() == {}
        assert found.counted("unreadable") == len(BODIES)

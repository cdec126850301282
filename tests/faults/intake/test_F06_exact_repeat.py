"""F06: the same delivery again within the window."""

from __future__ import annotations

from pathlib import Path

from tests.faults.receiver_setup import door, each_helpdesk


@each_helpdesk
def test_F06_a_repeat_is_told_that_it_is_one_and_kept_once(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()

        answers = [found.knock(body) for _ in range(3)]

        assert [each.status_code for each in answers] == [202, 200, 200]
        assert [each.json().get("duplicate", False) for each in answers] == [False, True, True]
        assert found.rows() == {"pending": 1}
        assert found.counted("duplicate") == 2

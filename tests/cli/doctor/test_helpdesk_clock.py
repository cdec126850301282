"""The doctor on this machine's clock beside the helpdesk's."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import Run
from tests.harness.deskhand import deskhand


def test_the_doctor_says_how_far_the_clock_is_off(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        run.desk.date_ahead_s = -1200.0
        told = deskhand_command("doctor")

    assert told.exit_code == 1
    assert "ILL clock and zendesk: this machine's clock is 20 min ahead of the helpdesk's" in told.stderr
    assert "nothing is deleted" in told.stderr


def test_a_minute_is_worth_a_look_and_a_second_nothing(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        run.desk.date_ahead_s = 90.0
        behind = deskhand_command("doctor").stderr
        run.desk.date_ahead_s = 0.0
        right = deskhand_command("doctor").stderr

    assert re.search(r"see clock and zendesk: this machine's clock is (89|90|91) s behind the helpdesk's", behind)
    assert "clock and" not in right

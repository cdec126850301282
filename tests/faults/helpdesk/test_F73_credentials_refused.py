"""F73: the token has expired or was revoked (401, or 403 for everything). Work is held, not burnt, and doctor says what to mend;
once the credentials are good again everything goes on."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from bot.cli import main
from bot.pipeline.claim import run_ticket
from bot.store import accounts
from bot.store.database.engine import reading
from tests.faults.common import assert_written_once, blocked_s, burnt, each_helpdesk, let_time_pass, outage, set_aside, work_once
from tests.harness.deskhand import Running, deskhand

FLOW = {"max_failures": 2, "max_crashes": 2}


def held_reason(run: Running) -> str:
    with reading(run.parts.engine) as connection:
        return accounts.state(connection, run.provider).held_reason


@each_helpdesk
def test_F73_refused_credentials_hold_the_account_and_burn_nothing(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow=FLOW) as run:
        first, second = outage(run), outage(run)
        run.desk.faults.order("401", times=None)

        for _ in range(4):
            work_once(run, first)
            assert 30 < blocked_s(run) <= 60
            assert not run_ticket(run.key(second), run.parts)
            let_time_pass(run)
        assert burnt(run, first) == burnt(run, second) == (0, 0)
        assert not set_aside(run)
        assert "credentials" in held_reason(run) or "token" in held_reason(run)

        run.desk.faults.reset()
        let_time_pass(run)
        run.settle(60)

        assert held_reason(run) == ""
        for ticket in (first, second):
            assert_written_once(run, ticket)


def test_F73_doctor_names_the_account(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk") as run:
        ticket = outage(run)
        run.desk.faults.order("401", times=None)
        work_once(run, ticket)

        said = CliRunner().invoke(main, ["doctor", "--json", "--config", str(run.config.path)])

        assert said.exit_code == 1
        ill = {each["what"]: each["words"] for each in json.loads(said.stdout)["findings"] if not each["ok"]}
        assert "account freshdesk" in ill

"""What a worker holds, put together from the configuration."""

from __future__ import annotations

from pathlib import Path

from bot.runtime.bootstrap import budget_of, connect
from tests.harness.bench_in_memory import Bench


def test_a_helpdesk_is_the_accounts_own_adapter(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    parts, account = bench.parts, bench.parts.settings.accounts[0]

    made = connect(parts.config, account, parts.engine, parts.clock, budget_of(account, parts.engine, parts.settings.flow))

    assert (made.adapter.provider, made.account.name) == (account.provider, account.name)
    bench.close()


def test_the_rules_that_count_are_the_files_until_a_version_was_taken_up(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    assert bench.parts.standing().rules.hash == bench.parts.rules.hash
    bench.close()

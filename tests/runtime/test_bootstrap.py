"""What a worker holds, put together from the configuration."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import ModelSettings
from bot.config.drafts import DraftSettings
from bot.runtime import bootstrap
from bot.runtime.bootstrap import budget_of, connect, warm_up
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


@pytest.mark.parametrize("has_model", [True, False])
def test_a_worker_loads_the_models_client_at_its_start_where_a_model_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_model: bool
) -> None:
    loaded: list[str] = []
    monkeypatch.setattr(bootstrap, "get_ready_to_ask", lambda: loaded.append("client"))
    bench = Bench(tmp_path)
    drafts = DraftSettings(model=ModelSettings(base_url="https://model.example/v1", name="m") if has_model else None)
    object.__setattr__(bench.parts.config, "settings", bench.parts.settings.model_copy(update={"drafts": drafts}))

    warm_up(bench.parts)

    assert loaded == (["client"] if has_model else [])
    bench.close()

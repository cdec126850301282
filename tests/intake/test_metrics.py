"""`GET /metrics`: what it counts, for whom, in one process and in several; also where the database is away."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot.config import load
from bot.intake import shared_counts
from bot.intake.metrics import Metrics, may_read
from bot.store import accounts, deliveries
from bot.store.database.engine import make_engine
from tests.harness.deskhand import NINA, PROVIDERS, Running, delivered, deskhand
from tests.harness.processes import ROOT
from tests.store.makers import incoming

Series = dict[tuple[str, ...], float]


def parsed(exposition: str) -> Series:
    """(name, label values…) -> value."""
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
    }


def scraped(run: Running) -> Series:
    answer = requests.get(f"{run.address}/metrics", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return parsed(answer.text)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_ticket_leaves_its_counts_at_the_door_and_in_the_database(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()

        found = scraped(run)

    assert found["deskhand_webhook_answers_total", provider, "stored", "202"] >= 1
    assert found["deskhand_webhook_seconds_count",] >= 1
    assert found["deskhand_deliveries", "done"] >= 1
    assert (found["deskhand_deliveries", "pending"], found["deskhand_oldest_waiting_seconds",]) == (0, 0)
    assert found["deskhand_requests", "confirmed"] >= 1
    assert found["deskhand_drafts", "live"] == 1
    assert found["deskhand_account_budget_used", provider] >= 1
    assert found["deskhand_database_up",] == 1
    assert found["deskhand_possible_duplicate_total",] == 0
    assert (found["deskhand_tickets_put_off",], found["deskhand_rules_stopped", "rests"]) == (0, 0)


def test_refusals_are_counted_by_reason_and_strangers_addresses_not_by_name(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        requests.post(f"{run.address}/webhooks/zendesk", json={}, timeout=10)
        requests.post(f"{run.address}/webhooks/zendesk", data=b"{}", headers={"Content-Encoding": "gzip"}, timeout=10)
        for name in ("made-up-1", "made-up-2"):
            requests.post(f"{run.address}/webhooks/{name}", data=b"{}", timeout=10)

        found = scraped(run)

    assert found["deskhand_webhook_answers_total", "zendesk", "signature_missing", "401"] == 1
    assert found["deskhand_webhook_answers_total", "zendesk", "compressed", "415"] == 1
    assert found["deskhand_webhook_answers_total", "", "unknown_account", "404"] == 2
    assert not [key for key in found if "made-up" in str(key)]


def test_what_waits_and_what_is_held_is_told(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        delivered(run.desk)
        with run.parts.engine.begin() as connection:
            accounts.block(connection, "zendesk", 60, held_reason="401")
            connection.execute(text("update deliveries set received_at = received_at - 3600000000"))
        found = scraped(run)

    assert found["deskhand_deliveries", "pending"] == found["deskhand_deliveries_stale",] >= 1
    assert 3600 <= found["deskhand_oldest_waiting_seconds",] < 3700
    assert found["deskhand_account_held", "zendesk"] == 1
    assert 50 < found["deskhand_account_blocked_seconds", "zendesk"] <= 60


def test_without_a_database_the_door_still_tells(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        nowhere = make_engine(f"sqlite:///{tmp_path}")  # a folder is no database
        found = parsed(Metrics(run.config, nowhere, lambda: datetime.now(UTC)).text().decode())

    assert found["deskhand_database_up",] == 0
    assert ("deskhand_deliveries", "pending") not in found


def test_the_database_is_not_asked_for_each_scrape(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        before = scraped(run)
        with run.parts.engine.begin() as connection:
            accounts.block(connection, "zendesk", 60, held_reason="401")

        assert scraped(run)["deskhand_account_held", "zendesk"] == before["deskhand_account_held", "zendesk"] == 0


def test_what_is_over_is_counted_less_often_the_longer_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.intake.metrics.FRESH_S", 0.0)
    monkeypatch.setattr("bot.intake.metrics.HISTORY_SHARE", 1e-9)
    with deskhand(tmp_path, "zendesk") as run:
        metrics = Metrics(run.config, run.parts.engine, lambda: datetime.now(UTC))
        before = parsed(metrics.text().decode())
        with run.parts.engine.begin() as connection:
            for key, state in (("a", "done"), ("b", "parked")):
                deliveries.store(connection, incoming(key))
                connection.execute(
                    text("update deliveries set state = :state where delivery_key = :key"), {"state": state, "key": key}
                )
        found = parsed(metrics.text().decode())

    assert found["deskhand_deliveries", "done"] == before["deskhand_deliveries", "done"]
    assert found["deskhand_deliveries", "parked"] == before["deskhand_deliveries", "parked"] + 1


@pytest.mark.parametrize(
    ("headers", "address", "token", "allowed"),
    [
        ({}, "127.0.0.1", None, True),
        ({}, "::1", None, True),
        ({}, "192.0.2.7", None, False),
        ({"x-forwarded-for": "192.0.2.7"}, "127.0.0.1", None, False),
        ({"forwarded": "for=192.0.2.7"}, "127.0.0.1", None, False),
        ({"via": "1.1 proxy"}, "127.0.0.1", None, False),
        ({}, None, None, False),
        ({"authorization": "Bearer sixteen-letters!"}, "192.0.2.7", "sixteen-letters!", True),
        ({"authorization": "Bearer sixteen-letters"}, "192.0.2.7", "sixteen-letters!", False),
        ({"authorization": "Bearer \udcff"}, "192.0.2.7", "sixteen-letters!", False),
        ({}, "127.0.0.1", "sixteen-letters!", False),
    ],
)
def test_figures_are_for_who_brings_the_token_else_for_this_machine(
    headers: dict[str, str], address: str | None, token: str | None, allowed: bool
) -> None:
    assert may_read(headers, address, token) is allowed


def test_a_stranger_is_told_what_is_missing(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        answer = requests.get(f"{run.address}/metrics", headers={"X-Forwarded-For": "192.0.2.7"}, timeout=10)

    assert answer.status_code == 403
    assert "server.metrics_token" in answer.text
    assert "deskhand_deliveries" not in answer.text


_COUNTING = """
import sys
from pathlib import Path
from bot.intake import metrics
from bot.config import load
from bot.store.database.engine import make_engine
from datetime import UTC, datetime
metrics.share(Path(sys.argv[1]))
counts = metrics.ReceiverCounts(['zendesk'])
counts.answered("zendesk", 202, "stored", 0.01)
print("counted", flush=True)
sys.stdin.readline()
"""


def test_processes_count_together_and_one_that_is_killed_keeps_its_count(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    shared_counts.clean(folder)
    both = [counting(folder), counting(folder)]
    both[0].kill()
    both[0].communicate(timeout=10)
    third = counting(folder)  # takes the dead one's place, and goes on with its count
    code = (
        "import sys; from pathlib import Path; from bot.intake import metrics; from prometheus_client import CollectorRegistry, "
        "generate_latest; metrics.share(Path(sys.argv[1])); r = CollectorRegistry(); "
        "r.register(metrics.ReceiverCounts(['zendesk']).collector()); sys.stdout.buffer.write(generate_latest(r))"
    )

    command = [sys.executable, "-c", code, str(folder)]
    found = parsed(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    for each in (*both[1:], third):
        each.communicate("\n", timeout=10)
    assert found["deskhand_webhook_answers_total", "zendesk", "stored", "202"] == 3
    assert found["deskhand_webhook_seconds_count",] == 3
    assert len(list(folder.glob("*.counts"))) == 3  # of the two that count, and of the one that was asked


def counting(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _COUNTING, str(folder)]
    child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "counted\n"
    return child


def test_a_start_begins_at_zero(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    shared_counts.clean(folder)
    counting(folder).communicate("\n", timeout=10)
    assert list(folder.glob("*.counts"))

    shared_counts.clean(folder)

    assert not list(folder.iterdir())


def test_the_config_takes_a_token_of_sixteen_letters(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk", server={"metrics_token": "sixteen-letters!"}) as run:
        refused = requests.get(f"{run.address}/metrics", timeout=10)
        answer = requests.get(f"{run.address}/metrics", headers={"Authorization": "Bearer sixteen-letters!"}, timeout=10)

        assert (refused.status_code, answer.status_code) == (403, 200)
        assert "sixteen" not in repr(load(run.config.path, {}))


def test_ages_never_go_below_zero_when_a_clock_is_behind(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk", clock=lambda: datetime.now(UTC) - timedelta(hours=1)) as run:
        run.desk.create_ticket(requester=NINA, subject="Hello", body="Hello.")
        delivered(run.desk)

        assert scraped(run)["deskhand_oldest_waiting_seconds",] >= 0

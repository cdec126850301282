"""What the doctor says of operations: who works, the queue's cause, clocks, disks, backups; and readiness."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine, text

from bot.cli.doctor import checks
from bot.cli.doctor.checks import Finding, file_system, look_at_clock, look_at_processes, look_at_queue
from bot.config import load
from bot.maintenance import backup
from bot.store import deliveries, processes
from bot.store.database.engine import reading
from bot.store.database.migrate import newest
from tests.cli.conftest import Run, printed
from tests.cli.conftest import deskhand_command as deskhand_command
from tests.harness.deskhand import NINA, delivered, deskhand
from tests.harness.servers import redis_server
from tests.store.conftest import engine as engine
from tests.store.conftest import sqlite_template as sqlite_template
from tests.store.makers import NOW, incoming, later


def found(engine: Engine, now: datetime, *, strict: bool = True) -> Finding:
    with reading(engine) as connection:
        return next(iter(look_at_processes(connection, now, strict)))


def alive(engine: Engine, *roles: processes.Role, at: datetime = NOW, version: str = "1") -> None:
    with engine.begin() as connection:
        for number, role in enumerate(roles):
            processes.seen(connection, f"host:{number}:{role}{version}", role, version, at)


def test_all_roles_seen_is_well(engine: Engine) -> None:
    alive(engine, "receiver", "worker", "worker", "ticker")

    finding = found(engine, later(seconds=90))

    assert (finding.is_well, finding.is_warning) == (True, False)
    assert finding.words == "1 receiver, 1 ticker, 2 workers in the last 2 minutes"


def test_a_worker_that_was_not_seen_for_two_minutes_is_told(engine: Engine) -> None:
    alive(engine, "worker")
    alive(engine, "receiver", "ticker", at=later(minutes=3))

    finding = found(engine, later(minutes=3))

    assert not finding.is_well
    assert "no worker has been seen for 2 minutes" in finding.words
    assert found(engine, later(minutes=3), strict=False).is_warning


def test_an_installation_at_rest_is_well_until_something_waits(engine: Engine) -> None:
    assert found(engine, NOW).is_well
    with engine.begin() as connection:
        deliveries.store(connection, incoming())

    assert not found(engine, NOW).is_well


def test_two_versions_side_by_side_are_told(engine: Engine) -> None:
    alive(engine, "receiver", "worker", "ticker", version="1.0")
    alive(engine, "worker", version="1.1")

    with reading(engine) as connection:
        words = [each.words for each in look_at_processes(connection, NOW, True)]

    assert words[1] == "1.0 and 1.1 work side by side: end the upgrade"


def test_a_clock_that_differs_from_the_databases_is_told(engine: Engine) -> None:
    with reading(engine) as connection:
        here = list(look_at_clock(connection, datetime.now(UTC)))
        there = list(look_at_clock(connection, datetime.now(UTC) + timedelta(minutes=10)))

    if engine.dialect.name == "sqlite":
        assert here == there == []
    else:
        assert ([each.is_well for each in here], [each.is_well for each in there]) == ([True], [False])
        assert "mend the time" in there[0].words


MOUNTS = "\n".join(
    (
        "overlay / overlay rw 0 0",
        "/dev/sda1 /srv ext4 rw 0 0",
        "nas:/x /srv/desk\\040hand nfs4 rw 0 0",
        "broken",
        "tmpfs /srv/desk tmpfs rw 0 0",
    )
)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/desk hand/var/deskhand.sqlite3", "nfs4"),
        ("/srv/deskhand/deskhand.sqlite3", "ext4"),
        ("/srv/desk/x", "tmpfs"),
        ("/opt/x", "overlay"),
    ],
)
def test_the_file_system_is_the_one_of_the_longest_mount(path: str, kind: str) -> None:
    assert file_system(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_ill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_mounts", lambda: "nas:/x / nfs4 rw 0 0")
    with deskhand(tmp_path, "zendesk", database=f"sqlite:///{tmp_path}/deskhand.sqlite3", queue="embedded") as run:
        [finding] = [each for each in checks.look_at_files(run.config, run.parts.engine) if each.what == "file system"]

    assert not finding.is_well
    assert "SQLite's locks do not hold there" in finding.words


def queue_words(folder: Path, url: str) -> Finding:
    config = folder / "config.yaml"
    config.write_text(
        f"marker_key: a-key-of-twenty-characters\nqueue: {url}\naccounts:\n  - name: zendesk\n    provider: zendesk\n"
        "    address: https://acme.example\n    credentials: {email: a@example.com, token: x}\n    webhook: {secrets: [abc]}\n",
        encoding="utf-8",
    )
    [finding] = look_at_queue(load(config, {}), True)
    return finding


def test_the_causes_of_a_redis_that_takes_nothing_are_named(tmp_path: Path) -> None:
    with redis_server(password="right-password-4711") as server:
        assert queue_words(tmp_path, server.url).is_well
        wrong = queue_words(tmp_path, server.url.replace("right-password-4711", "wrong-password-4711"))
        server.client.config_set("maxmemory", 1)
        full = queue_words(tmp_path, server.url)
        server.client.config_set("maxmemory", 0)
        server.client.slaveof("127.0.0.1", 1)
        replica = queue_words(tmp_path, server.url)
        url = server.url
    gone = queue_words(tmp_path, url)

    assert [each.is_well for each in (wrong, full, replica, gone)] == [False] * 4
    assert "refuses the password" in wrong.words
    assert "out of memory" in full.words
    assert "read-only replica" in replica.words
    assert "cannot be reached" in gone.words
    assert not [each.words for each in (wrong, full, replica, gone) if "password-4711" in each.words]


def test_a_backup_that_is_too_old_or_was_never_made_is_ill(deskhand_command: Run, tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk", backup={"max_age_h": 24}) as run:
        never = printed(deskhand_command("doctor", "--json"))
        backup.back_up(run.parts.engine, tmp_path / "copy", datetime.now(UTC) - timedelta(hours=30))
        old = printed(deskhand_command("doctor", "--json"))
        backup.back_up(run.parts.engine, tmp_path / "newer", datetime.now(UTC))
        fresh = printed(deskhand_command("doctor", "--json"))

    words = [next(each for each in found["findings"] if each["what"] == "backup") for found in (never, old, fresh)]
    assert [each["ok"] for each in words] == [False, False, True]
    assert "never succeeded" in words[0]["words"]
    assert words[1]["words"] == "30.0 h old; backup.max_age_h is 24"


def ready(address: str) -> tuple[int, dict[str, object]]:
    answer = requests.get(f"{address}/ready", timeout=10)
    return answer.status_code, answer.json()


def test_readiness_says_why_not(tmp_path: Path) -> None:
    server = {"max_backlog": 1}
    with deskhand(tmp_path, "zendesk", server=server) as run:
        assert ready(run.address) == (200, {"status": 200, "waiting": 0})
        with run.parts.engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = '0001'"))
        assert ready(run.address)[0] == 503
        assert "run `deskhand migrate`" in str(ready(run.address)[1]["error"])
        with run.parts.engine.begin() as connection:  # a newer process has migrated: this one goes on
            connection.execute(text("update alembic_version set version_num = '9999'"))
        assert ready(run.address)[0] == 200
        with run.parts.engine.begin() as connection:
            connection.execute(text("update alembic_version set version_num = :it"), {"it": newest()})
        for number in range(3):
            run.desk.create_ticket(requester=NINA, subject=f"Down {number}", body="Nothing works.")
        delivered(run.desk)

        status, said = ready(run.address)

    assert (status, "error" in said) == (503, True)


def test_readiness_without_a_database(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk") as run:
        with run.parts.engine.begin() as connection:
            connection.execute(text("drop table deliveries"))
        said = ready(run.address)
        health = requests.get(f"{run.address}/health", timeout=10).status_code

    assert said == (503, {"status": 503, "error": "the database does not answer"})
    assert health == 200

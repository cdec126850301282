"""A newer version beside this one: it migrates while this one works, both work on, and this one refuses to start anew.

The newer version is a copy of this tree with one more migration, which adds a table and a column with a default. That is all
that a migration may do (bot/store/database/migrate.py). On PostgreSQL, where several machines share a database.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from bot.store.database.migrate import newest
from sandbox.desk import Desk, MessageView
from sandbox.serve import running
from sandbox.stories.config import SECRETS
from tests.cli.test_processes import configured, is_ready, is_worked_on, outage
from tests.harness.deskhand import DESKS
from tests.harness.processes import ROOT, free_port, wait_for
from tests.harness.servers import empty_database

SLOW_S = 120.0
MIGRATION = '''"""What a newer version adds"""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{before}"


def upgrade() -> None:
    op.create_table("novelties", sa.Column("name", sa.String(length=40), primary_key=True))
    for table in ("deliveries", "tickets", "runs", "requests", "drafts"):
        op.add_column(table, sa.Column("novelty", sa.Integer(), server_default="7", nullable=False))
'''
SCHEMA = """
for _table in (deliveries, tickets, runs, requests, drafts):
    _table.append_column(Column("novelty", Integer, nullable=False, server_default="7"))
"""


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newer version's source tree."""
    tree = tmp_path_factory.mktemp("newer")
    for name in ("adapters", "bot", "rules"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("webhooks.py", "worker.py"):
        shutil.copy(ROOT / name, tree / name)
    store = tree / "bot" / "store"
    (store / "migrations" / "versions" / "9000_novelties.py").write_text(MIGRATION.format(before=newest()), encoding="utf-8")
    schema = store / "database" / "schema.py"
    schema.write_text(schema.read_text(encoding="utf-8") + SCHEMA, encoding="utf-8")
    return tree


@contextmanager
def started(tree: Path, log: Path, module: str, *arguments: str) -> Iterator[None]:
    """A process of the version in `tree`."""
    with log.open("ab") as file:
        child = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=tree, stdout=file, stderr=file)
        try:
            yield
        finally:
            child.terminate()
            try:
                child.wait(30)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(10)


def run(tree: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", module, *arguments], cwd=tree, capture_output=True, text=True, check=False)


def works(desk: Desk, port: int) -> bool:
    """A ticket that comes in at this port is worked on."""
    desk.webhooks.target = f"http://127.0.0.1:{port}/webhooks/freshdesk"
    ticket = outage(desk)
    wait_for("the ticket's note", lambda: is_worked_on(desk, ticket), SLOW_S)
    return True


def notes_of(desk: Desk) -> dict[str, tuple[MessageView, ...]]:
    return {ticket: desk.view(ticket).bot_notes for ticket in desk.effects.per_ticket() if ticket}


@pytest.mark.timeout(600)
def test_old_and_new_work_side_by_side(tmp_path: Path, newer: Path, postgres_server: URL) -> None:
    desk = DESKS["freshdesk"](secret=SECRETS["freshdesk"], time_scale=0.001)
    ports = (free_port(), free_port())
    with running(desk) as address, ExitStack() as old, ExitStack() as new:
        url = old.enter_context(empty_database(postgres_server))
        names = zip(("old", "new"), ports, strict=True)
        configs = [configured(tmp_path / name, address, port, database=url) for name, port in names]
        of_old, of_new = (["--config", str(path)] for path in configs)
        log = tmp_path / "log"
        assert run(ROOT, "bot.cli", "migrate", *of_old).returncode == 0
        old.enter_context(started(ROOT, log, "webhooks", *of_old))
        old_worker = old.enter_context(ExitStack())
        old_worker.enter_context(started(ROOT, log, "worker", *of_old))
        wait_for("the old receiver", lambda: is_ready(ports[0]), SLOW_S)
        assert works(desk, ports[0])

        refused = run(newer, "webhooks", *of_new)
        assert (refused.returncode, "run `deskhand migrate`" in refused.stderr) == (2, True)
        migrated = run(newer, "bot.cli", "migrate", *of_new)
        assert (migrated.returncode, "revision 9000" in migrated.stderr) == (0, True), migrated.stderr

        assert works(desk, ports[0])  # old receiver, old worker, newer schema
        assert is_ready(ports[0])
        old_worker.close()
        new.enter_context(started(newer, log, "worker", *of_new))
        assert works(desk, ports[0])  # old receiver, new worker
        new.enter_context(started(newer, log, "webhooks", *of_new))
        wait_for("the new receiver", lambda: is_ready(ports[1]), SLOW_S)
        assert works(desk, ports[1])

        for module in ("webhooks", "worker"):
            late = run(ROOT, module, *of_old)
            assert (late.returncode, "9000, which is newer than this code" in late.stderr) == (2, True)
    assert "Traceback" not in log.read_text(encoding="utf-8")
    assert {ticket: each for ticket, each in notes_of(desk).items() if len(each) != 1} == {}

"""`deskhand up` as it is run: processes of its own against a stand-in helpdesk, started again when they die, ended together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from click import Command
from click.testing import CliRunner

import worker
from bot.cli import processes
from bot.config import load
from bot.store.database.engine import make_engine
from bot.store.database.migrate import migrate
from sandbox.desk import Desk
from sandbox.serve import running
from sandbox.stories.config import ARTICLES, SECRETS, write_config
from tests.cli.conftest import Run
from tests.cli.test_check import in_order
from tests.harness.deskhand import DESKS, FLOW, NINA, PATIENT, RULES
from tests.harness.processes import ROOT, wait_for

pytestmark = pytest.mark.both_storages

ENDS_S = 15.0
SLOW_S = 90.0  # four processes that start at once on a machine that is busy with other tests


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def configured(folder: Path, address: str, port: int, **settings: Any) -> Path:
    drafts = {"articles": str(ARTICLES), **PATIENT}
    chosen: dict[str, Any] = {"rules": [str(RULES)], "flow": {**FLOW, "rest_s": 0.5}, "workers": 1, "drafts": drafts, **settings}
    return write_config(folder, {"freshdesk": address}, port, datetime.now(UTC), **chosen)


def start(folder: Path, config: Path) -> subprocess.Popen[bytes]:
    """`deskhand up`, its output in `folder/up.log`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
    with (folder / "up.log").open("ab") as log:
        command = [sys.executable, "-m", "bot.cli", "up", "--config", str(config)]
        return subprocess.Popen(command, cwd=ROOT, env=inherited, stdout=log, stderr=log)


@contextmanager
def up(folder: Path, desk: Desk) -> Iterator[subprocess.Popen[bytes]]:
    """A whole Deskhand beside `desk`, which sends its webhooks there."""
    port = free_port()
    with running(desk) as address:
        child = start(folder, configured(folder, address, port))
        try:
            wait_for("the receiver's start", lambda: is_ready(port), SLOW_S)
            desk.webhooks.target = f"http://127.0.0.1:{port}/webhooks/freshdesk"
            yield child
        finally:
            child.terminate()
            try:
                child.wait(ENDS_S + 10)
            except subprocess.TimeoutExpired:
                child.kill()


def is_ready(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/ready", timeout=2).ok
    except requests.RequestException:
        return False


def children(of: int) -> dict[int, str]:
    """Process id -> command line of the children of a process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, IndexError):
            continue  # it has ended meanwhile
        if parent == of:
            found[int(entry.name)] = command
    return found


def named(of: int, *words: str) -> int | None:
    return next((pid for pid, command in children(of).items() if all(word in command for word in words)), None)


def outage(desk: Desk) -> str:
    return desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")


def is_worked_on(desk: Desk, ticket: str) -> bool:
    view = desk.view(ticket)
    return len(view.bot_notes) == 1 and "vip-outage" in view.tags


@pytest.fixture
def desk() -> Desk:
    return DESKS["freshdesk"](secret=SECRETS["freshdesk"], time_scale=0.001)


@pytest.mark.timeout(400)
def test_a_story_a_death_and_an_orderly_end(tmp_path: Path, desk: Desk) -> None:
    with up(tmp_path, desk) as child:
        first = outage(desk)
        wait_for("the first ticket's note", lambda: is_worked_on(desk, first), SLOW_S)

        dead = [named(child.pid, "worker", "--no-ticker"), named(child.pid, "webhooks")]
        for pid in dead:
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
        wait_for("another worker", lambda: named(child.pid, "worker", "--no-ticker") not in (None, dead[0]), SLOW_S)
        wait_for("another receiver", lambda: is_ready_at(desk), SLOW_S)
        second = outage(desk)
        wait_for("the second ticket's note", lambda: is_worked_on(desk, second), SLOW_S)

        all_of_them = list(children(child.pid))
        child.send_signal(signal.SIGTERM)
        code = child.wait(SLOW_S)  # `make chaos-term` measures how long it takes

        assert code == 0, (tmp_path / "up.log").read_text(encoding="utf-8")[-2000:]
        assert len(all_of_them) == 3
        assert not [pid for pid in all_of_them if Path(f"/proc/{pid}").exists()]

    log = (tmp_path / "up.log").read_text(encoding="utf-8")
    assert "worker-1 ended (-9), starting it again" in log
    assert "Nothing works" not in log


def is_ready_at(desk: Desk) -> bool:
    return is_ready(int((desk.webhooks.target or "").rsplit(":", 1)[1].partition("/")[0]))


def test_a_child_that_does_not_end_is_killed_and_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "DRAIN_S", 0.0)
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert child.stdout is not None
    with child.stdout:
        assert child.stdout.readline() == b"deaf\n"

        processes._end({"worker-1": child})

    assert child.returncode == -signal.SIGKILL
    assert "worker-1 did not end within 0 s and is killed" in "".join(capsys.readouterr())


@pytest.fixture
def own_signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_that_is_ended_while_it_starts_reads_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """Models and articles are read for seconds, for a large shelf and on a busy machine much longer."""
    config = configured(tmp_path, "http://127.0.0.1:9", free_port(), database=f"sqlite:///{tmp_path / 'own.sqlite3'}")
    migrate(make_engine(load(config, {}).database_url))
    monkeypatch.setattr(sys, "argv", ["worker", "--config", str(config), "--no-ticker"])
    monkeypatch.setattr(worker, "warm_up", lambda parts: signal.raise_signal(number))

    with pytest.raises(SystemExit) as ended:
        worker.main()

    assert ended.value.code == 0


def test_a_port_in_use_ends_with_its_setting_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        child = start(tmp_path, configured(tmp_path, "http://127.0.0.1:9", taken.getsockname()[1]))
        code = child.wait(90)

    log = (tmp_path / "up.log").read_text(encoding="utf-8")
    assert code == 2, log[-2000:]
    assert "server.port" in log
    assert "Address already in use: end what listens there, or choose another" in log
    assert "Traceback" not in log


def test_a_broken_rule_file_starts_nothing_and_names_its_line(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES.read_text(encoding="utf-8").replace("company.tier", "company.tire", 1), encoding="utf-8")
    child = start(tmp_path, configured(tmp_path, "http://127.0.0.1:9", free_port(), rules=[str(rules)]))

    code = child.wait(90)

    log = (tmp_path / "up.log").read_text(encoding="utf-8")
    assert code == 2, log[-2000:]
    assert "rules.yaml:7:" in log
    assert "did you mean company.tier?" in log
    assert "deskhand starts" not in log


@pytest.mark.parametrize("module", ["webhooks", "worker"])
def test_parts_refuse_a_database_without_tables_and_say_what_to_run(tmp_path: Path, module: str) -> None:
    config = configured(tmp_path, "http://127.0.0.1:9", free_port())

    ended = subprocess.run(
        [sys.executable, "-m", module, "--config", str(config)], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )

    assert ended.returncode == 2
    assert "run `deskhand migrate`" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_migrate_makes_the_tables_and_may_be_repeated(deskhand_command: Run, tmp_path: Path) -> None:
    in_order(tmp_path)

    results = [deskhand_command("migrate") for _ in range(2)]

    assert [each.exit_code for each in results] == [0, 0]
    assert "the database is at revision 00" in results[0].stderr


def test_a_process_for_each_part_is_started_by_up(tmp_path: Path) -> None:
    config = load(in_order(tmp_path), {})

    assert set(processes._children(config)) == {"receiver", "ticker", "worker-1", "worker-2"}


@pytest.mark.parametrize(
    ("command", "module"), [(processes.serve, "webhooks"), (processes.work, "worker"), (processes.sandbox, "sandbox")]
)
def test_a_part_alone_is_become_with_all_its_arguments(monkeypatch: pytest.MonkeyPatch, command: Command, module: str) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: became.append([program, *arguments]))

    CliRunner().invoke(command, ["--config", "x.yaml", "--help", "more"])

    assert became == [[sys.executable, sys.executable, "-m", module, "--config", "x.yaml", "--help", "more"]]


def test_a_child_that_says_what_must_be_mended_ends_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 2 is said once: another start would say it again."""
    well, ill = (SimpleNamespace(returncode=code, poll=lambda code=code: code) for code in (None, 2))
    ended: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(processes, "_start", lambda arguments: ill if arguments == ["worker"] else well)
    monkeypatch.setattr(processes, "_end", lambda children: ended.extend(children.values()))

    assert processes._supervise({"worker-1": ["worker"], "ticker": ["ticker"]}) == 2
    assert ended == [ill, well]

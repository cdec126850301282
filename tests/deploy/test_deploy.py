"""deploy/: the commands in the units and the container files work as they stand there, from an installed wheel."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from ruamel.yaml import YAML

from bot.config import load
from bot.store.database.engine import make_engine
from bot.store.database.migrate import current, newest
from tests.cli.test_processes import configured, is_ready
from tests.harness.processes import ROOT, free_port, wait_for
from tests.process.test_parent_death import living

UNITS = ROOT / "deploy" / "systemd"
CONTAINER = ROOT / "deploy" / "container"
SERVICES = sorted(UNITS.glob("*.service"))
LONG_RUNNING = [path for path in SERVICES if "backup" not in path.name]


def settings(unit: Path) -> dict[str, list[str]]:
    """The unit's settings by name."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of `deskhand`, installed from a wheel into a venv of its own; other packages are those of this one."""
    source, venv = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("venv")
    for name in copied_into_the_image():
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source / name)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    python = venv / "bin" / "python"
    [packages] = (venv / "lib").glob("python3*/site-packages")
    (packages / "others.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n", encoding="utf-8")
    # --ignore-installed: the project that is installed for developing must stay where it is.
    options = ["-q", "--disable-pip-version-check", "--ignore-installed", "--no-deps", "--no-build-isolation", "--no-cache-dir"]
    subprocess.run([str(python), "-m", "pip", "install", *options, str(source)], check=True, cwd=venv)
    said = subprocess.run([str(python), "-c", "import bot; print(bot.__file__)"], cwd=venv, capture_output=True, text=True)
    assert str(venv) in said.stdout, said
    return venv / "bin"


def copied_into_the_image() -> list[str]:
    """What the Containerfile's first stage takes from this folder to build the package."""
    _, first, _ = (CONTAINER / "Containerfile").read_text(encoding="utf-8").split("\nFROM ")
    names = [name.rstrip("/") for line in re.findall(r"(?m)^COPY (.*)$", first) for name in line.split()[:-1]]
    assert names
    assert all((ROOT / name).exists() for name in names)
    return [name for name in names if name != "requirements"]


def run_at(command: str, bin_folder: Path, config: Path) -> list[str]:
    """A command of a unit, with this machine's paths."""
    words = command.replace("/opt/deskhand/bin/", f"{bin_folder}/").replace("/etc/deskhand/config.yaml", str(config)).split()
    assert words[0] == f"{bin_folder}/deskhand"
    return words


@contextmanager
def started(commands: dict[str, list[str]], folder: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
    children = {}
    try:
        for name, command in commands.items():
            with (folder / f"{name}.log").open("ab") as log:
                children[name] = subprocess.Popen(command, cwd=folder, env=inherited, stdout=log, stderr=log)
        yield children
    finally:
        for child in children.values():
            if child.poll() is None:
                child.kill()
                child.wait(10)


@pytest.mark.timeout(400)
def test_the_units_commands_work_from_an_installed_wheel(installed: Path, tmp_path: Path) -> None:
    port = free_port()
    path = configured(tmp_path, "http://127.0.0.1:9", port)
    config = load(path, {})
    subprocess.run([str(installed / "deskhand"), "migrate", "--config", str(path)], cwd=tmp_path, check=True)
    assert current(make_engine(config.database_url)) == newest()
    commands = {each.name: run_at(settings(each)["ExecStart"][0], installed, path) for each in LONG_RUNNING}

    with started(commands, tmp_path) as children:
        wait_for("the receiver", lambda: is_ready(port), 120)
        wait_for("all of them", lambda: living(config) == {"receiver": 1, "worker": 1, "ticker": 1}, 120)
        health = re.search(r'(?m)^HEALTHCHECK .* CMD \["python", "-c", "(.*)"\]$', (CONTAINER / "Containerfile").read_text())
        assert health is not None
        check = [sys.executable, "-c", health[1].replace("8080", str(port))]
        assert subprocess.run(check, check=False).returncode == 0
        figures = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
        assert 'deskhand_processes{role="worker"} 1.0' in figures
        [copy] = settings(UNITS / "deskhand-backup.service")["ExecStart"]
        (tmp_path / "copy").mkdir()
        command = run_at(copy.replace("/var/lib/deskhand/backups", str(tmp_path / "copy")), installed, path)
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        assert len(list((tmp_path / "copy").iterdir())) == 1

        for child in children.values():
            child.send_signal(signal.SIGTERM)
        codes = {name: child.wait(20) for name, child in children.items()}

    assert codes == dict.fromkeys(commands, 0)
    assert living(config) == {}  # each said that it ended
    assert subprocess.run(check, check=False, capture_output=True).returncode != 0
    logs = "".join((tmp_path / f"{name}.log").read_text(encoding="utf-8") for name in commands)
    assert "Traceback" not in logs


@pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)
def test_each_unit_is_hardened_and_runs_as_nobody_special(unit: Path) -> None:
    found = settings(unit)

    assert found["User"] == ["deskhand"]
    assert (found["NoNewPrivileges"], found["ProtectSystem"], found["CapabilityBoundingSet"]) == (["yes"], ["strict"], [""])
    if unit in LONG_RUNNING:
        assert (found["Restart"], found["RestartPreventExitStatus"]) == (["always"], ["2"])
        assert float(found["TimeoutStopSec"][0]) >= 15  # what `up` gives its children, too


KNOWN = {
    *("Description", "After", "Wants", "PartOf", "WantedBy", "OnCalendar", "RandomizedDelaySec", "Persistent"),
    *("Type", "User", "Group", "UMask", "StateDirectory", "StateDirectoryMode", "WorkingDirectory", "EnvironmentFile"),
    *("ExecStart", "ExecStartPost", "Restart", "RestartSec", "RestartPreventExitStatus", "KillMode", "TimeoutStopSec"),
    *("NoNewPrivileges", "ProtectSystem", "ProtectHome", "PrivateTmp", "PrivateDevices", "ProtectClock", "ProtectProc"),
    *("ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables"),
    *("RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality"),
    *("SystemCallArchitectures", "SystemCallFilter", "CapabilityBoundingSet"),
}


def test_systemd_has_nothing_to_say_of_them(tmp_path: Path) -> None:
    """Its own check where it is at hand; elsewhere every setting is at least one that it knows."""
    for path in UNITS.iterdir():
        assert set(settings(path)) <= KNOWN, path.name
        text = path.read_text(encoding="utf-8").replace("/opt/deskhand/bin/deskhand", sys.executable)
        name = path.name.replace("@", "@1")
        (tmp_path / name).write_text(text.replace("=deskhand\n", "=root\n"), encoding="utf-8")
    if (program := shutil.which("systemd-analyze")) is not None:
        command = [program, "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)

        assert (ended.returncode, ended.stderr) == (0, "")


def compose() -> dict[str, Any]:
    tree: dict[str, Any] = YAML(typ="safe", pure=True).load((CONTAINER / "compose.yaml").read_text(encoding="utf-8"))
    return tree


def test_the_containers_of_deskhand_run_without_privileges() -> None:
    last = (CONTAINER / "Containerfile").read_text(encoding="utf-8").split("\nFROM ")[-1]
    ours = {name: each for name, each in compose()["services"].items() if each["image"] == "deskhand"}

    assert re.search(r"(?ms)^USER 10001$.*^CMD ", last)
    assert set(ours) == {"migrate", "receiver", "worker", "ticker"}
    for each in ours.values():
        assert (each["user"], each["read_only"], each["cap_drop"]) == ("10001", True, ["ALL"])
        assert each["security_opt"] == ["no-new-privileges:true"]
        assert each["stop_grace_period"] == "20s"
    assert ours["receiver"]["ports"] == ["127.0.0.1:8080:8080"]
    published = {name for name, each in compose()["services"].items() if "ports" in each}
    assert published == {"receiver"}


def test_the_containers_commands_are_those_of_the_units() -> None:
    units = {settings(path)["ExecStart"][0].removeprefix("/opt/deskhand/bin/") for path in LONG_RUNNING}
    said = {" ".join(each["command"]) for name, each in compose()["services"].items() if name in ("receiver", "worker", "ticker")}

    assert said == units


def test_the_containers_configuration_is_in_order(tmp_path: Path) -> None:
    text = (CONTAINER / "config.yaml").read_text(encoding="utf-8")
    names = set(re.findall(r"\$\{([A-Z_]+)\}", text))
    environ = dict.fromkeys(names, "a-secret-of-at-least-thirty-two-characters")
    environ["DESKHAND_DATABASE"] = "postgresql+psycopg://deskhand:secret@postgres/deskhand"

    config = load(CONTAINER / "config.yaml", environ)

    assert config.data_dir == Path("/var/lib/deskhand")
    assert config.settings.queue.startswith("redis://redis:")
    assert [name for name in names if name not in text.split("accounts:")[0] and "ZENDESK" not in name] == []


def test_the_proxy_lets_webhooks_through_and_nothing_else() -> None:
    text = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text(encoding="utf-8")
    locations = re.findall(r"location (\S+) \{(.*?)\n    \}", text, re.DOTALL)

    assert [path for path, _ in locations] == ["/webhooks/", "/"]
    assert "return 404;" in dict(locations)["/"]
    assert text.count("{") == text.count("}")
    for wanted in ("header_timeout", "body_timeout", "max_body_size"):
        assert f"client_{wanted}" in text
    assert "ssl_certificate_key" in text
    assert "limit_req_status 503" in text

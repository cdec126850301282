"""What the house promises about itself: third-party notices that are complete, and commands that are listed."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTICES = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")


def locked(name: str) -> set[str]:
    """The packages of one lock."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    return set(re.findall(r"(?m)^([a-z0-9][a-z0-9.-]*)==", text))


def notices() -> dict[str, str]:
    """Package -> licence, from the tables of THIRD_PARTY.md."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in NOTICES.splitlines() if line.startswith("| ")]
    return {row[0]: row[1] for row in rows if re.fullmatch(r"[a-z0-9.-]+", row[0]) and row[0] not in ("package", "what")}


def test_every_package_of_the_runtime_has_its_notice() -> None:
    missing = locked("runtime.lock") - set(notices())

    assert not missing, f"add to THIRD_PARTY.md: {', '.join(sorted(missing))}"


def test_no_notice_is_left_of_a_package_that_is_gone() -> None:
    optional = {"psycopg", "psycopg-binary"}

    assert set(notices()) == locked("runtime.lock") | optional
    assert optional <= locked("test.lock")


def test_every_notice_names_a_licence() -> None:
    assert all(len(licence) >= 3 for licence in notices().values())


def test_language_model_inside_a_package_is_attributed() -> None:
    assert "lid.176.ftz" in NOTICES
    assert "CC-BY-SA-3.0" in NOTICES


def test_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = dict(project["optional-dependencies"])
    training = optional.pop("training")  # in a lock and a venv of its own: nobody who runs or tests the product needs it
    extras = [each for wanted in optional.values() for each in wanted]

    def names(wanted: list[str]) -> set[str]:
        return {re.split(r"[^A-Za-z0-9._-]", each)[0].lower().replace(".", "-").replace("_", "-") for each in wanted}

    assert names(project["dependencies"]) <= locked("runtime.lock")
    assert names(extras) <= locked("test.lock")
    assert names(training) <= locked("training.lock")


def test_every_locked_package_has_hashes() -> None:
    for lock in ("runtime.lock", "postgres.lock", "test.lock", "training.lock", "uv.lock"):
        text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
        blocks = re.split(r"(?m)^(?=[a-z0-9])", text)
        assert all("--hash=sha256:" in block for block in blocks if "==" in block.partition("\n")[0]), lock


def test_every_package_of_the_runtime_is_tested_in_the_same_version() -> None:
    def lines(name: str) -> set[str]:
        return set(re.findall(r"(?m)^([a-z0-9][a-z0-9.-]*==\S+)", (ROOT / "requirements" / name).read_text(encoding="utf-8")))

    assert lines("runtime.lock") <= lines("postgres.lock") <= lines("test.lock")


def test_each_make_target_says_what_it_does() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"(?m)^([a-z0-9-]+):(.*)$", text)

    assert {"setup", "demo", "test", "up", "sandbox"} <= {name for name, _ in targets}
    assert [name for name, rest in targets if "## " not in rest] == []


def test_ci_runs_exactly_make_test() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert script.rstrip().endswith("exec make test")


def test_licence_is_the_gpl_in_full() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Version 3, 29 June 2007" in text
    assert len(text.splitlines()) > 600


def test_the_receiver_loads_no_client_and_no_rules() -> None:
    """It reads webhooks and calls nobody: what it does not load can neither cost it memory nor be used against it."""
    clients = (
        "zenpy",
        "intercom",
        "httpx",
        "requests",
        "openai",
        "redis",
        "rq",
        "alembic",
        "rules.engine",
        "bot.senses",
        "bot.drafts",
        "bot.opinions",
    )
    code = f"import sys, webhooks; print(*[name for name in {clients!r} if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.split() == []

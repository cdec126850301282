"""F117: packages with known holes or without a hash: `make audit` finds them, and says so where it could not ask."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from scripts.audit import ROOT, audit, gate, packages, vulnerable, without_hash, without_licence

HELD = [
    "eval('1')",
    "exec('a = 1')",
    "import pickle",
    "from pickle import loads",
    "import os; os.system('ls')",
    "import yaml; yaml.load('a')",
    "import yaml; load = yaml.unsafe_load",
    "import yaml; yaml.parse('a', Loader=yaml.CLoader)",
    "import yaml as y; y.load('a')",
    "from yaml import load",
    "import yaml.constructor",
    "from ruamel.yaml import YAML; YAML(typ='unsafe')",
    "import requests; requests.get('https://x', verify=False)",
    "import subprocess; subprocess.run('ls', shell=True)",
    "session.verify = False",
    "import ssl; ssl._create_unverified_context()",
    "import marshal",
]
HARMLESS = ["# eval('1')", "text = 'import pickle'", "YAML(typ='safe')", "get(verify=True)", "evaluate('1')", "re.compile('a')"]


def test_F117_this_tree_is_clean() -> None:
    report = audit(tool=None)

    assert report.found == []


def test_F117_nobody_asked_is_not_nothing_known() -> None:
    report = audit(tool=None)

    assert (report.code, str(report)) == (3, "R20 0_findings,vulnerabilities_unknown 0 unknown")


@pytest.mark.parametrize("code", HELD)
def test_F117_what_product_code_must_not_hold_is_found(tmp_path: Path, code: str) -> None:
    (tmp_path / "x.py").write_text(code + "\n", encoding="utf-8")

    assert len(list(gate(tmp_path / "x.py"))) == 1


@pytest.mark.parametrize("code", HARMLESS)
def test_F117_what_only_looks_like_it_is_not(tmp_path: Path, code: str) -> None:
    (tmp_path / "x.py").write_text(code + "\n", encoding="utf-8")

    assert list(gate(tmp_path / "x.py")) == []


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Locks and notices of our own, to be spoilt."""
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copy(ROOT / "THIRD_PARTY.md", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("evil==1.0\n", "evil has no hash"),
        ("evil==1.0 \\\n    --hash=md5:abc\n", "evil has no hash"),
        ("git+https://evil.example/x\n", "has no version"),
        ("evil>=1\n", "evil>=1 has no version"),
    ],
)
def test_F117_a_package_without_a_hash_is_found(tree: Path, line: str, what: str) -> None:
    lock = tree / "requirements" / "runtime.lock"
    lock.write_text(lock.read_text(encoding="utf-8") + line, encoding="utf-8")

    assert [each for each in without_hash(tree / "requirements") if what in each]


def test_F117_a_package_without_a_licence_is_found(tree: Path) -> None:
    lock = tree / "requirements" / "runtime.lock"
    lock.write_text(lock.read_text(encoding="utf-8") + f"evil==1.0 --hash=sha256:{'0' * 64}\n", encoding="utf-8")

    assert list(without_licence(tree)) == ["THIRD_PARTY.md: evil of runtime.lock is not listed with its licence"]


def _tool(folder: Path, answer: str, code: int = 0) -> str:
    """Something that is called as pip-audit is, and answers this."""
    path = folder / "pip-audit"
    (folder / "answer").write_text(answer, encoding="utf-8")
    path.write_text(f"#!/bin/sh\ncat '{folder / 'answer'}'\nexit {code}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _answer(*vulnerable_names: str) -> str:
    rows = [
        {"name": name, "version": version, "vulns": [{"id": "CVE-2026-1"}] if name in vulnerable_names else []}
        for lock in ("runtime.lock", "postgres.lock")
        for name, (version, _) in packages(ROOT / "requirements" / lock).items()
    ]
    return json.dumps({"dependencies": rows})


def test_F117_known_vulnerabilities_are_findings(tmp_path: Path) -> None:
    found, unknown = vulnerable(ROOT, _tool(tmp_path, _answer("flask"), 1))

    assert ([each.split()[0] for each in found], unknown) == (["flask"], "")


def test_F117_none_known_is_well(tmp_path: Path) -> None:
    report = audit(tool=_tool(tmp_path, _answer()))

    assert (report.code, str(report)) == (0, "R20 0_findings,vulnerabilities_known 0 ok")


@pytest.mark.parametrize("answer", ["", "{}", "Traceback: no network", '{"dependencies": []}'])
def test_F117_a_service_that_does_not_answer_is_said_so(tmp_path: Path, answer: str) -> None:
    found, unknown = vulnerable(ROOT, _tool(tmp_path, answer, 1))

    assert found == []
    assert "pip-audit" in unknown


def test_F117_a_skipped_package_is_not_a_clean_one(tmp_path: Path) -> None:
    rows = [{"name": "flask", "skip_reason": "the service did not answer"}]

    assert "could not look at flask" in vulnerable(ROOT, _tool(tmp_path, json.dumps({"dependencies": rows})))[1]

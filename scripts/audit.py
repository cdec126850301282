"""R20: what Deskhand is made of. Locked packages with hashes and licences, a scan of our own code, known vulnerabilities.

python scripts/audit.py [--offline]

0: all is well. 1: something was found. 3: nothing was found, but nobody could be asked for known vulnerabilities: pip-audit is
not there (`uv tool install pip-audit`), or its advisory service does not answer. The last line is the figure.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
LOCKS = ("runtime.lock", "postgres.lock", "test.lock", "uv.lock")
DEPLOYED = ("runtime.lock", "postgres.lock")
PRODUCT = ("adapters", "bot", "rules", "sandbox", "webhooks.py", "worker.py")
UNKNOWN = 3


@dataclass(slots=True)
class Report:
    """`found`: what must be mended. `unknown`: why known vulnerabilities are not known, or ""."""

    found: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    unknown: str = ""

    @property
    def code(self) -> int:
        return 1 if self.found else UNKNOWN if self.unknown else 0

    def __str__(self) -> str:
        end = {0: "ok", 1: "missed", UNKNOWN: "unknown"}[self.code]
        return f"R20 {len(self.found)}_findings,vulnerabilities_{'unknown' if self.unknown else 'known'} 0 {end}"


# packages


def packages(lock: Path) -> dict[str, tuple[str, int]]:
    """Name -> (version, how many hashes), of one lock."""
    found: dict[str, tuple[str, int]] = {}
    name = ""
    for line in lock.read_text(encoding="utf-8").splitlines():
        if matched := re.match(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^ \\;]+)", line):
            name = matched[1].lower()
            found[name] = (matched[2], 0)
        elif name and (count := len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", line))):
            version, before = found[name]
            found[name] = (version, before + count)
        elif line and not line.startswith((" ", "#")):
            name = ""
            found[line.split()[0]] = ("", 0)  # a package without a version, an address, an option
    return found


def without_hash(folder: Path) -> Iterator[str]:
    for name in LOCKS:
        for package, (version, hashes) in packages(folder / name).items():
            if not version or not hashes:
                yield f"requirements/{name}: {package} has no {'hash' if version else 'version'}"


def without_licence(root: Path) -> Iterator[str]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (root / "THIRD_PARTY.md").read_text("utf-8").splitlines()
    ]
    named = {row[0] for row in rows if len(row) >= 3 and len(row[1]) >= 3}
    for lock in DEPLOYED:
        for package in packages(root / "requirements" / lock):
            if package not in named:
                yield f"THIRD_PARTY.md: {package} of {lock} is not listed with its licence"


# our own code

_CALLS = {
    "eval": "eval",
    "exec": "exec",
    "compile": "compile",
    "__import__": "__import__",
    "os.system": "os.system",
    "os.popen": "os.popen",
    "tempfile.mktemp": "mktemp",
    "ssl._create_unverified_context": "unverified TLS",
}
_MODULES = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "jsonpickle", "telnetlib", "ftplib"})
# PyYAML's `load` makes objects; its events and errors do not. Trees are made by ruamel.yaml, whose unsafe type is among the
# arguments below.
_HARMLESS_YAML = re.compile(r"yaml\.(parse|CSafeLoader|[A-Za-z]*(Event|Error))")
_ARGUMENTS = (("verify", False), ("shell", True), ("check_hostname", False), ("autoescape", False), ("typ", "unsafe"))


def gate(path: Path) -> Iterator[str]:
    """What product code must not hold, as `line: what`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from _of_pyyaml(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from (f"{node.lineno}: {name}" for name in _imported(node) if name.split(".")[0] in _MODULES)
        elif isinstance(node, ast.Call):
            if (called := _dotted(node.func)) in _CALLS:
                yield f"{node.lineno}: {_CALLS[called]}"
            for keyword in node.keywords:
                if isinstance(keyword.value, ast.Constant) and (keyword.arg, keyword.value.value) in _ARGUMENTS:
                    yield f"{node.lineno}: {keyword.arg}={keyword.value.value!r}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and (target.attr, node.value.value) in _ARGUMENTS:
                    yield f"{node.lineno}: {target.attr}={node.value.value!r}"


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]


def _of_pyyaml(tree: ast.Module) -> Iterator[str]:
    """What is used of it, and imports that would hide what is."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    found = [node for node in imports if "yaml" in (name.split(".")[0] for name in _imported(node))]
    for node in found:
        if not isinstance(node, ast.Import) or any(alias.asname or "." in alias.name for alias in node.names):
            yield f"{node.lineno}: yaml under another name"
    for each in ast.walk(tree) if found else ():
        if isinstance(each, ast.Attribute) and (name := _dotted(each)).startswith("yaml.") and not _HARMLESS_YAML.fullmatch(name):
            yield f"{each.lineno}: {name}"


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def gated(root: Path) -> Iterator[str]:
    for name in PRODUCT:
        place = root / name
        for path in [place] if place.is_file() else sorted(place.rglob("*.py")):
            yield from (f"{path.relative_to(root)}:{what}" for what in gate(path))


def scanned(root: Path) -> Iterator[str]:
    """ruff's S rules are bandit's. What carries a `noqa` with its reason has been looked at, pyproject.toml names what does not
    count here: asserts, jitter that is no secret, our own programs started without a shell."""
    command = [str(Path(sys.executable).parent / "ruff"), "check", "--output-format", "concise", *PRODUCT]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        yield f"the scan did not run: {done.stderr.strip()[:200]}"
    yield from (line for line in done.stdout.splitlines() if re.search(r":\d+:\d+: S\d+", line))


# known vulnerabilities


def vulnerable(root: Path, tool: str | None) -> tuple[list[str], str]:
    """Packages with known vulnerabilities, and why it is not known."""
    if tool is None:
        return [], "pip-audit is not installed: `uv tool install pip-audit`, then again"
    found: list[str] = []
    for lock in DEPLOYED:
        command = [
            tool,
            "--requirement",
            str(root / "requirements" / lock),
            "--disable-pip",
            "--require-hashes",
            "--format",
            "json",
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            rows = json.loads(done.stdout)["dependencies"]
        except (OSError, subprocess.TimeoutExpired, ValueError, LookupError, TypeError) as error:
            return [], f"pip-audit could not ask its advisory service ({type(error).__name__})"
        if skipped := [row["name"] for row in rows if "skip_reason" in row]:
            return [], f"pip-audit could not look at {', '.join(skipped[:5])}"
        if len(rows) < len(packages(root / "requirements" / lock)) // 2:
            return [], f"pip-audit looked at {len(rows)} packages of {lock} only"
        found += [f"{row['name']} {row['version']}: {each['id']}" for row in rows for each in row.get("vulns", ())]
    return sorted(set(found)), ""


def audit(root: Path = ROOT, tool: str | None = None) -> Report:
    report = Report()
    for what, lines in (
        ("packages without a hash", without_hash(root / "requirements")),
        ("packages without a licence", without_licence(root)),
        ("what product code must not hold", gated(root)),
        ("findings of the scan", scanned(root)),
    ):
        found = list(lines)
        report.found += found
        report.told.append(f"{what}: {len(found)}")
    known, report.unknown = vulnerable(root, tool)
    report.found += known
    report.told.append(f"known vulnerabilities: {report.unknown or len(known)}")
    return report


def main() -> int:
    """See the module's first lines for the codes."""
    parser = argparse.ArgumentParser(description="R20: audit packages and code.")
    parser.add_argument("--offline", action="store_true", help="ask nobody for known vulnerabilities")
    offline = parser.parse_args().offline
    beside = Path(sys.executable).parent / "pip-audit"
    report = audit(tool=None if offline else str(beside) if beside.exists() else shutil.which("pip-audit"))
    for line in (*report.found, *report.told):
        print(line)
    print(report)
    return report.code


if __name__ == "__main__":
    sys.exit(main())

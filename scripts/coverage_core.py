"""Is every line and every branch of the modules that hold the promises run by the tests beside them? (`make coverage-core`)

The modules and the tests are those of scripts/mutate.py; of the ticker only the functions named there count. Nothing is
excluded: a line that cannot be reached is taken out instead.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from scripts.mutants import ROOT, Target
from scripts.mutate import TARGETS


def counted(target: Target) -> set[int]:
    """The lines of a module that count."""
    tree = ast.parse(target.path.read_text(encoding="utf-8"))
    if not target.only and not target.without:
        return set(range(1, 1 + len(target.path.read_text(encoding="utf-8").splitlines())))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    left = [node for node in named if (node.name in target.only if target.only else node.name not in target.without)]
    return {line for node in left for line in range(node.lineno, 1 + (node.end_lineno or node.lineno))}


def missed(target: Target, found: dict[str, Any]) -> list[str]:
    lines = counted(target)
    gaps = [f"line {line}" for line in found["missing_lines"] if line in lines]
    return gaps + [f"branch {start} -> {end}" for start, end in found["missing_branches"] if start in lines]


def main() -> int:
    tests = sorted({word for target in TARGETS for group in target.killers for word in group if word.startswith("tests/")})
    with tempfile.TemporaryDirectory() as folder:
        data, report = Path(folder) / "data", Path(folder) / "report.json"
        names = ",".join(str(target.path.relative_to(ROOT)) for target in TARGETS)
        run = ["run", "--branch", f"--data-file={data}", f"--include={names}", "-m", "pytest", "-q", "--no-header", *tests]
        if subprocess.run([sys.executable, "-m", "coverage", *run], cwd=ROOT).returncode != 0:
            return 1
        command = [sys.executable, "-m", "coverage", "json", "-q", f"--data-file={data}", "-o", str(report)]
        subprocess.run(command, cwd=ROOT, check=True)
        files = json.loads(report.read_text(encoding="utf-8"))["files"]
    gaps = 0
    for target in TARGETS:
        place = str(target.path.relative_to(ROOT))
        left = missed(target, files[place])
        gaps += len(left)
        print(f"{place}: {'all' if not left else ', '.join(left)}")
    print(f"R19 {gaps} lines and branches of {len(TARGETS)} modules never run goal 0 {'missed' if gaps else 'ok'}")
    return 1 if gaps else 0


if __name__ == "__main__":
    sys.exit(main())

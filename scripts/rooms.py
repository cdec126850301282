"""How the tree stands against the house plan: `python -m scripts.rooms` prints it, tests/test_rooms.py holds the limits.

- modules in each folder of `bot` and `rules` (more than MAX_MODULES only in a list: a folder of alike modules)
- Python files over MAX_LINES lines
- modules that have a test of the same name in the same room under tests/, which imports them
- import circles inside a package, imports for types alone included
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath

import grimp

ROOT = Path(__file__).parents[1]
MAX_MODULES = 15
MAX_LINES = 400
MIN_TESTED_SHARE = 0.8
# Folders whose modules are rows of one list; somebody who knows one of them knows them all.
LISTS = ("rules/actions", "bot/senses/detectors", "bot/store/migrations/versions")
PACKAGES = ("adapters", "bot", "rules", "sandbox")


@cache
def files() -> tuple[PurePosixPath, ...]:
    """Python files of the checkout, those that git does not know yet included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return tuple(sorted(PurePosixPath(each) for each in set(found) if (ROOT / each).is_file()))


def modules(*packages: str) -> Iterator[PurePosixPath]:
    """Files with code of the product: no `__init__`, no `__main__`, no migrations."""
    for path in files():
        is_code = not path.name.startswith("__") and "migrations" not in path.parts
        if path.parts[0] in packages and is_code:
            yield path


def modules_per_folder() -> Mapping[str, int]:
    return Counter(str(path.parent) for path in modules("bot", "rules"))


def crowded_folders() -> dict[str, int]:
    return {folder: count for folder, count in modules_per_folder().items() if count > MAX_MODULES and folder not in LISTS}


def long_files() -> dict[str, int]:
    """Path -> lines, where there are too many."""
    lines = {str(path): len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in files()}
    return {path: count for path, count in lines.items() if count > MAX_LINES}


def test_of(module: PurePosixPath) -> PurePosixPath:
    """Where the test of a module stands: tests/writes/test_ledger.py for bot/writes/ledger.py, tests/rules/engine/test_decide.py
    for rules/engine/decide.py."""
    room = module.parent.parts[1:] if module.parts[0] == "bot" else module.parent.parts
    return PurePosixPath("tests", *room, f"test_{module.name.lstrip('_')}")


def untested() -> list[str]:
    """Modules without a test of their name that imports them."""
    return [str(module) for module in modules("adapters", "bot", "rules") if not _is_tested(module)]


def tested_share() -> float:
    return 1 - len(untested()) / sum(1 for _ in modules("adapters", "bot", "rules"))


def _is_tested(module: PurePosixPath) -> bool:
    test = ROOT / test_of(module)
    return test.is_file() and ".".join(module.with_suffix("").parts) in _imports(test)


def _imports(path: Path) -> set[str]:
    """Dotted names of all that a file imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{each.name}" for each in node.names)}
    return found


def circle() -> list[str]:
    """Modules that import each other in a ring, the first one again at the end; empty where there is none."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        return [str(each) for each in error.args[1]]
    return []


def main() -> int:
    print("modules in each folder of bot and rules:")
    for folder, count in sorted(modules_per_folder().items()):
        print(f"  {count:3} {folder}{'  (a list)' if folder in LISTS else ''}")
    crowded, long, missing, ring = crowded_folders(), long_files(), untested(), circle()
    print(f"folders over {MAX_MODULES} modules: {crowded or 'none'}")
    print(f"files over {MAX_LINES} lines: {long or 'none'}")
    print(f"import circle: {' > '.join(ring) or 'none'}")
    print(f"modules with a test of their name: {tested_share():.1%} (at least {MIN_TESTED_SHARE:.0%}); without one:")
    print(*(f"  {each} (wants {test_of(PurePosixPath(each))})" for each in missing), sep="\n")
    return int(bool(crowded or long or ring) or tested_share() < MIN_TESTED_SHARE)


if __name__ == "__main__":
    sys.exit(main())

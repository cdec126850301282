"""Where rules come from: files, folders, and the packs that ship with Deskhand.

A reference is a path (a folder means its `*.yaml` in order of name) or `pack:<name>` for one of rules/packs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rules.files.problems import Problem, suggest
from rules.files.yaml_file import FileInvalid, refuse_large

PACKS = Path(__file__).parents[1] / "packs"


@dataclass(frozen=True, slots=True)
class Source:
    """A rule file's text with the name that problems are shown under."""

    name: str
    text: str
    path: Path | None = None


class RulesInvalid(Exception):
    """A rule file is wrong. `problems` lists everything found, warnings included; the last good set stays in use."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda each: (each.file, each.line, each.column))
        super().__init__("\n".join(map(str, self.problems)))


def read_sources(references: Iterable[str], base: Path) -> list[Source]:
    """The files that the references name, in their order. Raises RulesInvalid naming every one that cannot be read."""
    sources: list[Source] = []
    problems: list[Problem] = []
    for reference in references:
        for path, name in _paths(reference, base, problems):
            try:
                refuse_large(path, name)
                sources.append(Source(name, path.read_text(encoding="utf-8"), path))
            except FileInvalid as error:
                problems.append(error.problem)
            except (OSError, UnicodeDecodeError) as error:
                reason = getattr(error, "strerror", None) or "it is not UTF-8"
                problems.append(Problem(file=name, message=f"cannot be read: {reason}"))
    if problems:
        raise RulesInvalid(problems)
    return sources


def _paths(reference: str, base: Path, problems: list[Problem]) -> list[tuple[Path, str]]:
    if reference.startswith("pack:"):
        name, packs = reference.removeprefix("pack:"), pack_names()
        if name in packs:
            return [(PACKS / f"{name}.yaml", reference)]
        problems.append(
            Problem(file=reference, message=f"no such pack{suggest(name, packs) or ', there are ' + ', '.join(packs)}")
        )
        return []
    path = base / reference
    if not path.is_dir():
        return [(path, reference)]
    found = sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
    if not found:
        problems.append(Problem(file=reference, message="no rule files (*.yaml) in this folder"))
    return [(each, f"{reference.rstrip('/')}/{each.name}") for each in found]


def pack_names() -> list[str]:
    return sorted(path.stem for path in PACKS.glob("*.yaml"))

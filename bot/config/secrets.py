"""Secrets are named in the file and live in the environment or in files: `${ZENDESK_TOKEN}` or `file:/run/secrets/x`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.files.problems import Problem
from rules.files.yaml_file import Location, path_of, place_of, plain

_FROM_ENV = re.compile(r"^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$")


@dataclass(frozen=True, slots=True)
class Source:
    path: Path
    tree: Any
    environ: Mapping[str, str]
    problems: list[Problem]

    def report(self, at: Location, message: str, hint: str) -> str:
        line, column = place_of(self.tree, at)
        self.problems.append(
            Problem(
                file=str(self.path), line=line, column=column, path=path_of(at), message=f"{path_of(at)}: {message}", hint=hint
            )
        )
        return "missing"


def fill_secrets(value: Any, at: tuple[str | int, ...], source: Source) -> Any:
    """The tree as plain values, with `${NAME}` and `file:PATH` replaced; what is missing is reported."""
    if isinstance(value, Mapping):
        return {str(name): fill_secrets(inside, (*at, name), source) for name, inside in value.items()}
    if isinstance(value, list):
        return [fill_secrets(inside, (*at, place), source) for place, inside in enumerate(value)]
    if isinstance(value, str) and (match := _FROM_ENV.match(value)):
        found = source.environ.get(match[1], "")
        return found or source.report(at, f"the environment has no {match[1]}", "set it, or write `file:PATH` here")
    if isinstance(value, str) and value.startswith("file:"):
        try:
            return (source.path.parent / value.removeprefix("file:")).read_text(encoding="utf-8").strip()
        except OSError as error:
            return source.report(
                at, f"the secret's file cannot be read: {error.strerror}", "create it, readable by this user only"
            )
        except ValueError:  # UnicodeDecodeError, and a path with a NUL
            return source.report(at, "the secret's file is no UTF-8 text", "write the secret alone into it, as text")
    return plain(value)

"""What is wrong in `config.yaml`, in words for an admin: `file:line:column: path: what to do`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.config.settings import Settings
from rules.files.problems import Problem, suggest
from rules.files.wrong_value import in_words
from rules.files.yaml_file import Location, path_of, place_of


class ConfigInvalid(Exception):
    """The configuration or a rule file is wrong. `problems` lists all of them; nothing was started."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def problem_of(path: Path, tree: Any, error: ErrorDetails) -> Problem:
    """One pydantic error at its line, in words for an admin."""
    at = tuple(step for step in error["loc"] if not (isinstance(step, str) and step.startswith("function-")))
    line, column = place_of(tree, at)
    message, name = in_words(error), path_of(at)
    if error["type"] == "extra_forbidden":
        message = "no such setting" + suggest(str(at[-1]), _settings_at(at[:-1]))
    elif error["type"] == "missing":
        message = "this setting is missing"
    return Problem(
        file=str(path),
        line=line,
        column=column,
        path=name,
        message=f"{name}: {message}",
        hint="config.example.yaml explains each setting",
    )


def follows(error: ErrorDetails, others: Sequence[ErrorDetails]) -> bool:
    """A list that only seems too short, because what is in it is wrong and told by itself."""
    inside = (each["loc"] for each in others if len(each["loc"]) > len(error["loc"]))
    return error["type"] == "too_short" and any(loc[: len(error["loc"])] == error["loc"] for loc in inside)


def _settings_at(at: Location) -> list[str]:
    """The names that are allowed at a place of the settings."""
    model: type[BaseModel] = Settings
    for step in at:
        if isinstance(step, str) and step in model.model_fields:
            inner = _section_in(model.model_fields[step].annotation)
            if inner is None:
                return []
            model = inner
    return list(model.model_fields)


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _section_in(part))), None)

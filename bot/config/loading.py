"""Reading `config.yaml`. `load` and `deskhand check` are the same function: all problems at once, each with its place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from bot.config.problems import ConfigInvalid, follows, problem_of
from bot.config.secrets import Source, fill_secrets
from bot.config.settings import Settings
from rules.files.problems import Problem
from rules.files.yaml_file import FileInvalid, read_yaml

HOW_TO_START = "copy config.example.yaml to config.yaml, or name another file with --config"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings with the place they came from, which relative paths start at."""

    settings: Settings
    path: Path
    kill_at: str = ""  # tests only: DESKHAND_KILL_AT=checkpoint:flagfile

    def resolve(self, name: str) -> Path:
        return (self.path.parent / name).resolve()

    @property
    def database_url(self) -> str:
        """The database URL with a relative SQLite path made absolute."""
        prefix = "sqlite:///"
        url = self.settings.database
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str(self.resolve(url.removeprefix(prefix)))
        return url

    @property
    def data_dir(self) -> Path:
        """Where sockets and other small runtime files go: `run_folder`, else beside the SQLite file, else `var/` beside the
        config."""
        url = self.database_url
        if self.settings.run_folder is not None:
            return self.resolve(self.settings.run_folder)
        return Path(url.removeprefix("sqlite:///")).parent if url.startswith("sqlite:///") else self.resolve("var")


def load(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration in `path`. Raises ConfigInvalid with every problem found in it (rule files are read by
    bot/rulesets/active.py, which raises the same)."""
    environ = os.environ if environ is None else environ
    try:
        tree = read_yaml(path)
    except FileInvalid as error:
        hint = error.problem.hint or ("" if path.exists() else HOW_TO_START)
        raise ConfigInvalid([replace(error.problem, hint=hint)]) from error
    if not isinstance(tree, dict):
        raise ConfigInvalid([Problem(file=str(path), message="wanted settings as `name: value` lines", hint=HOW_TO_START)])
    problems: list[Problem] = []
    filled = fill_secrets(tree, (), Source(path, tree, environ, problems))
    try:
        settings = Settings.model_validate(filled)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)
        problems += [problem_of(path, tree, each) for each in found if not follows(each, found)]
    if problems:
        raise ConfigInvalid(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return Config(settings=settings, path=path.resolve(), kill_at=environ.get("DESKHAND_KILL_AT", ""))


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """The configuration's path for a process that got none on its command line (an RQ worker)."""
    return Path((os.environ if environ is None else environ).get("DESKHAND_CONFIG", "config.yaml"))

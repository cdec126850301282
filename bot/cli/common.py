"""What several commands need: reading the configuration and input, printing JSON and problems."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
from click.core import ParameterSource
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.config import Config, ConfigInvalid, load
from bot.log import set_up
from bot.store.database.engine import make_engine
from bot.store.database.migrate import SchemaDiffers, require_current
from rules.files.json_text import parse_json
from rules.files.yaml_file import FileInvalid

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=Path("config.yaml"),
    show_default=True,
    help="The settings.",
)


def _chosen(context: click.Context, name: str, value: Path | None) -> Config:
    return load_or_exit(value or context.obj)


# For the commands of a group that takes `--config` itself: what was named after the subcommand, or else before it.
config_here = click.option("--config", type=click.Path(path_type=Path), callback=_chosen, help="The settings.")


def say(line: object) -> None:
    """A message for a person, on standard error."""
    click.echo(str(line), err=True)


def fail(message: object, code: int = 1) -> NoReturn:
    say(message)
    sys.exit(code)


def print_json(value: Any) -> None:
    """One line of JSON on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False))


def load_or_exit(path: Path) -> Config:
    """The configuration; exit 2 with every problem where it is wrong."""
    try:
        config = load(path)
    except ConfigInvalid as error:
        fail(error, 2)
    set_up(config.settings.log_level, config.settings.log_format)
    return config


def config_if_there(path: Path) -> Config | None:
    """The configuration for commands that work without one; exit 2 where it is wrong, or was named and is not there."""
    return load_or_exit(path) if path.exists() or _is_named() else None


def _is_named() -> bool:
    """Whether somebody wrote `--config`."""
    context = click.get_current_context(silent=True)
    return context is not None and context.get_parameter_source("config_file") not in (None, ParameterSource.DEFAULT)


def store_or_exit(config: Config) -> Engine:
    """The database with this code's schema; exit 2 with what to run where it has another."""
    engine = make_engine(config.database_url)
    try:
        require_current(engine)
    except SchemaDiffers as error:
        fail(error, 2)
    except SQLAlchemyError as error:
        fail(unopened(config, error), 2)
    return engine


def unopened(config: Config, error: SQLAlchemyError) -> str:
    """Words for a database that does not answer or is none; its URL without the password."""
    where = make_url(config.database_url).render_as_string(hide_password=True)
    why = type(error).__name__
    return f"{config.path}: database: {where} cannot be used ({why}): is it there, and may this user read and write it?"


def read_input(name: str) -> bytes:
    """A file's bytes, or standard input's for `-`."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        fail(f"{name}: cannot be read: {error.strerror}")


def read_json_input(name: str) -> Any:
    """Parsed JSON; exit 1 naming line and column where it is none."""
    try:
        return parse_json(read_input(name), name)
    except FileInvalid as error:
        fail(error)

"""Files with secrets that others on the machine may read: the configuration where secrets stand in it, and what it names."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.config import Config
from rules.files.yaml_file import plain, read_yaml

_SECRETS = frozenset({"marker_key", "api_key", "token", "secrets", "metrics_token"})
_URLS = frozenset({"database", "queue"})  # they may hold a password


def open_to_all(config: Config) -> list[Path]:
    """The files with secrets that every user may read, the configuration first; group-readable ones are somebody's choice."""
    found = dict.fromkeys(_with_secrets(plain(read_yaml(config.path)), "", config.path))
    return [path for path in found if _may_read_everybody(path)]


def _with_secrets(value: Any, name: str, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from _with_secrets(inside, key, path)
    elif isinstance(value, list):
        for inside in value:
            yield from _with_secrets(inside, name, path)
    elif isinstance(value, str) and value.startswith("file:"):
        yield (path.parent / value.removeprefix("file:")).resolve()
    elif isinstance(value, str) and _is_secret(name, value):
        yield path


def _is_secret(name: str, value: str) -> bool:
    if name in _URLS:
        return bool(urlsplit(value).password)
    return name in _SECRETS and not value.startswith("${")


def _may_read_everybody(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False

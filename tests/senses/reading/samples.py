"""The messages beside these tests, and what the reader makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.senses.reading import Context, Reading, read
from rules.files.yaml_file import plain, read_yaml

HERE = Path(__file__).parent


def tree(name: str) -> Any:
    return plain(read_yaml(HERE / f"{name}.yaml", shown_as=f"{name}.yaml"))


def samples(name: str) -> list[Any]:
    """Each message of a file as a parameter under its own name."""
    return [pytest.param(each, id=each["name"].replace(" ", "-")) for each in tree(name)]


def context_of(sample: dict[str, Any]) -> Context:
    given = dict(sample.get("context", {}))
    return Context(**given | {"earlier": tuple(given.get("earlier", ()))})


def reading_of(text: str, **known: Any) -> Reading:
    return read(text, Context(**known))


def wrong_in(own: str, sample: dict[str, Any]) -> list[str]:
    """What is missing among the own words, and what should not be there."""
    missing = [each for each in sample.get("has", ()) if each not in own]
    return [*missing, *(f"not: {each}" for each in sample.get("lacks", ()) if each in own)]

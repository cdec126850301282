"""What the pydantic models of the configuration allow, as dotted paths: `accounts[].webhook.secrets`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.config import Settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config.example.yaml"
_SWITCHED_OFF = re.compile(r"^(\s*)# ((?: {2})*(?:- )?([a-z_]+):(?: .*)?)$")


def fields(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Each setting that holds a value, with its path; sections are entered."""
    for name, info in model.model_fields.items():
        section = section_of(info.annotation)
        if section is None:
            yield prefix + name, info
        else:
            dots = "[]." if _is_list(info.annotation) else "."
            yield from fields(section, f"{prefix}{name}{dots}")


def section_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := section_of(part))), None)


def _is_list(annotation: Any) -> bool:
    return any(part is Ellipsis for part in get_args(annotation))


def paths_in(tree: Any, model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each setting that a parsed file names, with its value, in the file's order."""
    for name, value in tree.items():
        section = section_of(model.model_fields[name].annotation) if name in model.model_fields else None
        if section is None:
            yield prefix + name, value
        elif isinstance(value, list):
            for each in value:
                yield from paths_in(each, section, f"{prefix}{name}[].")
        else:
            yield from paths_in(value, section, f"{prefix}{name}.")


def with_all_switched_on(text: str) -> str:
    """The example with its settings that are comments made real; what they replace (`fields: []`) is left out."""
    lines = text.splitlines()
    names_of_settings = {step.removesuffix("[]") for path, _ in fields() for step in path.split(".")}
    on = [
        match[1] + match[2] if (match := _SWITCHED_OFF.match(line)) and match[3] in names_of_settings else line for line in lines
    ]
    made = {number for number, line in enumerate(lines) if on[number] != line}
    names = {on[number].strip().removesuffix(":"): len(on[number]) - len(on[number].lstrip()) for number in made}
    kept = [
        line
        for number, line in enumerate(on)
        if number in made or not (match := re.fullmatch(r"(\s*)(\w+): \[\]", line)) or names.get(match[2]) != len(match[1])
    ]
    return "\n".join(kept) + "\n"


def plain(value: Any) -> Any:
    """A default as a YAML file would hold it."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return list(value) if isinstance(value, tuple) else value

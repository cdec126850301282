"""The documentation as its tests read it: pages, links, headings, and examples that can be run."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from bot.cli import main

ROOT = Path(__file__).parents[2]
LEFT_OUT = "…"  # in shown output: a key, an element or a line that stands for what is left out
_FENCE = re.compile(r"(?m)^```(\w*)[^\n]*\n(.*?)^```$", re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^)\s]+)\)")


def pages() -> list[Path]:
    """Every page that people read."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(*names: str) -> str:
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))


def links(page: Path) -> list[str]:
    return _LINK.findall(without_code(page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"(?m)^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def fences(page: Path, language: str) -> list[str]:
    return [body for found, body in _FENCE.findall(page.read_text(encoding="utf-8")) if found == language]


@dataclass(frozen=True, slots=True)
class Example:
    """One command of a `console` fence and what the page shows of its output."""

    page: str
    command: str
    shown: str


def examples(page: Path) -> Iterator[Example]:
    for body in fences(page, "console"):
        for part in re.split(r"(?m)^\$ ", body)[1:]:
            command, _, shown = part.partition("\n")
            yield Example(name_of(page), command.strip(), shown.strip())


def run(command: str, *, alone: bool = False) -> tuple[int, str]:
    """A `deskhand` command in this process, with `< FILE` as its input; its exit code and everything it said. `alone`: without
    what it tells a person beside, on standard error."""
    words = shlex.split(command)
    assert words[0] == "deskhand", f"only deskhand commands are run: {command}"
    given = None
    if "<" in words:
        given = Path(words[words.index("<") + 1]).read_bytes()
        words = words[: words.index("<")]
    result = CliRunner().invoke(main, words[1:], input=given)
    return result.exit_code, (result.stdout if alone else result.output).strip()


def is_json(shown: str) -> bool:
    return shown.startswith(("{", "["))


def is_shown(shown: str, said: str) -> bool:
    """Whether what a page shows is what was said, but for what it leaves out."""
    if is_json(shown):
        wanted, found = list(_values(shown)), list(_values(said))
        return len(wanted) == len(found) and all(_holds(one, other) for one, other in zip(wanted, found, strict=True))
    pattern = "\n".join(".*?" if line.strip() == LEFT_OUT else re.escape(line.rstrip()) for line in shown.splitlines())
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in said.splitlines()), re.DOTALL) is not None


def _values(text: str) -> Iterator[Any]:
    place, decoder = 0, json.JSONDecoder()
    while place < len(text):
        value, place = decoder.raw_decode(text, place)
        yield value
        place += len(text[place:]) - len(text[place:].lstrip())


def _holds(wanted: Any, found: Any) -> bool:
    if wanted == LEFT_OUT:
        return True
    if isinstance(wanted, dict) and isinstance(found, dict):
        named = {name for name in wanted if name != LEFT_OUT}
        complete = LEFT_OUT in wanted or named == set(found)
        return complete and all(name in found and _holds(wanted[name], found[name]) for name in named)
    if isinstance(wanted, list) and isinstance(found, list):
        if LEFT_OUT in wanted:
            left = list(found)
            return all(_take(one, left) for one in wanted if one != LEFT_OUT)
        return len(wanted) == len(found) and all(_holds(one, other) for one, other in zip(wanted, found, strict=True))
    return bool(wanted == found)


def _take(wanted: Any, left: list[Any]) -> bool:
    """Find the element in order; what stands before it is left out."""
    while left:
        if _holds(wanted, left.pop(0)):
            return True
    return False

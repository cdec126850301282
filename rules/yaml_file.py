"""Reading YAML that people write: YAML 1.2, duplicate keys and tags refused, every value with its line and column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, Event
from ruamel.yaml.parser import Parser
from ruamel.yaml.scanner import Scanner

from rules.problems import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
Location = Sequence[str | int]


class FileInvalid(Exception):
    """The file is not YAML at all; `problem` says where."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_yaml(path: Path, shown_as: str = "") -> Any:
    """The tree in `path` (ruamel's maps and lists, which know their lines). Raises FileInvalid."""
    name = shown_as or str(path)
    try:
        refuse_large(path, name)
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileInvalid(
            Problem(file=name, message=f"cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}")
        ) from error
    return parse_yaml(text, name)


def refuse_large(path: Path, name: str) -> None:
    """Before it is read. Raises FileInvalid; OSError where there is no such file."""
    if path.stat().st_size > MAX_BYTES:
        raise _too_large(name)


def _too_large(name: str) -> FileInvalid:
    return FileInvalid(Problem(file=name, message=f"larger than {MAX_BYTES} bytes", hint="split it into several files"))


def parse_yaml(text: str, name: str) -> Any:
    """The tree in `text`. Raises FileInvalid, also for anchors (a few lines of them can grow without bound) and tags."""
    if len(text) > MAX_BYTES:
        raise _too_large(name)
    try:
        return _reader().load(text)
    except _NotUsedHere as error:
        line, column = error.mark.line + 1, error.mark.column + 1
        raise FileInvalid(Problem(file=name, line=line, column=column, message=error.what)) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = (error.problem or "not YAML").splitlines()[0]
        message = f"not YAML: {problem}"
        raise FileInvalid(Problem(file=name, line=line, column=column, message=message, hint=_way_out(problem))) from error
    except YAMLError as error:
        raise FileInvalid(Problem(file=name, message=f"not YAML: {str(error).splitlines()[0]}")) from error


# What people most often did where the parser says this.
_WAYS_OUT = (
    ("mapping values are not allowed", "is this line, or the one above, indented too far, or does a text with `: ` want quotes?"),
    ("cannot start any token", "indent with spaces, and put a text that begins with a special sign in quotes"),
    ("expected ',' or", 'close the bracket; a text with {, }, [, ] or a comma in it wants quotes, as in "${NAME}"'),
    ("expected <block end>", "is this line indented as its neighbours are?"),
    ("could not find expected ':'", "is a colon missing, or the indentation wrong?"),
    ("found duplicate key", "leave one of them"),
)


def _way_out(problem: str) -> str:
    return next((hint for mark, hint in _WAYS_OUT if mark in problem), "")


class _NotUsedHere(Exception):
    def __init__(self, what: str, mark: StreamMark) -> None:
        super().__init__(what)
        self.what, self.mark = what, mark


class _PlainParser(Parser):
    """Refuses anchors, tags and depth as it comes to them, before anything is made of them."""

    depth = 0

    def get_event(self) -> Event:
        event: Event = super().get_event()
        self.depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if self.depth > MAX_DEPTH:
            raise _NotUsedHere(f"nested more than {MAX_DEPTH} deep", event.start_mark)
        if getattr(event, "anchor", None):
            raise _NotUsedHere("anchors and aliases are not used here", event.start_mark)
        if getattr(event, "tag", None):
            raise _NotUsedHere("tags (!...) are not used here", event.start_mark)
        return event


def _reader() -> YAML:
    """Reads once, with lines and columns; comments, which nobody asks for, cost nothing."""
    yaml = YAML(typ="rt", pure=True)
    yaml.Scanner, yaml.Parser = Scanner, _PlainParser
    return yaml


def place_of(tree: Any, location: Location) -> tuple[int, int]:
    """Line and column (from 1) of the value at `location`, or of the deepest place on the way that exists."""
    place = (1, 1)
    for step in location:
        if isinstance(tree, CommentedMap) and step in tree:
            line, column = tree.lc.key(step)
        elif isinstance(tree, CommentedSeq) and isinstance(step, int) and step < len(tree):
            line, column = tree.lc.item(step)
        else:
            break
        place = (line + 1, column + 1)
        tree = tree[step]
    return place


def path_of(location: Location) -> str:
    """`("rules", 2, "when")` as `rules[2].when`."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def plain(tree: Any) -> Any:
    """The tree as ordinary dicts, lists and scalars."""
    if isinstance(tree, dict):
        return {str(name): plain(inside) for name, inside in tree.items()}
    if isinstance(tree, list):
        return [plain(inside) for inside in tree]
    if isinstance(tree, bool) or tree is None:
        return tree
    for scalar in (int, float, str):
        if isinstance(tree, scalar):
            return scalar(tree)
    return tree

"""Reading YAML that people write: YAML 1.2, duplicate keys and tags refused, every value with its line and column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from ruamel.yaml import YAML, events
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.parser import Parser

from rules.files.problems import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_DIGITS = 300
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
    _refuse_hidden_breaks(text, name)
    try:
        reader = YAML(typ="rt", pure=True)
        reader.Parser = partial(_Parser, text)
        return reader.load(text)
    except _NotUsedHere as error:
        what, event, *way_out = error.args
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        raise FileInvalid(Problem(file=name, line=line, column=column, message=what, hint="".join(way_out))) from error
    except (MarkedYAMLError, yaml.MarkedYAMLError) as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = (error.problem or "not YAML").splitlines()[0].replace(_A_CHARACTER, _the_character(text, line, column))
        message = f"not YAML: {problem.partition(_VALUES_OF_A_KEY)[0]}"
        raise FileInvalid(Problem(file=name, line=line, column=column, message=message, hint=_way_out(problem))) from error
    except (YAMLError, yaml.YAMLError) as error:
        raise FileInvalid(Problem(file=name, message=f"not YAML: {str(error).splitlines()[0]}")) from error


# What people most often did where the parser says this.
_WAYS_OUT = (
    ("mapping values are not allowed", "is this line, or the one above, indented too far, or does a text with `: ` want quotes?"),
    ("violates indentation", "indent with spaces: here is a tab"),
    ("cannot start any token", "indent with spaces, and put a text that begins with a special sign in quotes"),
    ("expected ',' or", 'close the bracket; a text with {, }, [, ] or a comma in it wants quotes, as in "${NAME}"'),
    (
        "did not find expected key",
        "is this line indented as its neighbours are? Does a text with ' want the other quotes?",
    ),
    ("did not find expected '-'", "is this line indented as its neighbours are?"),
    ("unexpected end of stream", "is a quote or a bracket not closed?"),
    ("but found another document", "one file is one document: leave out the line ---"),
    ("could not find expected ':'", "is a colon missing, or the indentation wrong?"),
    ("found duplicate key", "leave one of them"),
)


_A_CHARACTER = "found character that"
_VALUES_OF_A_KEY = " with value "  # of a key that is there twice, which may be secrets
_HIDDEN_BREAKS = re.compile("[\x85\u2028\u2029]")


def _the_character(text: str, line: int, column: int) -> str:
    found = "".join(re.split("\r\n|\r|\n", text)[line - 1 : line])[column - 1 : column]
    return f"found character {found!r} that" if found else _A_CHARACTER


def _refuse_hidden_breaks(text: str, name: str) -> None:
    """Where a line ends at these is not the same in every editor and version of YAML. Raises FileInvalid."""
    if found := _HIDDEN_BREAKS.search(text):
        line, column = text.count("\n", 0, found.start()) + 1, found.start() - text.rfind("\n", 0, found.start())
        message = f"a hidden line break, U+{ord(found[0]):04X}"
        hint = "delete it; texts that were copied from elsewhere may hold one"
        raise FileInvalid(Problem(file=name, line=line, column=column, message=message, hint=hint))


def _way_out(problem: str) -> str:
    return next((hint for mark, hint in _WAYS_OUT if mark in problem), "")


class _NotUsedHere(Exception):
    """`args`: what, the event that it stands in, and the way out where there is one to tell."""


_LONG_NUMBER = re.compile(rf"[-+]?[0-9_]{{{MAX_DIGITS + 1},}}")  # Python makes no number of some thousands
_WRITE_OUT = "write it out at each place; a text that begins so wants quotes"


class _Parser(Parser):
    """libyaml's events in the place of those of ruamel's own parser, which takes many times as long. What scalars mean and which
    keys stand there twice is ruamel's to say, as before. Refuses anchors, tags, merge keys, odd keys and depth before
    anything is made of them."""

    def __init__(self, text: str, loader: YAML) -> None:
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._wants_key: list[bool | None] = []  # of each collection that is open; None for a list
        super().__init__(loader)

    def reset_parser(self) -> None:
        super().reset_parser()
        self.state = self._event

    def _event(self) -> events.Event | None:
        event = next(self._events, None)
        if event is None:
            self.state = None
            return None
        self._refuse_odd(event)
        if isinstance(event, yaml.CollectionEndEvent):
            self._wants_key.pop()
        elif isinstance(event, yaml.NodeEvent) and self._wants_key and self._wants_key[-1] is not None:
            self._wants_key[-1] = not self._wants_key[-1]
        if isinstance(event, yaml.CollectionStartEvent):
            self._wants_key.append(True if isinstance(event, yaml.MappingStartEvent) else None)
        return _as_ruamels(event)

    def _refuse_odd(self, event: yaml.Event) -> None:
        is_collection = isinstance(event, yaml.CollectionStartEvent)
        if is_collection and len(self._wants_key) == MAX_DEPTH:
            raise _NotUsedHere(f"nested more than {MAX_DEPTH} deep", event)
        if getattr(event, "anchor", None):
            raise _NotUsedHere("anchors and aliases are not used here", event, _WRITE_OUT)
        if getattr(event, "tag", None):
            raise _NotUsedHere("tags (!...) are not used here", event, "leave it out; a text that begins so wants quotes")
        if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            raise _NotUsedHere("merge keys (<<) are not used here", event, _WRITE_OUT)
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and _LONG_NUMBER.fullmatch(event.value):
            raise _NotUsedHere(f"a number of more than {MAX_DIGITS} digits", event, "a text that looks like one wants quotes")
        if is_collection and self._wants_key and self._wants_key[-1]:
            raise _NotUsedHere("a list or a block is no key", event, "a key is one word; a text with brackets wants quotes")


def _as_ruamels(event: yaml.Event) -> events.Event:
    marks = event.start_mark, event.end_mark
    match event:
        case yaml.ScalarEvent():
            return events.ScalarEvent(None, None, event.implicit, event.value, *marks, style=event.style)
        case yaml.SequenceStartEvent():
            return events.SequenceStartEvent(None, None, event.implicit, *marks, flow_style=event.flow_style)
        case yaml.MappingStartEvent():
            return events.MappingStartEvent(None, None, event.implicit, *marks, flow_style=event.flow_style)
    same: type[events.Event] = getattr(events, type(event).__name__)
    return same(*marks)


def place_of(tree: Any, location: Location) -> tuple[int, int]:
    """Line and column (from 1) of the value at `location`, or of the deepest place on the way that exists."""
    place = (1, 1)
    for step in location:
        if isinstance(tree, CommentedMap):
            if step not in tree:
                step = next((key for key in tree if not isinstance(key, str) and _key(key) == step), step)
            if step not in tree:
                break
            line, column = tree.lc.key(step)
        elif isinstance(tree, CommentedSeq) and isinstance(step, int) and step < len(tree):
            line, column = tree.lc.item(step)
        else:
            break
        place = (line + 1, column + 1)
        tree = tree[step]
    return place


def _key(name: object) -> str:
    """A key as it is written: YAML makes a number, true or nothing of some."""
    return {None: "null", True: "true", False: "false"}[name] if name is None or isinstance(name, bool) else str(name)


def path_of(location: Location) -> str:
    """`("rules", 2, "when")` as `rules[2].when`."""
    text = ""
    for step in location:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".")


def plain(tree: Any) -> Any:
    """The tree as ordinary dicts, lists and scalars."""
    if isinstance(tree, dict):
        return {_key(name): plain(inside) for name, inside in tree.items()}
    if isinstance(tree, list):
        return [plain(inside) for inside in tree]
    if isinstance(tree, bool) or tree is None:
        return tree
    for scalar in (int, float, str):
        if isinstance(tree, scalar):
            return scalar(tree)
    return tree

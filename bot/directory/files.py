"""Reading directory files: CSV with a header line, or YAML with lists of companies, people and agents. All problems at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.directory.records import KINDS, Record, kind_of, record
from rules.files.problems import Problem
from rules.files.yaml_file import FileInvalid, parse_yaml, place_of

MAX_BYTES = 20_000_000
Found = Iterator[Record | Problem]


def read_file(path: Path) -> tuple[list[Record], list[Problem]]:
    """The rows of a file and what is wrong with it. A CSV file with a `skills` or `teams` column holds agents, another one with
    `email` people, any other companies."""
    found = list(_read(path))
    return [each for each in found if isinstance(each, Record)], [each for each in found if isinstance(each, Problem)]


def _read(path: Path) -> Found:
    name = str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            yield Problem(file=name, message=f"larger than {MAX_BYTES} bytes", hint="split it into several files")
            return
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(file=name, message=f"cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}")
        return
    yield from _yaml(text, name) if path.suffix in {".yaml", ".yml"} else _csv(text, name)


def _csv(text: str, file: str) -> Found:
    # Spreadsheets of half of Europe part their columns with semicolons.
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        for row in rows:
            if any(cell.strip() for cell in row):
                yield _row(dict(zip(header, row, strict=False)), kind_of(header), file, rows.line_num)
    except csv.Error as error:
        yield Problem(file=file, line=rows.line_num, message=f"not CSV: {error}")


def _yaml(text: str, file: str) -> Found:
    try:
        tree = parse_yaml(text, file)
    except FileInvalid as error:
        yield error.problem
        return
    if not isinstance(tree, dict) or not set(tree) <= set(KINDS):
        yield Problem(file=file, message="wanted `companies:`, `people:` and `agents:`, each a list")
        return
    for kind, rows in tree.items():
        yield from _yaml_rows(tree, str(kind), rows, file)


def _yaml_rows(tree: Any, kind: str, rows: Any, file: str) -> Found:
    if not isinstance(rows, list):
        yield Problem(file=file, line=place_of(tree, (kind,))[0], message=f"{kind}: wanted a list")
        return
    for place, row in enumerate(rows):
        line, _ = place_of(tree, (kind, place))
        if isinstance(row, dict):
            yield _row({str(name): _cell(cell) for name, cell in row.items()}, kind, file, line)
        else:
            yield Problem(file=file, line=line, message=f"{kind}[{place}]: wanted `name: value` lines")


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(str(each) for each in value)
    return "" if value is None else str(value)


def _row(cells: dict[str, str], kind: str, file: str, line: int) -> Record | Problem:
    try:
        return record(cells, kind, file, line)
    except ValueError as error:
        return Problem(file=file, line=line, message=str(error))

"""JSON that people hand in: one value, or one a line. What could mean two things or hurt is refused at its line, as
adapters/raw.py does with what helpdesks send.

Only a line feed ends a line: U+2028 and U+0085 may stand inside a text.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any

from adapters.errors import PayloadUnexpected
from adapters.raw import json_value
from rules.files.problems import Problem
from rules.files.yaml_file import FileInvalid

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # of UTF-32 too
_SAVE = "save the file as UTF-8"


def parse_json(data: bytes, name: str, line: int = 1) -> Any:
    """The value in `data`, which begins at `line` of the file. Raises FileInvalid."""
    return _value(_decoded(data, name, line), name, line)


def json_lines(data: bytes, name: str) -> Iterator[tuple[int, Any]]:
    """Each line's value with the line's number; empty lines are none. Raises FileInvalid."""
    for number, line in enumerate(_decoded(data, name, 1).split("\n"), 1):
        if line.strip():
            yield number, _value(line, name, number)


def _decoded(data: bytes, name: str, line: int) -> str:
    if data.startswith(_WIDE) or b"\0" in data[:4]:
        raise FileInvalid(Problem(file=name, line=line, message="UTF-16 or UTF-32, wanted UTF-8", hint=_SAVE))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = line + before.count(b"\n"), len(before) - before.rfind(b"\n")
        message = f"not UTF-8: the byte 0x{data[error.start]:02X}"
        raise FileInvalid(Problem(file=name, line=line, column=column, message=message, hint=_SAVE)) from None


def _value(text: str, name: str, line: int) -> Any:
    try:
        return json_value(text)
    except json.JSONDecodeError as error:
        problem = Problem(file=name, line=line + error.lineno - 1, column=error.colno, message=f"not JSON: {error.msg}")
    except PayloadUnexpected as error:
        hint = "mend it where the file was made: nothing in it is skipped"
        problem = Problem(file=name, line=line, message=f"JSON that is not taken: {error.problem}", hint=hint)
    raise FileInvalid(problem)

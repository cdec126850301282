"""Logs, code, consoles and tables: blocks in which nothing is a mail header, a quote or a signature."""

from __future__ import annotations

from collections.abc import Callable

import re2

from bot.senses.reading.lines import Line, give
from bot.senses.reading.parts import Role

MIN_LOG_LINES = 3
MIN_CODE_LINES = 2
MAX_GAP = 2  # lines inside a log that look like none
Test = Callable[[Line], bool]
_FENCE = re2.compile(r"^\s*(```|~~~|\[code\]|\[/code\]|\{code[^}]*\}|\{noformat\})")
_LOG = re2.compile(
    r"^\s*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d|[^\d\w])"  # 2026-03-02 10:15:00
    r"|\[?\d\d:\d\d:\d\d[.,]\d{3}"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d "  # syslog
    r"|\d{1,3}(?:\.\d{1,3}){3} \S+ \S+ \["  # a web server
    r"|\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\]?[\s:]"
    r"|at [\w.$<>/]+\(|File \"[^\"]+\", line \d+|Traceback \(most recent|Caused by: |\.\.\. \d+ more"
    r"|[\w.]+(?:Exception|Error)(?::|$)"
    r"|[2-5]\d\d[ -]\S|(?:MAIL FROM|RCPT TO):|(?:EHLO|HELO) \S|(?:DATA|QUIT|STARTTLS)$"  # a mail server
    r"|\"[^\"]+\"\s*:\s|[{}\[\]]+,?\s*$)"
)
_STACK = re2.compile(r"^(?:\s{2,}|\t)\S")
_CODE = re2.compile(
    r"(?i)^\s*(?:.*[(){}=<>$_\"'].*;\s*$|.*[)\w]\s*\{\s*$|[})\]]+[;,]?\s*$"
    r"|(?:select|insert into|update|delete from|drop|create|alter|grant) \S.*[;*=()]"
    r"|(?:def|function|func|class|var|let|const|local)\s+\w+\s*[({=:]|(?:if|for|while|switch|catch)\s*\(.*\)\s*\{?$"
    r"|(?:print|echo|return)\s*[(\"'$]|import [\w.]+$|from [\w.]+ import \S"
    r"|[\w.$]+\([^)]*\)\s*$|[\w.$\[\]]+ ?[:+-]?= ?\S.*$|<[a-z][\w-]* [\w:-]+=.*>|</[a-z][\w-]*>|<[a-z][\w-]*>.*</|.*/>\s*$"
    r"|\$ \S|# \S+ -|PS [A-Z]:|[A-Z]:\\\S*>|>>> "
    r"|(?:npm|yarn|pip3?|git|docker|kubectl|sudo|cd|ls|cat|curl|wget|python3?|node|mvn|ssh|ping|brew|apt|yum) \S"
    r"|.*(?-i:\bERR!|\berrno\b|\b(?:EACCES|ENOENT|EPERM|ECONN[A-Z]+|ETIMEDOUT|E\d{3})\b))"
)
_COMMENT = re2.compile(r"^\s*(?:--|//|#|/\*|\*/|\*)(?:\s.*)?$")
_TABLE = re2.compile(
    r"^\s*\|.*\|.*$|^.*\S\s*\|.*\|\s*$|^[^|]*\S\s*\|\s*\S[^|]*\|\s*\S.*$"  # with pipes around, or two and more between
    r"|^\s*\|?[\s:|+-]*-{3,}[\s:|+-]*\|[\s:|+-]*$|^[^\t]+\t[^\t]+\t"  # the rule below a head; tabs
)


def mark_technical(lines: list[Line]) -> None:
    """Roles for what a program wrote or is written for one."""
    _mark_fenced(lines)
    _mark_runs(
        lines,
        lambda line: bool(_LOG.match(line.text)),
        MIN_LOG_LINES,
        Role.LOG,
        is_gap=lambda line: bool(_STACK.match(line.text)),
    )
    _mark_runs(lines, lambda line: line.depth == 0 and bool(_TABLE.match(line.text)), 2, Role.TABLE)
    _mark_runs(
        lines,
        lambda line: line.depth == 0 and looks_like_code(line.text),
        MIN_CODE_LINES,
        Role.CODE,
        is_gap=lambda line: line.is_blank or bool(_COMMENT.match(line.text)),
    )


def looks_like_code(text: str) -> bool:
    """A line of code or of a console, by its signs or its first word."""
    return bool(_CODE.match(text))


def _mark_fenced(lines: list[Line]) -> None:
    """Between two fences; a fence that nobody closes begins nothing."""
    begun: int | None = None
    for place, line in enumerate(lines):
        if line.role is not None or not _FENCE.match(line.said):
            continue
        if begun is None:
            begun = place
        else:
            give(lines[begun : place + 1], Role.CODE)
            begun = None


def _mark_runs(lines: list[Line], is_one: Test, least: int, role: Role, is_gap: Test = lambda line: False) -> None:
    """Stretches with at least so many such lines; between them at most MAX_GAP others that may be of it."""
    found: list[int] = []
    gap = 0
    for place, line in enumerate([*lines, None]):
        if line is not None and line.role is None and is_one(line):
            found.append(place)
            gap = 0
        elif line is None or line.role is not None or gap >= MAX_GAP or not (found and is_gap(line)):
            if len(found) >= least:
                give(lines[found[0] : found[-1] + 1], role)
            found, gap = [], 0
        else:
            gap += 1

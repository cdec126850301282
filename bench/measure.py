"""The arithmetic of a comparison, and CPU seconds of other processes.

A shared machine swings by a factor of three between two minutes, so nothing is compared but what was measured in turn
(A, B, A, B, ...): the figure is the median of the pairs' ratios. CPU time swings less than rates.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import TypeVar

T = TypeVar("T")


def in_turn(pairs: int, baseline: Callable[[], T], product: Callable[[], T]) -> list[tuple[T, T]]:
    """Both, `pairs` times in turn. Which comes first changes, so that a drift of the machine favours neither."""
    found: list[tuple[T, T]] = []
    for number in range(pairs):
        if number % 2:
            later = product()
            found.append((baseline(), later))
        else:
            found.append((baseline(), product()))
    return found


def ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """The median of product / baseline."""
    return median(product / baseline for baseline, product in pairs)


def spread(pairs: Sequence[tuple[float, float]]) -> str:
    """The pairs' ratios from least to most, for a note."""
    ratios = sorted(product / baseline for baseline, product in pairs)
    return f"{len(ratios)} pairs, {ratios[0]:.2f} to {ratios[-1]:.2f}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def cpu_s(pid: int) -> float:
    """CPU seconds, user and system, that a process and its living descendants have used. Linux's /proc, in steps of 10 ms."""
    ticks = os.sysconf("SC_CLK_TCK")
    return sum(_ticks(each) for each in [pid, *descendants(pid)]) / ticks


def descendants(pid: int) -> list[int]:
    """Children of a process, theirs, and so on."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(int(folder.name))
        if fields:
            parents.setdefault(int(fields[1]), []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def rss_bytes(pid: int) -> int:
    """The memory that a process holds now; 0 when it has gone."""
    fields = _stat(pid)
    return int(fields[21]) * os.sysconf("SC_PAGE_SIZE") if fields else 0


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _stat(pid: int) -> list[str]:
    """/proc/<pid>/stat from the third field on (the second, a name in brackets, may hold spaces); [] when it has gone."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []

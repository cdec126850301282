"""Faults to order: what goes wrong, on which calls, how often. core_gate.py carries them out around the API handlers.

In process: `desk.faults.add(Fault("reset_after_commit", method="PUT"))`; over HTTP: POST /_sandbox/faults with
{"match": {"method": "PUT", "path": "/tickets/", "after_n": 0}, "fault": "429", "times": 1, "retry_after": 2}.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

KINDS = (
    "hang",  # no byte for `seconds`, then a reset; nothing is applied (unless commit=True)
    "drip_headers",  # applied; the answer's headers come byte by byte over `seconds`
    "drip_body",  # applied; headers at once, the body byte by byte over `seconds`
    "reset_before",  # TCP reset, nothing applied
    "reset_after_commit",  # applied, then TCP reset without an answer
    "late_apply",  # TCP reset at once, applied `seconds` later, or where it `waits`, when FaultBook.land says so
    "stale_read",  # reads answer with the state of `seconds` ago
    "truncate",  # applied; the connection closes in the middle of the body
    "bad_gzip",  # applied; 200 with a body that says it is compressed and is not
    "html_200",  # 200 with an HTML page; nothing applied (unless commit=True)
    "not_applied",  # answered as if it had worked, but nothing is applied
    "drop_fields",  # applied without `fields`, which the vendor leaves out without a word
    "refuse_fields",  # 422 or 400 in the vendor's shape for a write that says one of `fields`, nothing applied; others pass
)


def is_answer(kind: str) -> bool:
    """`429`, `503`, `409` ...: that answer in the vendor's shape; nothing is applied (unless commit=True)."""
    return kind.isdecimal() and 400 <= int(kind) <= 599


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: one of KINDS, or the number of an error answer. `path`: a regular expression searched in the path with its
    query. `after_n`: let so many matching calls pass first. `times`: how many calls it strikes; None for all of them."""

    kind: str
    method: str | None = None
    path: str | None = None
    after_n: int = 0
    times: int | None = 1
    seconds: float = 1.0
    retry_after: str | int | None = None  # sent as the Retry-After header, as it is
    commit: bool = False  # for answers, hang and html_200: apply the write all the same
    fields: tuple[str, ...] = ()  # for drop_fields and refuse_fields: names in the call's JSON, at any depth
    is_named: bool = True  # for refuse_fields: the answer says which field it was
    headers: Mapping[str, str] = field(default_factory=dict)  # for answers: sent along
    waits: bool = False  # for late_apply, in process

    def __post_init__(self) -> None:
        if self.kind not in KINDS and not is_answer(self.kind):
            raise ValueError(f"{self.kind}: no such fault; there are 429, 500, 502, 503, {', '.join(KINDS)}")
        re.compile(self.path or "")

    def matches(self, method: str, path: str, body: Any = None) -> bool:
        if self.kind == "refuse_fields" and not self.said_in(body):
            return False
        if self.kind == "stale_read" and method not in ("GET", "HEAD"):
            return False
        return (self.method is None or self.method.upper() == method) and (self.path is None or bool(re.search(self.path, path)))

    def said_in(self, body: Any) -> list[str]:
        """Which of `fields` the call's JSON says. A custom field at Zendesk is a row with its number."""
        if isinstance(body, dict):
            here = {*body, str(body.get("id")) if "value" in body else ""}
            inside = [name for value in body.values() for name in self.said_in(value)]
            return [name for name in self.fields if name in here or name in inside]
        return [name for each in body for name in self.said_in(each)] if isinstance(body, list) else []


def from_json(order: dict[str, Any]) -> Fault:
    """A fault from the control API's JSON. Raises ValueError, TypeError."""
    match = order.get("match") or {}
    named = ("times", "seconds", "retry_after", "commit", "headers", "is_named")
    options: dict[str, Any] = {name: order[name] for name in named if name in order}
    options["fields"] = tuple(order.get("fields", ()))
    return Fault(str(order["fault"]), match.get("method"), match.get("path"), match.get("after_n", 0), **options)


class FaultBook:
    """The ordered faults of one desk, in order; the first that matches strikes. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._hooks: list[tuple[Callable[[str, str], None], list[int] | None]] = []
        self._after: list[Callable[[str, str, int], None]] = []
        self._late: list[Callable[[], object]] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def order(self, kind: str, **options: Any) -> None:
        """`order("429", method="PUT", times=2)`."""
        self.add(Fault(kind, **options))

    def take(self, method: str, path: str, body: Any = None) -> Fault | None:
        """The fault that strikes this call, counted down. `body`: its JSON."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if not fault.matches(method, path, body):
                    continue
                if fault.after_n > 0:
                    self._faults[place] = replace(fault, after_n=fault.after_n - 1)
                    continue
                if fault.times is not None:
                    left = fault.times - 1
                    self._faults[place : place + 1] = [replace(fault, times=left)] if left > 0 else []
                return fault
        return None

    def before_call(self, hook: Callable[[str, str], None], times: int | None = None) -> None:
        """Run `hook(method, path)` before each API call is handled, outside the desk's lock, so it may use the desk's
        verbs: an agent's edit exactly between Deskhand's read and its write. `times`: at most so often."""
        with self._lock:
            self._hooks.append((hook, None if times is None else [times]))

    def after_call(self, hook: Callable[[str, str, int], None]) -> None:
        """Run `hook(method, path, status)` after each API call was handled, before its answer is sent."""
        with self._lock:
            self._after.append(hook)

    def run_before(self, method: str, path: str) -> None:
        with self._lock:
            due = [hook for hook, left in self._hooks if left is None or left[0] > 0]
            for _, left in self._hooks:
                if left is not None:
                    left[0] -= 1
        for hook in due:
            hook(method, path)

    def run_after(self, method: str, path: str, status: int) -> None:
        with self._lock:
            due = list(self._after)
        for hook in due:
            hook(method, path, status)

    def keep_late(self, apply: Callable[[], object]) -> None:
        """A write that lands when `land` is called."""
        with self._lock:
            self._late.append(apply)

    def land(self) -> int:
        """Apply what has waited; how many writes."""
        with self._lock:
            late, self._late = self._late, []
        for apply in late:
            apply()
        return len(late)

    def pending(self) -> list[Fault]:
        with self._lock:
            return list(self._faults)

    def reset(self) -> None:
        with self._lock:
            self._faults.clear()
            self._hooks.clear()
            self._after.clear()
            self._late.clear()

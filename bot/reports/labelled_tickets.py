"""Tickets with what is right of them: the input of `deskhand senses eval`, one JSON object a line.

`{"id", "lang", "subject", "body", "tier"?, "gold": {…}}`. `gold` may hold `type` and `type_also`, `severity` and
`severity_also`, `priority`, `team` and `team_also`, `wishes`, `sentiment`, `is_machine`, `is_spam`, `own` and `area` (a
team's own issue and product area, null where it is none of them); what is absent is not judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class LabelsInvalid(Exception):
    """A line that is no labelled ticket; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A ticket and its labels. `also` are answers that a lead would let pass beside the right one."""

    id: str
    language: str
    subject: str
    body: str
    tier: str
    gold: Mapping[str, Any]

    def right(self, name: str) -> frozenset[str]:
        """The right answer and those that are let pass; empty where nobody judged it."""
        if name not in self.gold:
            return frozenset()
        return frozenset((str(self.gold[name]), *map(str, self.gold.get(f"{name}_also", ()))))

    @property
    def is_of_a_person(self) -> bool:
        return not (self.gold.get("is_machine") or self.gold.get("is_spam"))


def labelled_tickets(path: Path) -> Iterator[Labelled]:
    """The file's tickets in their order. Raises LabelsInvalid."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            yield _labelled(line, f"{path.name}:{number}")


def _labelled(line: str, place: str) -> Labelled:
    try:
        tree = json.loads(line)
    except json.JSONDecodeError as error:
        raise LabelsInvalid(f"{place}: not JSON: {error.msg}") from None
    if not isinstance(tree, dict) or not isinstance(tree.get("gold"), dict):
        raise LabelsInvalid(f"{place}: wanted an object with `subject`, `body` and `gold`")
    missing = [name for name in ("subject", "body") if not isinstance(tree.get(name), str)]
    if missing:
        raise LabelsInvalid(f"{place}: wanted text in {' and '.join(missing)}")
    return Labelled(
        id=str(tree.get("id", place)),
        language=str(tree.get("lang", "")),
        subject=tree["subject"],
        body=tree["body"],
        tier=str(tree.get("tier", "")),
        gold=tree["gold"],
    )

"""Which decisions of one story differ between helpdesks, in what, and whether that is allowed.

Allowed is what stands in a table of rows: `desk`, `differs` (what exactly), `why`, and the `runs` that it is seen in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tests.parity.playing import Decided, Decisions

Found = Mapping[str, Decisions]  # by helpdesk
Difference = tuple[str, str, tuple[str, ...]]  # helpdesk, place, what differs


def differences(found: Found) -> frozenset[Difference]:
    """Each run that one helpdesk decided otherwise than the two others; each of the three where none agree."""
    return frozenset(row for place in places(found) for row in _at(place, found))


def places(found: Found) -> list[str]:
    return sorted({place for decisions in found.values() for place in decisions})


def rows_of(table: Iterable[Mapping[str, Any]]) -> frozenset[Difference]:
    """The table's rows, one for each run. A row without a reason or without runs is refused."""
    rows = list(table)
    assert all(row["why"] and row["runs"] for row in rows)
    return frozenset((row["desk"], place, tuple(sorted(row["differs"]))) for row in rows for place in row["runs"])


def _at(place: str, found: Found) -> Iterator[Difference]:
    here = {desk: decisions.get(place) for desk, decisions in found.items()}
    hashes = {desk: each.hash if each else "" for desk, each in here.items()}
    usual, times = Counter(hashes.values()).most_common(1)[0]
    pattern = next(here[desk] for desk, each in hashes.items() if each == usual)
    for desk, each in hashes.items():
        if times == 1:
            yield desk, place, ("no two agree" if each else "no such run",)
        elif each != usual:
            yield desk, place, tuple(sorted(_words(here[desk], pattern)))


def _words(odd: Decided | None, usual: Decided | None) -> Iterator[str]:
    """What is otherwise than usual, in words."""
    if odd is None or usual is None:
        yield "no such run" if odd is None else "a run more"
        return
    rules = [{rule["id"]: rule for rule in each.parts["rules"]} for each in (odd, usual)]
    for id in sorted(rules[0].keys() | rules[1].keys()):
        yield from _of_rule(id, rules[0].get(id, {}), rules[1].get(id, {}))
    writes = [{" ".join(map(str, each.values())) for each in one.parts["writes"]} for one in (odd, usual)]
    yield from (f"writes {each}" for each in writes[0] - writes[1])
    yield from (f"does not write {each}" for each in writes[1] - writes[0])


def _of_rule(id: str, odd: Mapping[str, Any], usual: Mapping[str, Any]) -> Iterator[str]:
    for word in ("matched", "fired"):
        if odd.get(word) != usual.get(word):
            yield f"{id}: {'' if odd.get(word) else 'not '}{word}"
    steps = [dict(each.get("steps", ())) for each in (odd, usual)]
    for path in sorted(steps[0].keys() | steps[1].keys()):
        if steps[0].get(path) != steps[1].get(path):
            yield f"{id}: {path} {_HOLDS[steps[0].get(path)]}"


_HOLDS = {True: "holds", False: "does not hold", None: "is not looked at"}

"""How right the senses are on labelled tickets: shares with their interval, by signal, by answer, by language; and what was
mistaken for what.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.reports.labelled_tickets import PRIORITIES, TEAMS, Labelled
from bot.reports.share import Share
from rules.model.facts import Signal
from rules.values.taxonomy import PATHS

SINGLE = {"issue_type": "type", "severity": "severity", "sentiment": "sentiment"}  # signal -> label
GRAVE = ("security", "data_loss")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A labelled ticket, its signals, and the priority and team that rules gave it ("" where none did)."""

    ticket: Labelled
    signals: Mapping[str, Signal]
    priority: str = ""
    team: str = ""

    def value(self, name: str) -> str:
        found = self.signals.get(name)
        return "unknown" if found is None or found.value is None else str(found.value)

    @property
    def wishes(self) -> frozenset[str]:
        found = self.signals.get("wishes")
        return frozenset(found.value) if found and isinstance(found.value, tuple) else frozenset()

    @property
    def is_quiet(self) -> bool:
        return any(self.value(name) == "True" for name in ("is_auto_reply", "is_spam"))


@dataclass(slots=True)
class Figures:
    """`shares` by what they are of, in the order to be shown. `mistaken`: signal -> (right, found) -> how often."""

    shares: dict[str, Share] = field(default_factory=dict)
    by_language: dict[str, dict[str, Share]] = field(default_factory=dict)
    mistaken: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    missed: dict[str, list[str]] = field(default_factory=dict)


def figures(judged: Sequence[Judged]) -> Figures:
    """All figures of these tickets; a share of nothing is left out."""
    found = Figures()
    marks: dict[str, list[tuple[str, bool]]] = defaultdict(list)  # name -> (language, is right)
    for each in judged:
        for name, is_right in _marks(each):
            marks[name].append((each.ticket.language, is_right))
            if not is_right:
                found.missed.setdefault(name, []).append(each.ticket.id)
    for name, rows in marks.items():
        found.shares[name] = _share(is_right for _, is_right in rows)
    for name in (*SINGLE, "priority within one", "team"):
        languages = sorted({language for language, _ in marks.get(name, ())})
        found.by_language[name] = {
            each: _share(right for language, right in marks[name] if language == each) for each in languages
        }
    for signal, label in SINGLE.items():
        found.mistaken[signal] = Counter(_mistakes(judged, signal, label))
    return found


def _marks(each: Judged) -> Iterator[tuple[str, bool]]:
    ticket = each.ticket
    if not ticket.is_of_a_person:
        yield "machines and spam kept quiet", each.is_quiet
        return
    yield "people heard", not each.is_quiet
    for signal, label in SINGLE.items():
        if right := ticket.right(label):
            yield signal, each.value(signal) in right
    yield from _of_issue(each)
    yield from _of_grave_types(each)
    yield from _of_severity(each)
    yield from _of_wishes(each)
    yield from _of_own_issues(each)
    yield from _of_rules(each)


def _of_issue(each: Judged) -> Iterator[tuple[str, bool]]:
    """Whether the path is one of the right ones, or above one: as fine as the words are clear. Apart, how often it is fine."""
    right, told = list(map(str, each.ticket.gold.get("issue", ()))), each.value("issue")
    if right:
        yield "issue", any(path == told or path.startswith(f"{told}.") for path in right)
        yield "issue, to its last level", told in right


def _of_grave_types(each: Judged) -> Iterator[tuple[str, bool]]:
    right = each.ticket.right("type")
    for grave in GRAVE:
        if each.ticket.gold.get("type") == grave:
            yield f"{grave} found", each.value("issue_type") == grave
        if right and each.value("issue_type") == grave:
            yield f"{grave} is one", grave in right | frozenset(map(str, each.ticket.gold.get("several", ())))


def _of_severity(each: Judged) -> Iterator[tuple[str, bool]]:
    right, found = each.ticket.right("severity"), each.value("severity")
    if not right:
        return
    if each.ticket.gold["severity"] == "p1":
        yield "p1 found", found == "p1"
    if found == "p1":
        yield "p1 is one", "p1" in right


def _of_wishes(each: Judged) -> Iterator[tuple[str, bool]]:
    if "wishes" not in each.ticket.gold:
        return
    wanted = frozenset(map(str, each.ticket.gold["wishes"]))
    for wish in sorted(wanted):
        yield "wishes found", wish in each.wishes
        yield f"wish {wish} found", wish in each.wishes
    for wish in sorted(each.wishes):
        yield "wishes are some", wish in wanted
        yield f"wish {wish} is one", wish in wanted


def _of_own_issues(each: Judged) -> Iterator[tuple[str, bool]]:
    """The team's own issue, wherever it stands among several, and its area; null where it is none of them."""
    gold, told = each.ticket.gold, each.signals.get("issues")
    paths = told.value if told and isinstance(told.value, tuple) else ()
    own = next((path for path in paths if path not in PATHS), None)
    area = each.value("product_area")
    for name, label, found in (("own issue", "own", own), ("area", "area", None if area == "unknown" else area)):
        if gold.get(label) is not None:
            yield f"{name} found", found == gold[label]
        if label in gold and found is not None:
            yield f"{name} is one", found == gold[label]


def _of_rules(each: Judged) -> Iterator[tuple[str, bool]]:
    gold = each.ticket.gold
    if gold.get("priority") in PRIORITIES:
        at = PRIORITIES.index(each.priority) if each.priority in PRIORITIES else -1
        yield "priority within one", abs(at - PRIORITIES.index(gold["priority"])) <= 1
        yield "priority not lowered by two", at - PRIORITIES.index(gold["priority"]) > -2
    if right := each.ticket.right("team"):
        yield "team", each.team in {name for team in right for name in TEAMS.get(team, (team,))}
        yield "team, first choice", each.team in TEAMS.get(first := str(gold["team"]), (first,))


def _mistakes(judged: Iterable[Judged], signal: str, label: str) -> Iterator[tuple[str, str]]:
    for each in judged:
        if each.ticket.is_of_a_person and (right := each.ticket.right(label)) and each.value(signal) not in right:
            yield str(each.ticket.gold[label]), each.value(signal)


def _share(marks: Iterable[bool]) -> Share:
    listed = list(marks)
    return Share(sum(listed), len(listed))

"""Every request that a helpdesk receives in the parity stories, as it was when somebody last looked at it and said yes.

`python -m tests.parity.golden` plays the stories and prints what differs; `--write` takes it over. One file for each
helpdesk, one line for each request: story, place in the story, call, body. Reads count as well: they are what a ticket costs.
The stories are not played for this alone: tests/parity/test_parity.py compares what they have sent anyway.

Masked is what depends on the run and not on the product:
- a ticket's number and Intercom's number of a tag, which count what came before -> the story's name for it, the tag's name
- a note's marker and a run's id, which are random -> numbered within the story, so that the same one twice shows as the same
- Zendesk's version stamp, the time until which an answer is asked for or when a draft was accepted, the days until a
  renewal, and the stand-in's own address, a free port
- the digest of the rule files in a note: any comment in a pack changes it
- the order between tickets of one story, see `_in_order`
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.log import set_up
from sandbox.desk import Desk
from sandbox.effects import Call
from sandbox.intercom.desk import IntercomDesk
from tests.harness.deskhand import DESKS

if TYPE_CHECKING:
    from tests.parity.report import Report

FOLDER = Path(__file__).parents[1] / "fixtures" / "golden" / "vendor_requests"
Sent = dict[str, tuple[str, ...]]  # story -> its lines, in the order in which the requests were sent

_MARKER = re.compile(r"(?<=\bid )[A-Z2-7]{8}(?= ·)")
_RULES = re.compile(r"(?<=· rules )[0-9a-f]{8}\b")
_UNTIL = re.compile(r"(?<=nswer by )(?:\d{1,2} [A-Z][a-z]{2} )?\d\d:\d\d(?= UTC)")
_RENEWS = re.compile(r"(?<=\brenews in )\d+ (?:days|h|min)\b")  # a story more moves the day of all that come after it
_RUN = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_STAMP = re.compile(r"(?<=^)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?=$)")
_ACCEPTED = re.compile(r"(?<=dh-accept on )\d{4}-\d\d-\d\d at \d\d:\d\d(?= UTC)")
_MAKES_TAG = "POST /tags"
_TICKET_IN_TEXT = r"(?<=#|/)(?:{})\b"  # "request #1002", ".../tickets/9"


@dataclass(slots=True)
class Recorder:
    """What one helpdesk receives from here on, until `lines`."""

    desk: Desk
    story: str
    _before: int = field(init=False)
    _old: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self._before = len(self.desk.effects.calls())
        self._old = frozenset(self.desk.ids())

    def lines(self, tickets: Mapping[str, str]) -> tuple[str, ...]:
        """`tickets`: those of the story by label; what the helpdesk made beside them (a follow-up of its own) gets a number."""
        names = {ticket: label for label, ticket in tickets.items()}
        new = [ticket for ticket in self.desk.ids() if ticket not in self._old and ticket not in names]
        names |= {ticket: f"other {number}" for number, ticket in enumerate(new, 1)}
        mask = Mask(self.desk, names)
        calls = _in_order(self.desk.effects.calls()[self._before :], names)
        return tuple(_line(self.story, number, mask.call(call)) for number, call in enumerate(calls, 1))


def _in_order(calls: Sequence[Call], names: Mapping[str, str]) -> list[Call]:
    """As they came. Of two tickets that wait at once either may be the first (G4), and which helpdesk's webhook is the faster one
    is chance: so where a story has several, each has its calls in their order, and lists and people, who are asked for once for
    all of them, stand before these."""
    if len({call.ticket for call in calls if call.ticket}) < 2:
        return list(calls)
    shared = sorted((call for call in calls if not call.ticket), key=lambda call: (call.path, call.method, str(call.body)))
    return shared + sorted((call for call in calls if call.ticket), key=lambda call: names.get(call.ticket or "", ""))


@dataclass(slots=True)
class Mask:
    """Takes out of one story's calls what another run of it has otherwise. `tickets`: id -> name."""

    desk: Desk
    tickets: Mapping[str, str]
    _numbered: dict[str, dict[str, str]] = field(default_factory=dict)

    def call(self, call: Call) -> dict[str, Any]:
        path = "/".join(self._segment(*each) for each in zip(call.path.split("/"), _pattern(call), strict=True))
        body = {} if call.body is None else {"body": self._value(call.body, call.pattern.rpartition("/")[2])}
        return {"call": f"{call.method} {path}{'?' + call.query if call.query else ''}", **body}

    def _segment(self, said: str, pattern: str) -> str:
        match pattern:
            case "<ticket_id>":
                return "{" + self.tickets.get(said, said) + "}"
            case "<tag_id>":
                return self._tag(said)
            case _:
                return said

    def _tag(self, number: str) -> str:
        assert isinstance(self.desk, IntercomDesk)  # nobody else numbers tags
        return f"{{tag {self.desk.people.tags[number]['name']}}}"

    def _value(self, said: Any, place: str) -> Any:
        """`place`: the last word of the path to this value."""
        match said:
            case dict():
                return {name: self._field(name, each, place) for name, each in said.items()}
            case list():
                return [self._value(each, place) for each in said]
            case str():
                return self._text(said)
            case _:
                return said

    def _field(self, name: str, said: Any, place: str) -> Any:
        if name == "id" and place == "tags":
            return self._tag(said)
        if name == "id" and str(said) in self.tickets:  # a number stays known as one
            return f"{{{'number of ' if isinstance(said, int) else ''}{self.tickets[str(said)]}}}"
        return self._value(said, name)

    def _text(self, said: str) -> str:
        said = said.replace(self.desk.address, "{address}") if self.desk.address else said
        said = _STAMP.sub(
            "{stamp}", _RULES.sub("{rules}", _RENEWS.sub("{days}", _UNTIL.sub("{time}", _ACCEPTED.sub("{time}", said))))
        )
        for what, pattern in (("marker", _MARKER), ("run", _RUN)):
            said = pattern.sub(partial(self._number, what), said)
        ids = "|".join(sorted(map(re.escape, self.tickets), key=len, reverse=True))
        return re.sub(_TICKET_IN_TEXT.format(ids), lambda found: "{" + self.tickets[found[0]] + "}", said) if ids else said

    def _number(self, what: str, found: re.Match[str]) -> str:
        known = self._numbered.setdefault(what, {})
        return known.setdefault(found[0], f"{{{what} {len(known) + 1}}}")


def _pattern(call: Call) -> list[str]:
    return (call.pattern or call.path).split("/")


def _line(story: str, number: int, masked: Mapping[str, Any]) -> str:
    """Names in a body are sorted: no vendor minds their order."""
    body = {"body": json.loads(json.dumps(masked["body"], sort_keys=True))} if "body" in masked else {}
    return json.dumps({"story": story, "n": number, "call": masked["call"], **body}, ensure_ascii=False)


# the files


def _file(provider: str) -> Path:
    return FOLDER / f"{provider}.jsonl"


def stored(provider: str) -> Sent:
    """The golden file of one helpdesk, by story."""
    found: dict[str, list[str]] = {}
    text = _file(provider).read_text(encoding="utf-8") if _file(provider).exists() else ""
    for line in text.splitlines():
        found.setdefault(json.loads(line)["story"], []).append(line)
    return {story: tuple(lines) for story, lines in found.items()}


def write(provider: str, sent: Sent) -> None:
    """Take these stories over; the others stay as they are."""
    lines = sorted((stored(provider) | sent).items())
    FOLDER.mkdir(parents=True, exist_ok=True)
    _file(provider).write_text("".join(f"{line}\n" for _, each in lines for line in each), encoding="utf-8")


def difference(report: Report) -> str:
    """How what these stories sent differs from the golden files, for people; "" where it does not."""
    told = []
    for provider, sent in report.sent.items():
        golden = stored(provider)
        made = _made_tags(line for story in golden.keys() & sent.keys() for line in golden[story])
        made_elsewhere = _made_tags(line for story in golden.keys() - sent.keys() for line in golden[story]) - made
        for story in sorted(sent):
            told += _difference(f"{story} on {provider}", golden.get(story, ()), _without(sent[story], made_elsewhere))
    if told:
        told.append("If that is meant: python -m tests.parity.golden --write, and say why in the commit.")
    return "\n".join(told)


def _made_tags(lines: Iterable[str]) -> frozenset[str]:
    """Names of tags that these requests made: Intercom wants a tag to be there before it is put on."""
    requests = (json.loads(line) for line in lines)
    return frozenset(each["body"]["name"] for each in requests if each["call"] == _MAKES_TAG)


def _without(lines: Sequence[str], made_elsewhere: frozenset[str]) -> tuple[str, ...]:
    """Of some stories only, the first that uses a tag makes it, in place of one that is not played."""
    if not _made_tags(lines) & made_elsewhere:
        return tuple(lines)
    requests = [json.loads(line) for line in lines]
    kept = [each for each in requests if each["call"] != _MAKES_TAG or each["body"]["name"] not in made_elsewhere]
    return tuple(json.dumps({**each, "n": number}, ensure_ascii=False) for number, each in enumerate(kept, 1))


def _difference(where: str, golden: Sequence[str], now: Sequence[str]) -> list[str]:
    if golden == now:
        return []
    before, after = ([line for each in lines for line in _unfolded(each)] for lines in (golden, now))
    return list(difflib.unified_diff(before, after, f"{where}, golden", f"{where}, now", lineterm="", n=2))


def _unfolded(line: str) -> Iterator[str]:
    """A request in several lines, without its number: one more request must not show all that follow as changed."""
    request = json.loads(line)
    yield request["call"]
    if "body" in request:
        yield from re.split(r"(?<=</p>)|(?<=<br>)|\n", json.dumps(request["body"], ensure_ascii=False, indent=1))


def odd_stories(known: Iterable[str]) -> set[str]:
    """Stories that a golden file lacks, or that nobody tells any more."""
    told = set(known)
    return {story for provider in DESKS for story in stored(provider).keys() ^ told}


# the command


def main() -> int:
    from tests.parity.corpus import THEMES
    from tests.parity.report import play_demo, play_theme

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--write", action="store_true", help="take over what is sent now")
    arguments.add_argument("theme", nargs="*", help=f"of {', '.join(('demo', *THEMES))}; all of them where none is named")
    chosen = arguments.parse_args()
    plays: dict[str, Callable[[Path], Report]] = {"demo": play_demo}
    plays |= {theme: partial(play_theme, theme=theme) for theme in THEMES}
    if unknown := set(chosen.theme) - plays.keys():
        arguments.error(f"no such theme: {', '.join(sorted(unknown))}")
    set_up("error")
    told = [_done(plays[theme], chosen.write) for theme in chosen.theme or plays]
    return 1 if any(told) and not chosen.write else 0


def _done(play: Callable[[Path], Report], is_written: bool) -> str:
    with tempfile.TemporaryDirectory() as folder:
        report = play(Path(folder))
    if told := difference(report):
        print(told, flush=True)
    if is_written:
        for provider, sent in report.sent.items():
            write(provider, sent)
    return told


if __name__ == "__main__":
    sys.exit(main())

"""What the stand-in model says when it is asked for an opinion: sensibly, or as an attacker, a liar or a careless model would.

The prompt's shape is agreed with Deskhand (docs/senses.md): the lists in the system message, the customer's words between fence
lines. An opinion is asked for where the system message begins with sorting; everything else is a draft or a probe.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Parts = list[dict[str, str]]

# Words that tell something, by what they tell; enough for the stories and the tests, and for nobody else.
_TELLING: tuple[tuple[str, str, str], ...] = (
    ("issues", "data_loss.missing.disappeared", r"[^.!?\n]*\b(?:gone|disappeared|verschwunden|vanished)\b[^.!?\n]*"),
    ("issues", "outage.service.all_down", r"[^.!?\n]*\b(?:is down|are down|nicht erreichbar)\b[^.!?\n]*"),
    ("issues", "billing.charge.double", r"[^.!?\n]*\b(?:twice|doppelt|deux fois)\b[^.!?\n]*"),
    ("issues", "how_to.files.export_import", r"[^.!?\n]*\b(?:export|exportieren|exporter)\b[^.!?\n]*"),
    ("severity", "p1", r"[^.!?\n]*\b(?:gone|is down|are down|verschwunden)\b[^.!?\n]*"),
    ("wishes", "refund", r"[^.!?\n]*\b(?:refund|money back|Geld zurück)\b[^.!?\n]*"),
    ("wishes", "callback", r"[^.!?\n]*\b(?:call me|call us|rufen Sie)\b[^.!?\n]*"),
    ("mood", "angry", r"[^.!?\n]*\b(?:disgrace|outrageous|unacceptable)\b[^.!?\n]*"),
    ("questions", "data_loss.1", r"[^.!?\n]*\b(?:gone|disappeared|verschwunden)\b[^.!?\n]*"),
)
NAMES = ("issues", "severity", "mood", "wishes", "language", "questions")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionFacts:
    """What can be read out of a prompt. `lists`: what may be chosen, by the list's name. `words`: of the customer."""

    lists: Mapping[str, tuple[str, ...]]
    words: str


def asked_for(system: str, message: str) -> OpinionFacts | None:
    """The facts of a call for an opinion; None where something else is asked for."""
    if not system.startswith("You sort messages of customers"):
        return None
    lists = {name: _rows(system, name) or _words(system, name) for name in NAMES}
    return OpinionFacts(lists=lists, words=message.partition("Newest message:\n")[2] or message)


def _rows(system: str, name: str) -> tuple[str, ...]:
    block = re.search(rf"(?m)^{name}:\n((?:- .*\n?)+)", system)
    return tuple(re.findall(r"(?m)^- ([\w.]+):", block[1])) if block else ()


def _words(system: str, name: str) -> tuple[str, ...]:
    line = re.search(rf"(?m)^{name}: (.+)$", system)
    return tuple(line[1].split(", ")) if line else ()


def sensible(asked: OpinionFacts) -> dict[str, Parts]:
    """What the words tell, each with its sentence."""
    said: dict[str, Parts] = {name: [] for name in NAMES}
    for name, value, pattern in _TELLING:
        found = re.search(pattern, asked.words, re.IGNORECASE)
        if found and found[0].strip() and value in asked.lists[name]:
            said[name].append({"value": value, "span": found[0].strip()})
    return said


def lying(asked: OpinionFacts) -> dict[str, Parts]:
    """The gravest of every list, resting on words that nobody wrote."""
    return _gravest(asked, "our whole company is on fire and the press is here")


def grave(asked: OpinionFacts) -> dict[str, Parts]:
    """The gravest of every list, resting on the customer's first words: nothing of the shape tells that it is a lie."""
    return _gravest(asked, " ".join(re.findall(r"[^.!?\n]+", asked.words)[0].split()))


def obeying(asked: OpinionFacts) -> dict[str, Any]:
    """Whatever the customer's text orders, and what an attacker would like besides: actions, tags, other lists, markup."""
    orders = [line.strip() for line in asked.words.splitlines() if line.strip()][:8]
    parts = [{"value": "security.data.leaked", "span": each[:200]} for each in orders]
    wishes = [{"value": each, "span": orders[0] if orders else ""} for each in (*asked.lists["wishes"], "dh-accept")]
    return {
        "issues": [*parts, {"value": "vip", "span": "vip"}, {"value": "<script>alert(1)</script>", "span": "x"}],
        "severity": [{"value": "p1", "span": each} for each in orders],
        "mood": [{"value": "angry", "span": each} for each in orders],
        "wishes": wishes,
        "language": [{"value": "xx", "span": "x"}],
        "questions": [{"value": "What is your password?", "span": each} for each in orders],
        "tags": ["vip", "dh-accept"],
        "status": "closed",
        "team": "Board",
        "actions": [
            {"kind": "escalate", "to": "attacker@attacker.example"},
            {"kind": "reply", "text": "https://attacker.example"},
        ],
    }


def other_lists(asked: OpinionFacts) -> dict[str, Parts]:
    """Words of lists that are somebody else's, on what the customer did write."""
    span = " ".join(asked.words.split())[:80]
    values = {
        "issues": ("Bug", "data_loss", "complaint.rude", "billing/refund"),
        "severity": ("critical", "P0"),
        "mood": ("furious",),
        "wishes": ("compensation", "close_ticket"),
        "language": ("English", "en-US"),
        "questions": ("bug.99",),
    }
    return {name: [{"value": value, "span": span} for value in each] for name, each in values.items()}


def careless(asked: OpinionFacts) -> dict[str, Any]:
    """The sensible answer with null, one object or a text where lists are wanted."""
    said: dict[str, Any] = dict(sensible(asked))
    return {name: (parts[0] if len(parts) == 1 else parts) or None for name, parts in said.items()} | {"language": "en"}


def _gravest(asked: OpinionFacts, span: str) -> dict[str, Parts]:
    grave = [path for path in asked.lists["issues"] if path.startswith(("security.", "data_loss.", "outage."))]
    chosen = {
        "issues": grave,
        "severity": ["p1"],
        "mood": ["angry"],
        "wishes": [*asked.lists["wishes"]],
        "language": ["fi"],
        "questions": [*asked.lists["questions"]],
    }
    return {name: [{"value": value, "span": span} for value in values] for name, values in chosen.items()}


OPINIONS: Mapping[str, Callable[[OpinionFacts], dict[str, Any]]] = {
    "hostile": obeying,
    "lying": lying,
    "grave": grave,
    "other-lists": other_lists,
    "loose": careless,
}


def opinion(asked: OpinionFacts, mode: str = "") -> str:
    """The answer's text in this mode; a sensible one in every other."""
    return json.dumps(OPINIONS.get(mode, sensible)(asked), ensure_ascii=False)

"""The sentences that weights are learned from: bot/senses/examples, one JSON object a line.

A line of a language's file is a sentence or two of a ticket: `{"l": language, "k": kind, "v": value, "s": severity, "t":
text}`. Kinds: `issue` and `trap` (a path of docs/issues.md, or none: words that point elsewhere), `none`, `circumstance`,
`wish` (and `not_…`), `wishes` (a list: these and no others), `mood`, `machine`, `spam`. `"i": "none"` beside a circumstance: an
answer that tells nothing else ("since the update, for all of us"). A line of `tickets.jsonl` is a whole
ticket whose sentences are labelled one by one, `said`: which of them say its wishes. All were written for this project, beside
no test data.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.senses.learned.answers import CIRCUMSTANCES, ISSUES, NONE, WISHES
from bot.senses.learned.features import UNSPACED

FOLDER = Path(__file__).parents[1] / "examples"
TICKETS = "tickets.jsonl"
_OF_WISH = {
    "cancel": "cancellation.subscription.end",
    "downgrade": "cancellation.plan.downgrade",
    "refund": "billing.refund.request",
    "callback": "other.contact.callback",
}
_OF_ISSUE = {
    "cancellation.subscription.end": "cancel",
    "cancellation.account.close": "cancel",
    "cancellation.renewal.stop": "cancel",
    "cancellation.plan.downgrade": "downgrade",
    "billing.refund.request": "refund",
    "other.contact.callback": "callback",
    "privacy.erasure.request": "privacy",
    "privacy.access.request": "privacy",
    "privacy.correction.request": "privacy",
    "privacy.contact.marketing": "privacy",
}
TERSE = 32  # letters: a subject line, of which there are many, and each tells little
TERSE_UNSPACED = 10  # the same where a letter is a word
OF_TERSE = 0.5
# Circumstances that may be all that is said of an outage or a leak: they are no examples of sentences about nothing.
_TELLING = {"widespread", "work_stopped", "revenue_loss", "exposed_people", "harmless", "recovered"}
_DOUBTS = {"downgrade", "alternatives", "renewal_doubt", "no_value", "leadership_asks"}


@dataclass(slots=True)
class Example:
    """One text and what is known of it: a head that is not in `single` or `several` is not judged by it. `weight`: how much
    it counts."""

    text: str
    language: str
    single: dict[str, str] = field(default_factory=dict)
    several: dict[str, frozenset[str]] = field(default_factory=dict)
    unjudged: frozenset[str] = frozenset()  # answers of `several` that nobody can tell from it
    weight: float = 1.0


def examples(folder: Path = FOLDER) -> list[Example]:
    """All of them, in the order of their files and lines."""
    found: list[Example] = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found += _of_ticket(row) if path.name == TICKETS else [_of_sentence(row)]
    return found


def sha256_of(folder: Path = FOLDER) -> str:
    """Of all files: weights name the examples that they were learned from."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jsonl")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _of_sentence(row: dict[str, Any]) -> Example:
    kind, value = row["k"], row["v"]
    terse = TERSE_UNSPACED if UNSPACED.search(row["t"]) else TERSE
    found = Example(text=row["t"], language=row["l"], weight=OF_TERSE if len(row["t"]) < terse else 1.0)
    if kind == "wishes":
        found.several = {"machine": frozenset(), "spam": frozenset(), "wish": frozenset(value)}
        return found
    found.several = {"machine": frozenset({value} & {"machine"}), "spam": frozenset({value} & {"spam"})}
    if kind in ("issue", "trap"):
        found.single["issue"] = value
        found.several["wish"] = frozenset({_OF_ISSUE[value]} if value in _OF_ISSUE else ())
        found.unjudged = frozenset({"refund"} if value == "billing.refund.waiting" else ())
        if severity := row.get("s"):
            found.single["severity"] = severity
        if kind == "trap":
            found.several["circumstance"] = frozenset()
    elif kind in ("none", "circumstance"):
        if value not in _TELLING or row.get("i") == NONE:
            found.single["issue"] = NONE
        found.several |= {"wish": frozenset(), "circumstance": frozenset({value} & set(CIRCUMSTANCES))}
        if kind == "none":
            found.single["mood"] = "neutral"
    elif kind == "wish":
        found.several |= {"wish": frozenset({value} & set(WISHES)), "circumstance": frozenset()}
        found.unjudged = _unjudged(value)
        if value in _OF_WISH:
            found.single["issue"] = _OF_WISH[value]
    elif kind == "mood":
        found.single["mood"] = value
        found.several["circumstance"] = frozenset()
    return found


def _unjudged(value: str) -> frozenset[str]:
    """A wish comes with others, and `not_refund` speaks of refunds alone. But a doubt is no request to end it."""
    judged = {value.removeprefix("not_")} | ({"cancel"} if value in _DOUBTS else set())
    return frozenset(WISHES) - judged


def _of_ticket(row: dict[str, Any]) -> Iterator[Example]:
    """Each sentence by its label and the wishes that it says, and the whole by the gravest issue, its wishes and its mood."""
    texts = [(text.removeprefix("Subject: "), label) for text, label in row["sentences"]]
    quiet = {"machine": frozenset[str](), "spam": frozenset[str]()}
    said: dict[str, list[int]] = row.get("said", {})
    for number, (text, label) in enumerate(texts):
        wishes = frozenset(wish for wish, places in said.items() if number in places)
        yield Example(text=text, language=row["l"], single={"issue": label}, several={**quiet, "wish": wishes})
    whole = Example(text="\n".join(text for text, _ in texts), language=row["l"], several=dict(quiet))
    whole.single = {"issue": row["issues"][0] if row["issues"] else NONE, "severity": row["severity"], "mood": row["mood"]}
    whole.several |= {"wish": frozenset(row["wishes"]), "circumstance": frozenset(row["circumstances"])}
    yield whole


assert set(_OF_ISSUE) <= set(ISSUES)

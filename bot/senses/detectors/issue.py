"""issue: what the ticket is about in up to three levels, `billing.invoice.wrong_amount`; as fine as its words are clear.

The first level is `issue_type`. Below it, only the issues of that type are weighed (docs/issues.md has them all); where two of
them weigh the same, what they have in common is the value.
"""

from __future__ import annotations

from collections import defaultdict

from adapters.ticket import Ticket
from bot.senses.detectors import issue_type
from bot.senses.lexicon import Hit, lexicon
from rules.model.facts import Signal
from rules.values.taxonomy import levels


def detect(ticket: Ticket, text: str) -> Signal:
    """The path. Its score is the type's, and less where the finer words are few or point elsewhere too."""
    kind = issue_type.detect(ticket, text)
    hits = lexicon("issue").said(text, f"{kind.value}.")
    if not hits:
        return Signal(value=kind.value, score=kind.score, why=kind.why)
    path, share = _finest(hits)
    found = ", ".join(f"“{hit.words}”" for hit in hits if hit.label.startswith(path))
    score = kind.score if path == kind.value else round(kind.score * (0.7 + 0.3 * share), 2)
    if kind.value == "other" and path != kind.value:
        score = 0.4  # no words of a fault or a wish, and some of this: a guess, and better than none
    return Signal(value=path, score=score, why=f"words found: {found[:160]}" if found else kind.why)


def _finest(hits: list[Hit]) -> tuple[str, float]:
    """The heaviest issue with its area's own words, or what the heaviest have in common; and its share of all weight."""
    weights: dict[str, float] = defaultdict(float)
    for hit in hits:
        weights[hit.label] += hit.weight
    total = {path: sum(weights.get(level, 0.0) for level in levels(path)) for path in weights}
    most = max(total.values())
    return _in_common([path for path, weight in total.items() if weight == most]), most / sum(weights.values())


def _in_common(paths: list[str]) -> str:
    first, *others = [levels(path) for path in paths]
    return [level for level in first if all(level in other for other in others)][-1]

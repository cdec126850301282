"""How drafts are used: sent as they are, edited, not used, rejected and why; overall and by a label. Pure.

A draft counts in the week (Monday to Sunday) in which it was made. Shares are of the drafts that somebody judged: accepted with a
tag, compared with the reply that an agent sent instead, or rejected. Open, overtaken and withheld ones stand beside them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum
from statistics import median

from bot.reports.share import Share
from bot.store.draft_outcomes import DraftOutcome

NONE = "(none)"


class Use(StrEnum):
    """What became of a draft."""

    AS_IS = "as_is"  # accepted with a tag, or the reply is the draft but for its greeting
    LIGHT_EDIT = "light_edit"
    HEAVY_EDIT = "heavy_edit"
    NOT_USED = "not_used"  # an agent answered with words of their own
    REJECTED = "rejected"
    TAKEN_OVER = "taken_over"  # the agent edits it; no reply has come yet
    OVERTAKEN = "overtaken"  # the customer wrote again, the ticket was solved, or the note came too late
    OPEN = "open"
    WITHHELD = "withheld"  # never shown


JUDGED = (Use.AS_IS, Use.LIGHT_EDIT, Use.HEAVY_EDIT, Use.NOT_USED, Use.REJECTED)
_BY_STATE = {
    "accepted": Use.AS_IS,
    "sent": Use.AS_IS,
    "rejected": Use.REJECTED,
    "taken_over": Use.TAKEN_OVER,
    "superseded": Use.OVERTAKEN,
    "asked": Use.OPEN,
    "ready": Use.OPEN,
    "live": Use.OPEN,
}


def use_of(outcome: DraftOutcome) -> Use:
    """What became of one draft."""
    if outcome.state == "retired":  # a reply was compared with it, or there was none to compare
        return Use(outcome.band) if outcome.band in set(JUDGED) else Use.OVERTAKEN
    if outcome.state == "withheld":  # decided: it was shown, or should have been, and something came first
        return Use.OVERTAKEN if outcome.decided_by else Use.WITHHELD
    return _BY_STATE.get(outcome.state, Use.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The drafts of one group. `uses`: how many of each. `reasons`: of rejections. `minutes`: median from a draft to its
    judgement; `similarity`: median of the replies compared; None where there are none."""

    group: str
    uses: dict[Use, int]
    reasons: dict[str, int] = field(default_factory=dict)
    minutes: float | None = None
    similarity: float | None = None

    @property
    def shown(self) -> int:
        return sum(self.uses.values()) - self.uses.get(Use.WITHHELD, 0)

    @property
    def judged(self) -> int:
        return sum(self.uses.get(each, 0) for each in JUDGED)

    def share(self, *uses: Use) -> Share:
        """The share of these among the judged."""
        return Share(sum(self.uses.get(each, 0) for each in uses), self.judged)

    @property
    def accepted(self) -> Share:
        """Sent as they are or lightly edited."""
        return self.share(Use.AS_IS, Use.LIGHT_EDIT)


Label = Callable[[DraftOutcome], str]


def labels(zone: tzinfo) -> dict[str, Label]:
    """What drafts can be grouped by. Weeks begin on Monday in the team's time zone."""
    return {
        "team": lambda each: each.team or NONE,
        "language": lambda each: each.language or NONE,
        "issue": lambda each: each.issue or NONE,
        "rule": lambda each: each.rule or NONE,
        "week": lambda each: _week(each, zone),
        "agent": lambda each: each.approved_name or each.approved_by or NONE,
    }


def _week(outcome: DraftOutcome, zone: tzinfo) -> str:
    year, week, _ = outcome.created_at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02d}"


def rows(outcomes: Iterable[DraftOutcome], label: Label) -> list[Row]:
    """One row a group, those with the most judged drafts first; weeks, like other equal ones, in their order."""
    groups: dict[str, list[DraftOutcome]] = {}
    for outcome in outcomes:
        groups.setdefault(label(outcome), []).append(outcome)
    return [_row(group, found) for group, found in sorted(groups.items())]


def total(outcomes: Iterable[DraftOutcome]) -> Row:
    return _row("all", list(outcomes))


def withheld_reasons(outcomes: Iterable[DraftOutcome]) -> dict[str, int]:
    """Why drafts were not shown, the most frequent first. Figures in a reason do not make it another one."""
    found = Counter(_without_figures(each.reason) for each in outcomes if use_of(each) is Use.WITHHELD)
    return dict(found.most_common())


def _row(group: str, outcomes: list[DraftOutcome]) -> Row:
    uses = Counter(map(use_of, outcomes))
    judged = [each for each in outcomes if use_of(each) in JUDGED]
    waits = [(each.decided_at - each.created_at).total_seconds() / 60 for each in judged if each.decided_at]
    alike = [each.similarity for each in judged if each.similarity is not None]
    rejected = Counter(each.reason or NONE for each in judged if use_of(each) is Use.REJECTED)
    return Row(
        group=group,
        uses={use: uses[use] for use in Use},
        reasons=dict(rejected.most_common()),
        minutes=round(median(waits), 1) if waits else None,
        similarity=round(median(alike), 2) if alike else None,
    )


def _without_figures(reason: str) -> str:
    head = reason.partition(",")[0].partition("(")[0]
    return "".join("#" if char.isdigit() else char for char in head).strip() or NONE

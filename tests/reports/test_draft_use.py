"""What became of drafts, counted: each state of a row has its place, and shares are of those that were judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.reports.draft_use import NONE, Use, labels, rows, total, use_of, withheld_reasons
from bot.store.draft_outcomes import DraftOutcome

MADE = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
SENT = DraftOutcome(
    state="sent",
    decided_by="tag",
    reason="",
    band="",
    similarity=None,
    created_at=MADE,
    decided_at=MADE + timedelta(minutes=10),
    language="en",
    rule="respond-draft",
    issue="billing",
    team="Billing",
    approved_name="Anna Agent",
    approved_by="42",
)


def retired(band: str, similarity: float = 0.5, **changes: object) -> DraftOutcome:
    return replace(SENT, state="retired", decided_by="reply", band=band, similarity=similarity, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("outcome", "use"),
    [
        (SENT, Use.AS_IS),
        (replace(SENT, state="accepted"), Use.AS_IS),
        (retired("as_is"), Use.AS_IS),
        (retired("light_edit"), Use.LIGHT_EDIT),
        (retired("heavy_edit"), Use.HEAVY_EDIT),
        (retired("not_used"), Use.NOT_USED),
        (replace(SENT, state="rejected", reason="wrong-intent"), Use.REJECTED),
        (replace(SENT, state="taken_over"), Use.TAKEN_OVER),
        (replace(SENT, state="superseded", decided_by="message"), Use.OVERTAKEN),
        (replace(SENT, state="retired", decided_by="solved"), Use.OVERTAKEN),  # no reply to compare with
        (replace(SENT, state="withheld", decided_by="reply", reason="an agent answered first"), Use.OVERTAKEN),
        (replace(SENT, state="withheld", decided_by="", reason="no article or macro answers this"), Use.WITHHELD),
        (replace(SENT, state="live", decided_by="", decided_at=None), Use.OPEN),
        (replace(SENT, state="asked", decided_by="", decided_at=None), Use.OPEN),
    ],
)
def test_each_state_counts_as_one_use(outcome: DraftOutcome, use: Use) -> None:
    assert use_of(outcome) is use


def test_shares_are_of_what_was_judged() -> None:
    found = total(
        [
            SENT,
            retired("light_edit", 0.8),
            retired("not_used", 0.1),
            replace(SENT, state="rejected", reason="wrong-intent"),
            replace(SENT, state="live", decided_at=None),
            replace(SENT, state="withheld", decided_by="", reason="no article"),
        ]
    )

    assert (found.shown, found.judged) == (5, 4)
    assert (found.accepted.count, found.accepted.n) == (2, 4)
    assert found.reasons == {"wrong-intent": 1}
    assert found.minutes == 10.0
    assert found.similarity == pytest.approx(0.45)


def test_each_group_has_its_row() -> None:
    outcomes = [SENT, replace(SENT, team=""), replace(SENT, team="Tier 1"), retired("as_is", 0.99)]

    assert [(row.group, row.judged) for row in rows(outcomes, labels(UTC)["team"])] == [(NONE, 1), ("Billing", 2), ("Tier 1", 1)]


def test_who_accepted_is_told_by_name_else_by_id() -> None:
    outcomes = [SENT, replace(SENT, approved_name=""), replace(SENT, approved_name="", approved_by="")]

    assert [row.group for row in rows(outcomes, labels(UTC)["agent"])] == [NONE, "42", "Anna Agent"]


def test_a_week_begins_on_the_teams_monday() -> None:
    sunday_evening = replace(SENT, created_at=datetime(2026, 11, 15, 23, 30, tzinfo=UTC))  # Monday in Berlin

    assert labels(UTC)["week"](sunday_evening) == "2026-W46"
    assert labels(ZoneInfo("Europe/Berlin"))["week"](sunday_evening) == "2026-W47"


def test_reasons_with_other_figures_are_one() -> None:
    kept = replace(SENT, state="withheld", decided_by="")
    outcomes = [
        replace(kept, reason="no article or macro answers this, the best fits 23%"),
        replace(kept, reason="no article or macro answers this, the best fits 11%"),
        replace(kept, reason="the model gave no answer within 20 s"),
    ]

    assert withheld_reasons(outcomes) == {"no article or macro answers this": 2, "the model gave no answer within ## s": 1}

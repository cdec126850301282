"""What reports read of drafts: labels and measures of a period, no words."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot.store import draft_outcomes, drafts
from tests.store.makers import KEY, later
from tests.store.test_drafts import DRAFT


def test_the_drafts_of_a_period_are_read_with_their_labels(connection: Connection) -> None:
    made = replace(DRAFT, created_at=later(hours=1), issue="billing", team="Billing")
    for place, hours in enumerate((0, 1, 2)):
        drafts.add(connection, KEY, replace(made, id=f"d{place}", created_at=later(hours=hours)))
    drafts.move(connection, "d1", "retired", later(hours=3), decided_by="reply", similarity=0.8, band="light_edit")

    found = list(draft_outcomes.made_between(connection, later(hours=1), later(hours=2)))

    assert [(each.state, each.band, each.similarity, each.rule, each.issue, each.team, each.language) for each in found] == [
        ("retired", "light_edit", 0.8, "r1", "billing", "Billing", "en")
    ]
    assert found[0].decided_at == later(hours=3)

"""F66: 200, and a field is as it was. The answer shows it, so the write is flagged and not taken for done."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.codec import loads
from adapters.writes import Plan, SetField
from bot.store import tickets
from bot.store.database.engine import reading
from tests.faults.common import confirmed, outage
from tests.harness.deskhand import Running, deskhand

# What each helpdesk leaves out, the rule's action that asks for it, and the name under which we would remember it.
LEFT_OUT = {
    "zendesk": ("priority", "raise_priority: urgent", "priority"),
    "freshdesk": ("priority", "raise_priority: urgent", "priority"),
    "intercom": ("custom_attributes", "set_field: {field: plan, value: gold}", "field.plan"),
}


@pytest.mark.parametrize("provider", LEFT_OUT)
def test_F66_what_the_answer_does_not_show_is_flagged_and_not_remembered(tmp_path: Path, provider: str) -> None:
    dropped, action, name = LEFT_OUT[provider]
    rules = tmp_path / "left_out.yaml"
    actions = f"[{{{action}}}, {{add_tags: [seen]}}]"
    rules.write_text(f"rules:\n  - id: left-out\n    when: {{subject: {{has: down}}}}\n    then: {actions}\n")
    with deskhand(tmp_path, provider, rules=str(rules)) as run:
        run.desk.faults.order("drop_fields", fields=(dropped,), times=None)

        ticket = outage(run)
        run.settle(60)

        assert "seen" in run.view(ticket).tags
        assert not_applied(run, ticket) == [name]
        with reading(run.parts.engine) as connection:
            _, memory = tickets.snapshot(connection, run.key(ticket))
        assert name not in memory.set_by_us
        assert "seen" in memory.tags_put
        row = run.newest_runs(ticket)[-1]
        assert "not applied" in row["reason"]
        assert len([each for each in confirmed(run, ticket) if each.not_applied]) == 1


def not_applied(run: Running, ticket: str) -> list[str]:
    """The fields that the ledger has as silently not changed."""
    row = run.newest_runs(ticket)[-1]
    plan = loads(Plan, row["plan"])
    found = [plan.writes[place].write for each in confirmed(run, ticket) for place in each.not_applied]
    return [f"field.{write.slug}" if isinstance(write, SetField) else write.kind.removeprefix("set_") for write in found]

"""At Freshdesk calls cost credits, updates have a pace, and tags are replaced as a list: a storm, and a busy agent."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.api_calls import new_ticket
from tests.end_to_end.credits import small_plan, storm
from tests.harness.deskhand import ANNA, delivered, deskhand

RUN = {"GET include=conversations%2Crequester%2Ccompany%2Cstats": 1, "GET ": 1, "PUT ": 1, "POST notes": 1}


def test_a_storm_spends_our_share_and_no_read_is_made_twice(tmp_path: Path) -> None:
    """30 tickets for 100 credits: who must wait has not read yet, and nobody meets a 429."""
    with small_plan(tmp_path, 200) as run:
        found = storm(run, 200, 30, until=8, timeout_s=20.0)

    assert found.noted >= 8
    assert [counts for counts in found.paths.values() if counts != RUN] == []
    assert found.per_ticket <= 12.0
    assert sum(found.minutes) <= 100
    assert found.refused == 0


def test_no_tag_of_an_agent_is_lost_by_default(tmp_path: Path) -> None:
    """Twelve new tickets, and an agent who sets six tags on each: whenever Deskhand has just read, or written."""
    with deskhand(tmp_path, "freshdesk", rules=str(Path(__file__).parent / "api_calls.yaml")) as run:
        set_when: dict[str, set[str]] = {}

        def edit(when: str, path: str) -> None:
            ticket = path.partition("/tickets/")[2].partition("/")[0].partition("?")[0]
            if when not in set_when.setdefault(ticket, set()):
                set_when[ticket].add(when)
                run.desk.agent_update(ticket, agent=ANNA, tags_add=[when])

        def before(method: str, path: str) -> None:
            if "/tickets/" in path and "include" not in path:
                edit(f"before-{method}".lower() if method != "PUT" else "created", path)

        def after(method: str, path: str, status: int) -> None:
            if "/tickets/" in path and ("include" in path or method != "GET"):
                edit(f"after-{method}".lower(), path)

        tickets = [new_ticket(run, number) for number in range(12)]
        for ticket in tickets:
            edit("created", f"/tickets/{ticket}")
        delivered(run.desk)
        run.desk.webhooks.target = None  # what the agent does is not answered here
        run.desk.faults.before_call(before)
        run.desk.faults.after_call(after)
        run.settle()
        found = {ticket: set(run.view(ticket).tags) for ticket in tickets}

    assert sum(len(set_when[ticket]) for ticket in tickets) == 72
    assert {ticket: set_when[ticket] - tags for ticket, tags in found.items() if set_when[ticket] - tags} == {}
    assert all("seen-down" in tags for tags in found.values())

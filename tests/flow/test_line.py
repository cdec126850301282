"""One ticket's whole way, on each helpdesk: webhook in, decision, one set of writes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow.harness import NINA, PROVIDERS, deskhand

each_helpdesk = pytest.mark.parametrize("provider", PROVIDERS)


@each_helpdesk
def test_a_vip_outage_is_sorted_and_gets_one_note(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works since 09:40.")
        run.settle()

        view = run.view(ticket)

        assert (run.priority(ticket), view.team) == ("urgent", "Senior")
        assert "vip-outage" in view.tags
        assert len(view.bot_notes) == 1
        assert "We are on it" in view.bot_notes[0].text
        assert not view.bot_replies

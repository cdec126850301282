"""F90: the model would say something else at the second try: the draft is stored with its plan, and is asked for once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.drafts import Draft, DraftAsk
from tests.faults.common import each_helpdesk, outage, work_once, written
from tests.harness.deskhand import Running, deskhand


class Fickle:
    """Says something else each time."""

    def __init__(self) -> None:
        self.times = 0

    def draft(self, ask: DraftAsk) -> Draft:
        self.times += 1
        return Draft(text=f"This is answer number {self.times}.", language="en")


class Died(BaseException):
    """As a kill: nothing that follows the checkpoint happens."""


def dies_at(run: Running, name: str) -> None:
    def checkpoint(reached: str) -> None:
        if reached == name:
            run.parts.checkpoint = lambda _: None
            raise Died

    run.parts.checkpoint = checkpoint


@each_helpdesk
@pytest.mark.parametrize("place", ["plan_stored", "intent_stored", "request_sent", "response_received"])
def test_F90_a_stored_draft_is_not_asked_for_again(tmp_path: Path, provider: str, place: str) -> None:
    drafter = Fickle()
    with deskhand(tmp_path, provider, drafter=drafter) as run:
        ticket = outage(run)
        dies_at(run, place)
        with pytest.raises(Died):
            work_once(run, ticket)
        run.end_leases()

        run.settle()

        [note] = run.view(ticket).bot_notes
        assert "This is answer number 1." in note.html
        assert drafter.times == 1
        assert written(run, ticket) == 1


@each_helpdesk
def test_F90_a_draft_that_was_not_stored_is_asked_for_again_and_shown_once(tmp_path: Path, provider: str) -> None:
    drafter = Fickle()
    with deskhand(tmp_path, provider, drafter=drafter) as run:
        ticket = outage(run)
        dies_at(run, "drafted")
        with pytest.raises(Died):
            work_once(run, ticket)
        run.end_leases()

        run.settle()

        [note] = run.view(ticket).bot_notes
        assert "This is answer number 2." in note.html
        assert "number 1" not in note.html

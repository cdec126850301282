"""Changing secrets while everything goes on: the key of notes, credentials."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from bot.config import ConfigInvalid, load
from bot.pipeline.claim import run_ticket
from bot.pipeline.restore_recovery import OurMark, notes_since
from bot.runtime.bootstrap import make_runtime
from bot.store import tickets
from bot.store.database.engine import reading
from tests.faults.common import work_once
from tests.harness.deskhand import NINA, PROVIDERS, Running, delivered, deskhand
from tests.harness.servers import wait_for

OLD, NEW = "the-old-key-of-the-notes", "the-new-key-of-the-notes"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_notes_of_the_old_key_are_known_while_it_stands_second(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, marker_key=OLD) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        run.settle()
        helpdesk = run.parts.helpdesk(run.config.settings.accounts[0])
        read, here = helpdesk.hydrate(run.key(ticket)), (helpdesk.identity,)

    assert len(notes_since(read, None, OurMark(keys=(OLD,), helpdesks=here))) == 1
    assert len(notes_since(read, None, OurMark(keys=(NEW, OLD), helpdesks=here))) == 1
    assert notes_since(read, None, OurMark(keys=(NEW,), helpdesks=here)) == []


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_write_on_its_way_is_found_after_the_key_was_changed(tmp_path: Path, provider: str) -> None:
    """The request was applied and its answer lost; the next process has the new key alone."""
    with deskhand(tmp_path, provider, marker_key=OLD) as run:
        run.desk.faults.order("reset_after_commit", method="PUT" if provider == "zendesk" else "POST")
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        delivered(run.desk)
        restart_with(run, OLD, NEW)

        run.settle()

        assert len(run.view(ticket).bot_notes) == 1


def restart_with(run: Running, old: str, new: str) -> None:
    """One run with the old key, whose write's answer is lost; then another process with the new one."""

    def is_ready() -> bool:
        with reading(run.parts.engine) as connection:
            return bool(tickets.ready(connection))

    wait_for("work", is_ready)
    with reading(run.parts.engine) as connection:
        [key] = tickets.ready(connection)
    run_ticket(key, run.parts)
    path = run.config.path
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    run.config = load(path, {})
    drafter = run.parts.drafter
    run.parts.engine.dispose()
    run.parts = make_runtime(run.config)
    run.parts.drafter = drafter


def test_three_keys_are_too_many(tmp_path: Path) -> None:
    with deskhand(tmp_path, "zendesk", marker_key=[NEW, OLD]) as run:
        assert run.config.settings.marker_keys == (NEW, OLD)
        path = run.config.path
    written = path.read_text(encoding="utf-8")
    for wrong in ("[a-key-of-sixteen, b-key-of-sixteen, c-key-of-sixteen]", "[]", "5"):
        broken = [f"marker_key: {wrong}" if line.startswith("marker_key") else line for line in _without_list(written)]
        path.write_text("\n".join(broken), encoding="utf-8")
        with pytest.raises(ConfigInvalid, match="marker_key"):
            load(path, {})


def _without_list(written: str) -> list[str]:
    """The lines, without the items below marker_key."""
    lines, kept, is_inside = written.splitlines(), [], False
    for line in lines:
        if line.startswith("marker_key"):
            is_inside = True
        elif is_inside and line.lstrip().startswith("- the-"):
            continue
        else:
            is_inside = False
        kept.append(line)
    return kept


def test_new_credentials_take_up_what_waited_for_them(tmp_path: Path) -> None:
    """The vendor has taken the old token away: work is held, not lost; with the new one it goes on."""
    with deskhand(tmp_path, "zendesk") as run:
        run.desk.faults.order("401", times=100)
        ticket = run.desk.create_ticket(requester=NINA, subject="Production is down", body="Nothing works.")
        delivered(run.desk)
        work_once(run, ticket)
        assert not run.view(ticket).bot_notes
        assert requests.get(f"{run.address}/metrics", timeout=10).text.count('deskhand_account_held{account="zendesk"} 1.0') == 1
        run.desk.faults.reset()
        with run.parts.engine.begin() as connection:
            connection.execute(text("update accounts set blocked_until = 0"))
            connection.execute(text("update tickets set wake_at = 0"))

        run.settle()

        assert len(run.view(ticket).bot_notes) == 1

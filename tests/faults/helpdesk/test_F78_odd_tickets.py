"""F78: messages of megabytes, threads without end, tickets with hardly a word, and writing of every kind. Reads are bounded, and
nothing falls over. Scaled: 1.2 MB in place of 5, and 150 messages where 20 are kept, in place of 10 000 where 500 are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.adapters.ground import ground_of
from tests.adapters.test_contract import BENCHES
from tests.faults.common import delivery_states, each_helpdesk, set_aside
from tests.harness.deskhand import NINA, PROVIDERS, deskhand

HUGE = "Nothing works. " * 80_000  # 1.2 MB: more than a webhook may have
ODD = {
    "no subject": ("", "Everything is down."),
    "no words": ("", "-"),
    "right to left": ("\u202eהכול מושבת down", "\u200fهل يمكنكم المساعدة؟ \u202e"),
    "zero width": ("d\u200bo\u200bw\u200bn", "\u2060\ufeff\u200d" * 50),
    "emoji": ("Down 🔥👩🏽‍💻", "🏳️‍🌈" * 500 + "\U0010ffff"),
    "control": ("Down\x07\x1b[31m", "Line\u2028line\u2029\x0c"),
    "huge": ("Export of " + "x" * 200, HUGE),
}


@pytest.mark.timeout(300)
@each_helpdesk
def test_F78_no_ticket_is_too_odd_to_be_worked_on(tmp_path: Path, provider: str) -> None:
    with deskhand(tmp_path, provider, flow={"call_deadline_s": 60.0}) as run:
        tickets = {name: run.desk.create_ticket(requester=NINA, subject=s, body=b) for name, (s, b) in ODD.items()}
        run.settle(120)
        run.poll()  # a webhook of over 1 MiB is refused at the door (413); the poll finds its ticket
        run.settle(120)

        assert not set_aside(run)
        assert set(delivery_states(run)) <= {"done", "ignored"}
        for name, ticket in tickets.items():
            assert [row["state"] for row in run.newest_runs(ticket)][-1] == "done", name
        assert "export" in run.view(tickets["huge"]).tags


@pytest.mark.parametrize("provider", PROVIDERS)
def test_F78_of_an_endless_thread_the_newest_are_read(provider: str) -> None:
    with ground_of(BENCHES[provider]()) as ground:
        key = ground.open_ticket()
        for number in range(150):
            ground.desk.customer_reply(key.external_id, f"Message {number}")
        helpdesk = ground.connect(ground.account(max_messages=20), deadline_s=30.0)
        ground.desk.effects.reset()

        ticket = helpdesk.hydrate(key)

        assert ticket.messages[-1].body_text.strip() == "Message 149"
        assert 19 <= len(ticket.messages) <= 22
        assert len(ground.desk.effects.calls(key.external_id)) <= 8

"""A whole story at log level debug with words and secrets planted everywhere: run as a process by test_logs.py.

python -m tests.harness.planted_story zendesk FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import requests

from bot.drafts import Draft, DraftAsk
from bot.log import set_up
from tests.harness.deskhand import ANNA, NINA, Running, ScriptedDrafter, deskhand

WORDS = "Zanzibar"  # in everything that a person writes
JSON = {"Content-Type": "application/json"}


class FailingDrafter(ScriptedDrafter):
    """Fails once with the customer's words in its message."""

    def draft(self, ask: DraftAsk) -> Draft:
        if not self.asked:
            self.asked.append(ask)
            raise ValueError(ask.asked)
        return super().draft(ask)


def tell(run: Running, provider: str) -> None:
    """Everything that could tempt a logger: lost answers, refusals, forged and torn deliveries, a failing drafter."""
    ticket = run.desk.create_ticket(requester=NINA, subject=f"{WORDS} is down", body=f"Call {WORDS} at nina@{WORDS}.example")
    run.settle()
    for fault in ("500", "reset_after_commit", "429", "truncate"):
        run.desk.faults.order(fault, times=2, retry_after=1)
        run.desk.customer_reply(ticket, f"{WORDS} is down again")
        run.settle(30)
    run.desk.faults.reset()
    run.desk.agent_reply(ticket, f"{WORDS} is up", agent=ANNA)
    address = f"{run.address}/webhooks/{provider}"
    for body in (f'{{"subject": "{WORDS}"}}', f'{{"subject": "{WORDS}', f'{{"id": {{"{WORDS}": 1}}}}'):
        forged = {"authorization": f"Bearer {WORDS}", "x-hub-signature": WORDS}
        requests.post(address, data=body, headers=JSON | forged, timeout=10)
        requests.post(address, data=body, headers=JSON | dict(run.desk.sign(body.encode())), timeout=10)
    run.desk.webhooks.again(run.desk.webhooks.sent[0])
    run.settle(30)


def main() -> None:
    """Log lines go to standard error; nothing else is printed but a word at the end."""
    set_up("debug")
    provider, folder = sys.argv[1], Path(sys.argv[2])
    with deskhand(
        folder, provider, drafter=FailingDrafter(), log_level="debug", flow={"runs_per_hour": 50, "late_run_every_s": 0}
    ) as run:
        tell(run, provider)
    print("told")


if __name__ == "__main__":
    main()

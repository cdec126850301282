"""A stand-in helpdesk with tickets that wait for a worker, and real workers as child processes.

The stand-in runs in this process, so that its CPU time is not the workers'. `delay_s` is what each of its answers takes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Engine, update

from adapters.ticket import TicketKey, TicketKind
from bench.measure import cpu_s
from bench.servers import ROOT, START_S
from bot.config import Config, load
from bot.log import set_up
from bot.queue.wakeup import SocketBell, folder_of
from bot.store import accounts, tickets
from bot.store.database.engine import make_engine, reading
from bot.store.database.migrate import migrate
from bot.store.database.schema import accounts as account_table
from sandbox.desk import Desk
from sandbox.freshdesk import FreshdeskDesk
from sandbox.freshdesk.automations import Automation
from sandbox.freshdesk.limits import Limits
from sandbox.intercom.desk import IntercomDesk
from sandbox.serve import running, serving
from sandbox.stories.config import SECRETS, write_config
from sandbox.zendesk import ZendeskDesk
from webhooks import create_app

RULES = Path(__file__).parent / "rules.yaml"
PERSON = "nina.network@northwind.example"
DOWN = "The service is down"


@dataclass(slots=True, kw_only=True)
class Stocked:
    """`desk`: the helpdesk, its webhooks delivered to a receiver beside it."""

    provider: str
    desk: Desk
    config: Config
    engine: Engine
    receiver: str

    def fill(self, count: int) -> list[str]:
        """New tickets, their webhooks stored; no worker has seen them."""
        made = [self.desk.create_ticket(requester=PERSON, subject=DOWN, body=f"Nothing works. ({each})") for each in range(count)]
        if not self.desk.wait_idle(60.0):
            raise TimeoutError("the webhooks were not delivered within a minute")
        return made

    def unfinished(self) -> int:
        with reading(self.engine) as connection:
            return tickets.unfinished(connection)

    def wait_until_done(self, timeout_s: float, every_s: float = 0.02) -> None:
        """Raises TimeoutError. Looking costs the machine something, too: `every_s`."""
        ends_at = time.monotonic() + timeout_s
        while self.unfinished():
            if time.monotonic() > ends_at:
                raise TimeoutError(f"{self.unfinished()} tickets still have work")
            time.sleep(every_s)

    @contextmanager
    def deaf(self) -> Iterator[None]:
        """No webhook comes meanwhile: what workers write makes no work of its own."""
        target, self.desk.webhooks.target = self.desk.webhooks.target, None
        try:
            yield
        finally:
            self.desk.webhooks.target = target

    def slow(self, delay_s: float) -> None:
        """Each call takes so much longer from now on."""
        self.desk.faults.before_call(lambda method, path: time.sleep(delay_s))


@contextmanager
def stocked(provider: str = "zendesk", **settings: Any) -> Iterator[Stocked]:
    """A helpdesk, a receiver and an empty database. `settings` go into config.yaml."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="deskhand-bench-")))
        desk = desk_of(provider)
        address = stack.enter_context(running(desk))
        flow = {"rule_firings_per_hour": None, **settings.get("flow", {})}  # what is measured fires more often than it would
        chosen = {"rules": [str(RULES)], "log_level": "error", **settings, "flow": flow}
        set_up("error")
        config = load(write_config(folder, {provider: address}, 0, datetime.now(UTC), **chosen), {})
        engine = make_engine(config.database_url)
        stack.callback(engine.dispose)
        migrate(engine)
        app = create_app(config, engine)
        stack.callback(app.extensions["deskhand"].close)
        receiver = stack.enter_context(serving(app))
        desk.webhooks.target = f"{receiver}/webhooks/{provider}"
        yield Stocked(provider=provider, desk=desk, config=config, engine=engine, receiver=receiver)


def desk_of(provider: str) -> Desk:
    """Without plan limits; Freshdesk's rules leave out what our own user does, as docs/providers says to set it up."""
    options: dict[str, Any] = {"secret": SECRETS[provider], "time_scale": 0.001}
    if provider == "freshdesk":
        automation = Automation(except_agents=frozenset({"deskhand.bot@example.com"}))
        return FreshdeskDesk(limits=Limits(per_minute=None), automation=automation, **options)
    return ZendeskDesk(**options) if provider == "zendesk" else IntercomDesk(**options)


@dataclass(frozen=True, slots=True)
class Worked:
    """`took_s`: from the start of the work to the last ticket done. `cpu_s`: of all workers. `calls`: to the helpdesk."""

    took_s: float
    cpu_s: float
    calls: int


@dataclass(slots=True)
class Workers:
    """Workers that are up and have nothing to do: the account is blocked until all of a backlog is there."""

    stock: Stocked
    pids: Sequence[int]

    def drain(self, count: int, timeout_s: float = 600.0) -> Worked:
        """Make `count` tickets, then let all workers go at once until nothing waits."""
        stock = self.stock
        with stock.engine.begin() as connection:
            accounts.block(connection, stock.provider, 3600.0)
        stock.fill(count)
        time.sleep(1.1)  # Zendesk's stamps count whole seconds: a younger ticket would be waited for
        with stock.deaf():
            calls, before, begun = len(stock.desk.effects.calls()), self._cpu_s(), time.monotonic()
            with stock.engine.begin() as connection:
                connection.execute(update(account_table).values(blocked_until=0))
            SocketBell(folder_of(stock.config)).ring(TicketKey(stock.provider, TicketKind.TICKET, "any"))
            stock.wait_until_done(timeout_s, every_s=0.1)  # a hundredth of what a drain takes
            took_s = time.monotonic() - begun
        return Worked(took_s, self._cpu_s() - before, len(stock.desk.effects.calls()) - calls)

    def _cpu_s(self) -> float:
        return sum(cpu_s(pid) for pid in self.pids)


@contextmanager
def workers(stock: Stocked, count: int) -> Iterator[Workers]:
    """`count` embedded workers, warm."""
    ears = folder_of(stock.config)
    with started(stock.config, ["worker --no-ticker"] * count) as pids:
        ends_at = time.monotonic() + START_S
        while len([*ears.glob("*.sock")]) < count:
            if time.monotonic() > ends_at:
                raise TimeoutError((stock.config.path.parent / "workers.log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)
        yield Workers(stock, pids)


@contextmanager
def started(config: Config, commands: Sequence[str], environment: Mapping[str, str] | None = None) -> Iterator[list[int]]:
    """Child processes of Deskhand: `python -m <command> --config …`, ended at the end; their process ids."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DESKHAND_")}
    with (config.path.parent / "workers.log").open("ab") as log:
        children = [
            subprocess.Popen(
                [sys.executable, "-m", *command.split(), "--config", str(config.path)],
                cwd=ROOT,
                env={**inherited, **(environment or {})},
                stdout=log,
                stderr=log,
            )
            for command in commands
        ]
        try:
            yield [child.pid for child in children]
        finally:
            for child in children:
                child.terminate()
            for child in children:
                try:
                    child.wait(20)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait(10)

"""An account on its stand-in helpdesk, on loopback, with time that can be moved: where the contract's checks stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from adapters.errors import (
    SignatureInvalid,
)
from adapters.helpdesk import Account, Adapter, DictCache, Helpdesk, WebhookSecurity
from adapters.ticket import Ticket, TicketKey
from adapters.transport import Transport
from adapters.writes import (
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    Request,
    Result,
    Write,
)
from sandbox.desk import Desk, TicketView
from sandbox.serve import running

ANNA = "anna.agent@example.com"
LENA = "lead.lena@example.com"
OTTO = "otto.ops@northwind.example"
MARKER = "K7QX2M3A"
NOTE = Note(html=f"<p>Suggested reply, not sent: {MARKER}</p>", marker=MARKER)
OTHER_SECRET = "another-secret-of-forty-characters-00000"
PACE_S = 3.0  # past every vendor's version stamp and past what counts as a fresh snapshot
E = TypeVar("E", bound=Exception)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What the suite must know of a provider beyond its adapter.

    `signs_body`: the proof covers the body. `window_s`: how old, and how far ahead, a signed time may be; None where no time
    is signed. `sees_conflicts`: a write on an old snapshot notices that somebody changed the field, by the vendor's condition
    or by a look before it. `unknown_event`: a delivery of a kind that nobody has heard of. `wrong_payload`: one that names no
    readable ticket, and the path that the refusal must name.
    """

    adapter: Adapter
    desk: Callable[..., Desk]
    credentials: Mapping[str, str]
    signs_body: bool
    window_s: tuple[int, int] | None
    sees_conflicts: bool
    unknown_event: Mapping[str, Any]
    wrong_payload: Mapping[str, Any]
    wrong_path: str
    options: Mapping[str, Any] = field(default_factory=dict)


class Ground:
    """An account on its stand-in. `adapter` may be a broken one."""

    def __init__(self, bench: Bench, adapter: Adapter, desk: Desk, address: str) -> None:
        self.bench = bench
        self.adapter = adapter
        self.desk = desk
        self.address = address
        self.helpdesk = self.connect(self.account())

    def account(self, **changes: Any) -> Account:
        settings: dict[str, Any] = {
            "credentials": self.bench.credentials,
            "webhook": WebhookSecurity(secrets=(self.desk.secret,)),
            "company_fields": {"tier": "tier", "arr": "arr", "mrr": "mrr", "csm": "csm"},
            "options": self.bench.options,
        }
        return Account(name="main", provider=self.adapter.provider, address=self.address, **(settings | changes))

    def connect(self, account: Account, deadline_s: float = 5.0) -> Helpdesk:
        transport = Transport(account.address, allow_private=True, deadline_s=deadline_s)
        return Helpdesk(self.adapter, account, self.adapter.connect_api(account, transport, DictCache()))

    def open_ticket(self, **changes: Any) -> TicketKey:
        """A customer of Northwind writes in; the key is what our own parse makes of the webhook."""
        order = {"requester": OTTO, "subject": "Everything is down", "body": "Nothing loads since nine.", "tags": ["outage"]}
        with self.webhooks_of() as bodies:
            external_id = self.desk.create_ticket(**(order | changes))
        kinds = {event.ticket for body in bodies() for event in self.bench.adapter.parse({}, body, "main") if event.ticket}
        return next(key for key in kinds if key.external_id == external_id)

    @contextmanager
    def webhooks_of(self) -> Iterator[Callable[[], list[bytes]]]:
        before = len(self.desk.webhooks.sent)
        yield lambda: [delivery.body for delivery in list(self.desk.webhooks.sent)[before:]]

    def delivery(self) -> bytes:
        with self.webhooks_of() as bodies:
            self.desk.create_ticket(requester=OTTO, subject="Everything is down", body="Nothing loads since nine.")
        return bodies()[0]

    def headers(self, body: bytes) -> dict[str, str]:
        return {name.lower(): value for name, value in self.desk.sign(body).items()}

    def verify(self, headers: Mapping[str, str], body: bytes, security: WebhookSecurity) -> None:
        self.adapter.verify(headers, body, security, self.desk.clock())

    def lets_in(self, headers: Mapping[str, str], body: bytes, security: WebhookSecurity, at: datetime) -> bool:
        try:
            self.adapter.verify(headers, body, security, at)
        except SignatureInvalid:
            return False
        return True

    def read(self, key: TicketKey) -> Ticket:
        """The ticket as a run would hold it some seconds later."""
        ticket = self.helpdesk.hydrate(key)
        aged = ticket.read_at - timedelta(seconds=PACE_S) if ticket.read_at else None
        self.wait()
        return replace(ticket, read_at=aged)

    def wait(self) -> None:
        moved = self.desk.clock() + timedelta(seconds=PACE_S) - datetime.now(UTC)
        self.desk.clock = lambda: datetime.now(UTC) + moved

    def requests(self, ticket: Ticket, *writes: Write) -> list[Request]:
        plan = Plan(ticket=ticket.key, writes=tuple(PlannedWrite(write=write) for write in writes), run_id="run-1")
        return self.helpdesk.to_requests(plan, ticket)

    def write(self, ticket: Ticket, *writes: Write) -> list[Outcome]:
        return [self.helpdesk.send(request) for request in self.requests(ticket, *writes)]

    def write_until_settled(self, key: TicketKey, ticket: Ticket, *writes: Write) -> None:
        """As a run does it: a conflict means to read again and to try again, three times at most."""
        for _ in range(4):
            outcomes = self.write(ticket, *writes)
            if all(outcome.result is not Result.CONFLICT for outcome in outcomes):
                return
            ticket = self.read(key)
        raise AssertionError("a conflict did not end")

    def view(self, key: TicketKey) -> TicketView:
        return self.desk.view(key.external_id)

    def sent_writes(self, key: TicketKey) -> int:
        return len(
            [call for call in self.desk.effects.calls() if call.method not in ("GET", "HEAD") and not _is_search(call.path)]
        )


def _is_search(path: str) -> bool:
    return path.endswith("/search")


@contextmanager
def ground_of(bench: Bench, adapter: Adapter | None = None) -> Iterator[Ground]:
    desk = bench.desk()
    with running(desk) as address:
        yield Ground(bench, adapter or bench.adapter, desk, address)


def error_of(kind: type[E], call: Callable[..., object], *arguments: object) -> E:
    """The error that the call must raise."""
    try:
        call(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")

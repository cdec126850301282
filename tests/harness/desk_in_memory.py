"""A helpdesk in memory behind the adapters' port: it keeps one account's tickets, applies requests as a vendor does (with a
conditional write or without one), and goes wrong as it is told. Time stands still until a test lets it pass.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.codec import dumps, loads, to_json
from adapters.errors import AccessDenied, HelpdeskDown, Outdated, RateLimited, TicketGone
from adapters.helpdesk import Account, Adapter, Helpdesk, PollPage
from adapters.ticket import (
    Agent,
    AuthorKind,
    Direction,
    Message,
    MessageKind,
    Priority,
    Provider,
    Status,
    Team,
    Ticket,
    TicketKey,
    TicketKind,
    Visibility,
)
from adapters.writes import (
    AddTags,
    Capability,
    Note,
    Outcome,
    Plan,
    PlannedWrite,
    Refusal,
    Reply,
    Request,
    Result,
    SetPriority,
    Support,
)
from bot.writes import planner

KEY = TicketKey("acme", TicketKind.TICKET, "42")
START = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
US = Agent(external_id="7", name="Deskhand", email="deskhand.bot@example.com", is_bot=True)
ANNA = Agent(external_id="8", name="Anna Agent", email="anna.agent@example.com")
TEAMS = (Team(external_id="t1", name="Tier 1"), Team(external_id="t2", name="Tier 2"))
MARKER = "MARKER01"
NOTE = Note(html=f"<p>id {MARKER}</p>", marker=MARKER)
URGENT = SetPriority(priority=Priority.URGENT)
VIP = AddTags(tags=frozenset({"vip"}))


@dataclass(slots=True)
class Desk:
    """A helpdesk account. `faults`, `read_faults`: what the next writes and reads come to, "" for well (see `_fault`, `_read`).

    `before(verb)` is called before each call: an agent may act there. `after_send()` when a write is applied and not answered.
    """

    is_conditional: bool = False
    now: datetime = START
    tickets: dict[TicketKey, Ticket] = field(default_factory=dict)
    past: list[tuple[datetime, dict[TicketKey, Ticket]]] = field(default_factory=list)
    late: list[tuple[datetime, Request]] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    read_faults: deque[str] = field(default_factory=deque)
    before: Callable[[str], None] = lambda verb: None
    after_send: Callable[[], None] = lambda: None
    may_write: Callable[[], None] = lambda: None
    applied: list[Request] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    pages: list[PollPage | Exception] = field(default_factory=list)
    polled_from: list[str] = field(default_factory=list)
    grain_s: float = 0.0
    last_id: int = 100

    def __post_init__(self) -> None:
        made = Ticket(account=KEY.account, external_id=KEY.external_id, subject="It is down", status=Status.OPEN)
        self.put(replace(made, created_at=self.now))

    # what people do

    def put(self, ticket: Ticket) -> None:
        """The ticket as it is from now on, with a new version."""
        self.last_id += 1
        self.past.append((self.now, dict(self.tickets)))
        self.tickets[ticket.key] = replace(ticket, version=str(self.last_id) if self.is_conditional else "", updated_at=self.now)

    @property
    def ticket(self) -> Ticket:
        return self.tickets[KEY]

    def edit(self, **fields: Any) -> None:
        self.put(replace(self.ticket, **fields))

    def say(self, words: str, *, by: Agent | None = None, is_public: bool = True, marker: str = "", key: TicketKey = KEY) -> str:
        """A message of the customer, or of an agent (or of us); its id."""
        kind = MessageKind.MESSAGE if is_public else MessageKind.NOTE
        direction = Direction.NONE if not is_public else (Direction.OUT if by else Direction.IN)
        message = Message(
            external_id=str(self.last_id + 1),
            author_kind=AuthorKind.AGENT if by else AuthorKind.PERSON,
            author_id=by.external_id if by else "c1",
            direction=direction,
            visibility=Visibility.PUBLIC if is_public else Visibility.INTERNAL,
            kind=kind,
            body_text=words,
            body_html=words,
            created_at=self.now,
            is_ours=by is US,
        )
        self.put(replace(self.tickets[key], messages=(*self.tickets[key].messages, message)))
        return message.external_id

    def notes(self, marker: str = MARKER) -> list[str]:
        """The ids of our notes with this marker."""
        return [
            each.external_id for each in self.ticket.messages if each.is_ours and not each.is_public and marker in each.body_html
        ]

    def replies(self) -> list[str]:
        return [each.body_text for each in self.ticket.messages if each.is_ours and each.is_public]

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what was late lands meanwhile."""
        until = self.now + timedelta(seconds=seconds)
        for at, request in sorted((each for each in self.late if each[0] <= until), key=lambda each: each[0]):
            self.late.remove((at, request))
            self.now = max(self.now, at)
            self._apply(request)
        self.now = until

    # what the adapter's port asks

    def hydrate(self, key: TicketKey) -> Ticket:
        self._called("hydrate")
        ticket = self._read(self.read_faults.popleft() if self.read_faults else "", key)
        return replace(ticket, read_at=self.now)

    def _read(self, fault: str, key: TicketKey) -> Ticket:
        name, _, seconds = fault.partition(":")
        if name == "stale":
            seen = [state for at, state in self.past if at > self.now - timedelta(seconds=float(seconds))]
            return (seen[0] if seen and key in seen[0] else self.tickets)[key]
        _raise(name)
        if key not in self.tickets:
            raise TicketGone
        return self.tickets[key]

    def find_marker(self, key: TicketKey, marker: str) -> str | None:
        self._called("find_marker")
        ticket = self._read(self.read_faults.popleft() if self.read_faults else "", key)
        found = (each.external_id for each in reversed(ticket.messages) if each.is_ours and marker in each.body_html)
        return next(found, None)

    def to_requests(self, plan: Plan, ticket: Ticket) -> list[Request]:
        """With a conditional write: everything but replies in one request. Else: fields, then each note and reply by itself."""
        places = range(len(plan.writes))
        said = [place for place in places if isinstance(plan.writes[place].write, Note | Reply)]
        apart = [place for place in said if not self.is_conditional or isinstance(plan.writes[place].write, Reply)]
        together = [place for place in places if place not in apart]
        groups = [group for group in (together, *([place] for place in apart)) if group]
        return [self._request(plan, ticket, number, group) for number, group in enumerate(groups)]

    def _request(self, plan: Plan, ticket: Ticket, number: int, group: list[int]) -> Request:
        writes = [plan.writes[place].write for place in group]
        return Request(
            ticket=ticket.key,
            number=number,
            operation="+".join(write.kind for write in writes),
            arguments={"writes": to_json([PlannedWrite(write=write) for write in writes]), "version": ticket.version},
            writes=tuple(group),
            is_repeatable=not any(isinstance(write, Note | Reply) for write in writes),
            is_conditional=self.is_conditional,
            is_public=any(isinstance(write, Reply) for write in writes),
            marker=next((write.marker for write in writes if isinstance(write, Note)), ""),
        )

    def send(self, request: Request) -> Outcome:
        self._called("send")
        self.may_write()
        return self._fault(self.faults.popleft() if self.faults else "", request)

    def _fault(self, fault: str, request: Request) -> Outcome:
        name, _, seconds = fault.partition(":")
        _raise(name)
        match name:
            case "lost":
                return Outcome(result=Result.UNKNOWN, reason="connection lost")
            case "late":
                self.late.append((self.now + timedelta(seconds=float(seconds)), request))
                return Outcome(result=Result.UNKNOWN, reason="connection lost")
            case "conflict":
                self.edit()
                return Outcome(result=Result.CONFLICT)
            case "rejected":
                return Outcome(result=Result.REJECTED, reason="the vendor refused it")
            case "refused":  # "refused:1,2" names the plan's second and third write, "refused" nothing
                named = tuple(Refusal(place=int(each)) for each in seconds.split(",") if each)
                return Outcome(result=Result.REJECTED, reason="422 invalid", refused=named, is_about_values=True)
            case "refused_tag":
                named = (Refusal(place=request.writes[0], tag=seconds),)
                return Outcome(result=Result.REJECTED, reason="422 invalid", refused=named, is_about_values=True)
            case "not_applied":
                return Outcome(result=Result.CONFIRMED, not_applied=request.writes)
        done = self._apply(request)
        self.after_send()
        return Outcome(result=Result.UNKNOWN, reason="connection lost") if name == "answer_lost" else done

    def _apply(self, request: Request) -> Outcome:
        if request.ticket not in self.tickets:
            raise TicketGone
        ticket = self.tickets[request.ticket]
        if self.is_conditional and request.arguments["version"] != ticket.version:
            return Outcome(result=Result.CONFLICT)
        self.applied.append(request)
        writes = [each.write for each in loads(tuple[PlannedWrite, ...], dumps(request.arguments["writes"]))]
        left = planner.with_people(planner.after(ticket, writes), writes, lambda: TEAMS, lambda: (ANNA, US))
        self.put(left)
        said = ""
        for write in writes:
            match write:
                case Note(html=html):
                    said = self.say(html, by=US, is_public=False, key=request.ticket)
                case Reply(text=text):
                    said = self.say(text, by=US, key=request.ticket)
                case _:
                    pass
        return Outcome(result=Result.CONFIRMED, external_id=said)

    def poll(self, cursor: str) -> PollPage:
        self._called("poll")
        self.polled_from.append(cursor)
        page = self.pages.pop(0) if self.pages else PollPage(events=(), cursor=cursor)
        if isinstance(page, Exception):
            raise page
        return page

    def _called(self, verb: str) -> None:
        self.calls.append(verb)
        self.before(verb)

    def helpdesk(self) -> Helpdesk:
        provider = Provider.ZENDESK if self.is_conditional else Provider.FRESHDESK
        adapter = Adapter(
            provider=provider,
            stamp_grain_s=self.grain_s,
            capabilities=_Everything(),
            verify=_unused,
            parse=_unused,
            connect_api=_unused,
            hydrate=lambda key, api: self.hydrate(key),
            to_requests=lambda plan, ticket, api: self.to_requests(plan, ticket),
            send=lambda request, api: self.send(request),
            find_marker=lambda key, marker, api: self.find_marker(key, marker),
            poll=lambda cursor, now, api: self.poll(cursor),
            me=lambda api: US,
            macros=lambda api: [],
            preview=_unused,
            teams=lambda api: list(TEAMS),
            agents=lambda api: [ANNA, US],
        )
        return Helpdesk(adapter, Account(name=KEY.account, provider=provider, address="http://127.0.0.1:1"), None)


class _Everything(dict[str, Capability]):
    def __missing__(self, kind: str) -> Capability:
        return Capability(support=Support.YES)


def _unused(*given: Any) -> Any:
    raise AssertionError("the fast desk is not asked this")


def _raise(name: str) -> None:
    errors = {
        "gone": TicketGone(),
        "limited": RateLimited(1.0),
        "down": HelpdeskDown("down"),
        "denied": AccessDenied("401"),
        "outdated": Outdated(),
    }
    if name in errors:
        raise errors[name]

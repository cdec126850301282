"""Plays a story on a stand-in helpdesk, in this process (Desk) or another (RemoteDesk), and tells which tickets it made.

When Deskhand has done its part is read off the helpdesk alone: a note stands there, or nobody has called its API about
the ticket for a moment. So stories need no door into Deskhand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sandbox.desk import TicketView
from sandbox.effects import Effect
from sandbox.stories.expect import Difference, compare
from sandbox.stories.story import MAIN, Step, Story


class StoryDesk(Protocol):
    """The verbs of sandbox.desk.Desk that stories use; what they mean stands there."""

    @property
    def name(self) -> str: ...
    def create_ticket(
        self,
        *,
        requester: str,
        subject: str,
        body: str,
        channel: str = "email",
        tags: Sequence[str] = (),
        locale: str | None = None,
        auto_generated: bool = False,
        cc: Sequence[str] = (),
        agent: str | None = None,
    ) -> str: ...
    def customer_reply(self, ticket: str, body: str, author: str | None = None, *, auto_generated: bool = False) -> str: ...
    def agent_reply(self, ticket: str, body: str, agent: str) -> str: ...
    def agent_note(self, ticket: str, body: str, agent: str) -> str: ...
    def agent_update(
        self,
        ticket: str,
        *,
        agent: str,
        tags_add: Iterable[str] = (),
        tags_remove: Iterable[str] = (),
        priority: str | None = None,
        status: str | None = None,
        assignee: str | None = None,
        team: str | None = None,
    ) -> None: ...
    def merge(self, ticket: str, into: str, agent: str) -> None: ...
    def rate(self, ticket: str, score_1_5: int, comment: str = "") -> None: ...
    def delete(self, ticket: str) -> None: ...
    def mark_spam(self, ticket: str) -> None: ...
    def view(self, ticket: str) -> TicketView: ...


@dataclass(slots=True)
class Pace:
    """How long the player waits, in seconds. `calls`: how many API calls a helpdesk has seen about a ticket, None where
    nobody is listening (a desk alone): then nothing is waited for. `quiet_s`: that long no call means Deskhand is done."""

    calls: Callable[[str], int] | None = None
    quiet_s: float = 4.0
    patience_s: float = 60.0
    tick_s: float = 0.2
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.monotonic
    rest: Callable[[Step], None] | None = None  # brings Deskhand to rest, where it runs in this process: nothing is looked for


@dataclass(slots=True)
class Played:
    """What became of a story on one desk: `tickets` by label, and what it waited for in vain."""

    story: Story
    desk: StoryDesk
    tickets: dict[str, str] = field(default_factory=dict)
    calls_before: int = -1  # API calls about the story's tickets when its newest step was done
    missed: list[str] = field(default_factory=list)

    def views(self) -> dict[str, TicketView]:
        return {label: self.desk.view(ticket) for label, ticket in self.tickets.items()}

    def differences(self, effects: Callable[[str], Sequence[Effect]] | None = None) -> list[Difference]:
        """How the tickets differ from what the story expects. `effects`: what Deskhand wrote in a ticket."""
        found = [Difference(ticket=MAIN, what=missed, wanted="within the time", found="not") for missed in self.missed]
        for label, expected in self.story.expect.items():
            ticket = self.tickets[label]
            written = effects(ticket) if effects else ()
            found += compare(self.desk.name, label, expected, self.desk.view(ticket), written)
        return found


def play(story: Story, desk: StoryDesk, pace: Pace | None = None) -> Played:
    """All steps of the story, in order."""
    pace = pace or Pace()
    played = Played(story, desk)
    for step in story.steps:
        _wait(step, played, pace)
        played.calls_before = _count(played, pace)
        for number in range(1, step.times + 1):
            _act(step, number, played)
    return played


def wait_settled(played: Played, pace: Pace) -> bool:
    """Until somebody has called about each of the story's tickets, and since its newest step, and then nobody for a while. False
    where it took too long."""
    if pace.calls is None:
        return True
    until, quiet_since, before = pace.now() + pace.patience_s, pace.now(), -1
    while pace.now() < until:
        count = _count(played, pace)
        if count != before:
            quiet_since, before = pace.now(), count
        elif count > played.calls_before and pace.now() - quiet_since >= pace.quiet_s and _is_each_met(played, pace.calls):
            return True
        pace.sleep(pace.tick_s)
    return False


def _is_each_met(played: Played, calls: Callable[[str], int]) -> bool:
    """A ticket may wait while its neighbours are worked on: it has been left alone only once it was met."""
    return all(calls(ticket) for ticket in played.tickets.values())


def _count(played: Played, pace: Pace) -> int:
    return sum(pace.calls(ticket) for ticket in played.tickets.values()) if pace.calls else 0


def _wait(step: Step, played: Played, pace: Pace) -> None:
    if step.when == "at_once" or (pace.calls is None and pace.rest is None):
        return
    if pace.rest is not None:
        pace.rest(step)
    elif step.when == "settled" and not wait_settled(played, pace):
        played.missed.append("Deskhand came to rest")
    if step.when == "noted" and not _wait_noted(played, step.ticket, pace):
        played.missed.append("Deskhand's note")


def _wait_noted(played: Played, label: str, pace: Pace) -> bool:
    """Whether Deskhand's first note stands in the ticket, within the time; at rest it writes none any more."""
    until = pace.now() + pace.patience_s
    while not played.desk.view(played.tickets[label]).bot_notes:
        if pace.rest is not None or pace.now() > until:
            return False
        pace.sleep(pace.tick_s)
    return True


def _act(step: Step, number: int, played: Played) -> None:
    """One verb of the desk."""
    desk, body = played.desk, step.body.replace("{n}", str(number)).strip()
    if step.does == "create":
        played.tickets[step.ticket] = _create(step, body, desk)
        return
    ticket = played.tickets[step.ticket]
    match step.does:
        case "reply" if step.is_agent:
            desk.agent_reply(ticket, body, step.who)
        case "reply":
            desk.customer_reply(ticket, body, step.who, auto_generated=step.auto_generated)
        case "note":
            desk.agent_note(ticket, body, step.who)
        case "update":
            desk.agent_update(ticket, **_changes(step))
        case "merge":
            desk.merge(ticket, played.tickets[step.into or MAIN], step.who)
        case "rate":
            desk.rate(ticket, step.score or 5, body)
        case "delete":
            desk.delete(ticket)
        case "mark_spam":
            desk.mark_spam(ticket)


def _create(step: Step, body: str, desk: StoryDesk) -> str:
    requester = step.opens_for or step.who
    return desk.create_ticket(
        requester=requester,
        subject=step.subject,
        body=body,
        channel=step.channel,
        tags=step.tags_add,
        locale=step.locale,
        auto_generated=step.auto_generated,
        cc=step.cc,
        agent=step.who if step.is_agent else None,
    )


def _changes(step: Step) -> dict[str, Any]:
    names = ("tags_add", "tags_remove", "priority", "status", "assignee", "team")
    return {"agent": step.who} | {name: getattr(step, name) for name in names if getattr(step, name)}

"""Asking beside the detectors: once a message, never waited for where it is grave, and late answers as an event, once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

import worker
from adapters.ticket import EventType, Message, Provider, Ticket, TicketKey
from bot.config import ModelSettings
from bot.drafts.llm.chat_completion import Answered, CompletionFailed, Messages
from bot.opinions.asking import Asker
from bot.opinions.request import FAILED_IN_A_ROW, LATE_IN_A_ROW, MOST_AT_ONCE, PAUSE, Asked, Late, Opinions
from bot.store import deliveries, tickets
from bot.store.database.engine import reading
from bot.store.models import opinions
from rules.model.facts import Signal
from rules.values.own_issues import NO_OWN_ISSUES
from tests.opinions.makers import MODEL, TEXT, answer, part
from tests.store.conftest import engine as engine
from tests.store.conftest import sqlite_template as sqlite_template

NOW = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
GOOD = answer(issues=[part("data_loss.missing.disappeared", "All our photos are gone")])
LONG_S = 60.0  # nobody waits that long: an event comes before
CALM = {"severity": Signal(value="p3")}


class Gate:
    """An endpoint that answers when it is told to. `asked`: how often it was; `opened`: it answers from then on."""

    def __init__(self, says: str | Exception = GOOD, *, is_open: bool = True) -> None:
        self.says = says
        self.asked = 0
        self.opened = threading.Event()
        self.reached = threading.Semaphore(0)
        if is_open:
            self.opened.set()

    def __call__(self, settings: ModelSettings, messages: Messages, ends_at: float) -> Answered:
        self.asked += 1
        self.reached.release()
        assert self.opened.wait(LONG_S)
        if isinstance(self.says, Exception):
            raise self.says
        return Answered(text=self.says)


def ticket(text: str = TEXT, id: str = "7", message: str = "m1", **more: Any) -> Ticket:
    said = Message(body_text=text, external_id=message)
    given = {"account": "acme", "provider": Provider.ZENDESK, "external_id": id, "subject": "Help", "messages": (said,)}
    return Ticket(**{**given, **more})


class Asking:
    """Makes what asks; whoever asks ends with the test."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: list[tuple[Opinions, Gate]] = []

    def __call__(self, gate: Gate, patience_s: float = LONG_S, now: Callable[[], datetime] = lambda: NOW) -> Opinions:
        made = Opinions(engine=self._engine, asker=Asker(MODEL, complete=gate), clock=now, patience_s=patience_s)
        self._made.append((made, gate))
        return made

    def end(self) -> None:
        for _, gate in self._made:
            gate.opened.set()
        assert all(made.close(LONG_S) for made, _ in self._made)


def ask(made: Opinions, about: Ticket, *, is_news: bool = True) -> Asked | None:
    return made.of(about, NO_OWN_ISSUES, is_news=is_news)


def told(asked: Asked | None, detected: dict[str, Signal] | None = None) -> Any:
    found = asked.signals(CALM if detected is None else detected) if asked else {}
    return found["opinion.issues"].value if found else None


@pytest.fixture
def gate() -> Gate:
    return Gate(is_open=False)


@pytest.fixture
def asking(engine: Engine) -> Iterator[Asking]:
    made = Asking(engine)
    yield made
    made.end()


def in_inbox(engine: Engine, key: TicketKey) -> list[EventType]:
    with reading(engine) as connection:
        return [event.type for each in deliveries.pending(connection, key) for event in each.events]


def test_an_answer_in_time_is_a_signal_and_no_event(engine: Engine, asking: Asking) -> None:
    asked = ask(asking(Gate()), ticket())

    assert told(asked) == ("data_loss.missing.disappeared",)
    assert asked
    asked.hand_over(late(engine))
    assert in_inbox(engine, ticket().key) == []


def test_a_message_is_asked_about_once(asking: Asking) -> None:
    gate = Gate()
    made = asking(gate)
    first, again = told(ask(made, ticket())), told(ask(made, ticket()))
    elsewhere = told(ask(asking(gate), ticket(), is_news=False))

    assert first == again == elsewhere is not None
    assert gate.asked == 1
    assert told(ask(made, ticket(message="m2", text="And now the videos are gone, too."))) == ()
    assert gate.asked == 2


def test_equal_words_are_not_asked_about_again(asking: Asking) -> None:
    gate = Gate()
    made = asking(gate)

    found = [told(ask(made, ticket(id=id))) for id in ("7", "8")]

    assert found == [("data_loss.missing.disappeared",)] * 2
    assert gate.asked == 1


@pytest.mark.parametrize("severity", ["p1", "p2"])
def test_nobody_waits_where_the_detectors_say_that_it_is_grave(asking: Asking, gate: Gate, severity: str) -> None:
    asked = ask(asking(gate), ticket())

    assert told(asked, {"severity": Signal(value=severity)}) is None  # with the gate closed, whoever waits waits for LONG_S


def test_a_late_answer_is_kept_and_an_event_once(engine: Engine, asking: Asking, gate: Gate) -> None:
    rung = threading.Event()
    made = asking(gate, patience_s=0.0)
    asked = ask(made, ticket())
    assert asked
    assert told(asked) is None

    asked.hand_over(late(engine, rung))
    gate.opened.set()

    assert rung.wait(LONG_S)
    assert in_inbox(engine, ticket().key) == [EventType.OPINION_READY]
    assert told(ask(made, ticket(), is_news=False)) == ("data_loss.missing.disappeared",)
    late(engine).bring(ticket().key, "m1")
    assert in_inbox(engine, ticket().key) == [EventType.OPINION_READY]
    assert gate.asked == 1
    with reading(engine) as connection:
        assert opinions.figures(connection).late == 1


def test_an_answer_between_the_wait_and_the_stored_plan_is_an_event_too(engine: Engine, asking: Asking, gate: Gate) -> None:
    made = asking(gate, patience_s=0.0)
    asked = ask(made, ticket())
    assert asked
    assert told(asked) is None
    gate.opened.set()
    assert asked._done.wait(LONG_S)

    asked.hand_over(late(engine))

    assert in_inbox(engine, ticket().key) == [EventType.OPINION_READY]


def test_a_run_that_comes_again_has_the_answer_that_is_under_way(asking: Asking, gate: Gate) -> None:
    made = asking(gate)
    first = ask(made, ticket())  # its run dies here
    assert gate.reached.acquire(timeout=LONG_S)

    assert ask(made, ticket()) is first
    gate.opened.set()
    assert told(first) == ("data_loss.missing.disappeared",)


def test_an_answer_for_who_was_erased_meanwhile_is_nobodys(engine: Engine, asking: Asking, gate: Gate) -> None:
    made = asking(gate)
    asked = ask(made, ticket())
    with engine.begin() as connection:
        opinions.forget(connection, ticket().key)
    gate.opened.set()

    assert told(asked) is None
    with reading(engine) as connection:
        assert opinions.find(connection, ticket().key, "m1") is None


def test_a_failure_is_kept_and_not_tried_again(asking: Asking) -> None:
    gate = Gate(CompletionFailed("the model cannot be reached (APIConnectionError)"))
    made = asking(gate)

    assert told(ask(made, ticket())) is None
    assert ask(made, ticket()) is None
    assert gate.asked == 1


@pytest.mark.parametrize(
    "about",
    [
        ticket(is_writable=False),
        ticket(is_spam=True),
        ticket(text="", subject=""),
        ticket(messages=(Message(body_text="Away until Monday, back then.", external_id="m1", is_auto_generated=True),)),
    ],
    ids=["closed", "spam", "no words", "a machine's"],
)
def test_some_tickets_are_nobodys_question(asking: Asking, about: Ticket) -> None:
    gate = Gate()

    assert ask(asking(gate), about) is None
    assert ask(asking(gate), ticket(), is_news=False) is None
    assert gate.asked == 0


def test_after_late_answers_nobody_waits_until_one_comes_in_time(engine: Engine, asking: Asking) -> None:
    with engine.begin() as connection:
        for number in range(LATE_IN_A_ROW):
            opinions.add(connection, ticket().key, f"old{number}", f"{number}" * 64, "m", NOW - timedelta(hours=1))
            opinions.answered(connection, ticket().key, f"old{number}", "{}", dropped=0, took_s=LONG_S + 1)
    made = asking(Gate())

    first = ask(made, ticket())
    assert first
    assert first.patience_s == 0.0
    assert first._done.wait(LONG_S)
    second = ask(made, ticket(message="m2", text="And the videos are gone."))
    assert second
    assert second.patience_s == LONG_S


def test_after_failures_nobody_is_asked_for_a_while(engine: Engine, asking: Asking) -> None:
    with engine.begin() as connection:
        for number in range(FAILED_IN_A_ROW):
            opinions.add(connection, ticket().key, f"old{number}", f"{number}" * 64, "m", NOW)
            opinions.failed(connection, ticket().key, f"old{number}", "429", 0.1)
    gate = Gate()

    assert ask(asking(gate), ticket()) is None
    assert ask(asking(gate, now=lambda: NOW + PAUSE), ticket()) is not None


def test_an_endpoint_that_never_answers_costs_few_threads(asking: Asking, gate: Gate) -> None:
    made = asking(gate, patience_s=0.0)

    asked = [ask(made, ticket(id=str(number), text=f"Our photo number {number} is gone.")) for number in range(MOST_AT_ONCE + 2)]

    assert sum(each is not None for each in asked) == MOST_AT_ONCE == made.under_way


def test_what_is_kept_is_looked_at_again_where_the_words_are_others(asking: Asking) -> None:
    made = asking(Gate())
    assert told(ask(made, ticket())) == ("data_loss.missing.disappeared",)

    edited = replace(ticket(), messages=(Message(body_text="Never mind, I found them.", external_id="m1"),))

    assert told(ask(made, edited, is_news=False)) == ()


def late(engine: Engine, rung: threading.Event | None = None) -> Late:
    return Late(engine=engine, ring=lambda key: rung.set() if rung else None, provider=Provider.ZENDESK, clock=lambda: NOW)


def test_who_closes_has_no_thread_left_and_asks_nobody(engine: Engine, asking: Asking, gate: Gate) -> None:
    made = asking(gate, patience_s=0.0)
    asked = ask(made, ticket())
    assert asked
    asked.hand_over(late(engine))
    assert gate.reached.acquire(timeout=LONG_S)
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # nobody holds a connection across the wait

    assert not made.close(0.0)
    gate.opened.set()
    assert made.close(LONG_S)

    assert not [each for each in threading.enumerate() if each.name == "opinion"]
    assert in_inbox(engine, ticket().key) == [EventType.OPINION_READY]
    assert ask(made, ticket(message="m2", text="And the videos are gone.")) is None
    assert ask(made.afresh(), ticket(), is_news=False)
    assert gate.asked == 1


def test_an_end_frees_its_place_before_anybody_hears_of_it(asking: Asking) -> None:
    made = asking(Gate())
    asked = ask(made, ticket())

    assert told(asked)
    assert made.under_way == 0


def test_who_ends_may_wait_for_what_is_under_way(asking: Asking, gate: Gate) -> None:
    made = asking(gate, patience_s=0.0)
    ask(made, ticket())

    assert not made.wait(0.0)
    gate.opened.set()
    assert made.wait(LONG_S)


def test_a_worker_that_ends_keeps_what_comes_in_a_moment(asking: Asking) -> None:
    made = asking(Gate(), patience_s=0.0)
    ask(made, ticket())
    parts = SimpleNamespace(opinions=made)

    worker._end_opinions(parts)  # type: ignore[arg-type]

    assert not [each for each in threading.enumerate() if each.name == "opinion"]
    assert parts.opinions is not made
    assert told(ask(parts.opinions, ticket(), is_news=False)) == ("data_loss.missing.disappeared",)


class Pending:
    """Opinions of which one is under way until it was waited for twice."""

    def __init__(self) -> None:
        self.waited = 0

    def wait(self, seconds: float) -> bool:
        self.waited += 1
        return self.waited == 2


@pytest.mark.parametrize(("has_work", "waited"), [(False, 2), (True, 1)])
def test_a_job_waits_for_a_late_answer_while_no_other_ticket_waits(engine: Engine, *, has_work: bool, waited: int) -> None:
    pending, settings = Pending(), SimpleNamespace(senses=SimpleNamespace(model=MODEL))
    if has_work:
        with engine.begin() as connection:
            tickets.mark_dirty(connection, ticket().key, NOW)

    worker._wait_for_opinions(SimpleNamespace(settings=settings, opinions=pending, engine=engine))  # type: ignore[arg-type]

    assert pending.waited == waited

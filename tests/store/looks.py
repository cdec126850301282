"""Every function that asks for tables that grow, how it is called on a database of bench/filled.py and what it may read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from bench.filled import ACCOUNT, NEWEST, RULES_HASH, key, run_id
from bot.config import RetentionSettings
from bot.maintenance import erasure_queries, redaction, retention
from bot.maintenance.erasure_queries import Found, Person
from bot.store import (
    dead_letters,
    deliveries,
    draft_outcomes,
    drafts,
    due,
    duplicate_notes,
    refused_writes,
    runs,
    ticket_counts,
    tickets,
)
from bot.store.database.schema import runs as runs_table
from bot.store.drafts import StoredDraft
from bot.store.duplicate_notes import Double
from bot.store.packed import compression, run_facts, ticket_texts
from bot.store.refused_writes import RefusedWrite
from bot.store.rules import rule_firings, rule_states
from bot.store.rules.rule_firings import Customer
from bot.store.tickets import Lease, Memory, News, Rest
from rules.language.history_counts import Count, CountKind
from rules.model.decision import DraftWish
from rules.model.facts import RuleState
from tests.store.makers import incoming, later, request, ticket
from tests.store.plans import SORTS

KEY, RUN, LONG_AGO = key(1), run_id(1), later(days=-200)
LEASE = Lease(KEY, "owner", 1, 1, 0, 0)
DAYS = RetentionSettings(bodies_days=300, runs_days=250, snapshots_days=300, ledger_days=320)
ACTED = rule_firings.Acted("rule_1", "live")
STOP = rule_firings.Stop(rule="r", semantic_hash="", stopped_at=NEWEST, author="a", reason="")
NINA = Person(frozenset({"nina@example.org"}), frozenset({(ACCOUNT, "r1")}))
REFUSED = RefusedWrite(key=KEY, field="set_team", value_hash="0", words="team Nowhere", why="422", refused_at=NEWEST)
COUNTED = ticket_counts.Counted(
    key=KEY, opened_at=NEWEST, is_open=True, requester="r1", company="c1", issue="billing.invoice", assignee="a1"
)
COUNTS = [Count(kind=each, last_s=864_000, same_issue=True, open=True) for each in CountKind]
DRAFT = StoredDraft(
    id="new",
    key=KEY,
    run_id=RUN,
    state="live",
    message_id="1",
    marker="",
    wish=DraftWish(rule="r"),
    draft=None,
    text="",
    language="",
    created_at=NEWEST,
)


class Database:
    """Stands in for an engine, so that what begins transactions of its own does all in one, of which nothing is kept."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def begin(self, **_: object) -> Iterator[Connection]:
        yield self.connection

    def sweep(self) -> None:
        sweep = retention.Sweep(self, DAYS, NEWEST)  # type: ignore[arg-type]
        while sweep.step():
            pass


Act = Callable[[Any], object]


class Look(NamedTuple):
    """`reads`: by what it may read, as tests/store/plans.py says it."""

    act: Act
    reads: frozenset[str]


def look(act: Act, *reads: str) -> Look:
    """Of a function that is given a connection."""
    return Look(lambda database: act(database.connection), frozenset(reads))


def pages(act: Act, *names: str) -> Look:
    """Of one that is given an engine and reads these tables from end to end, each page from where the last one ended."""
    return Look(act, frozenset(each for name in names for each in (f"{name} by pk", f"all {name} by pk", f"all {name}")))


def seized(connection: Connection) -> Lease:
    lease = tickets.seize(connection, KEY, "me", 15)
    assert lease is not None
    return lease


_TICKET = "tickets by pk"
# Few rows: of a week, one a field and value that a helpdesk would not take.
A_WEEKS_REFUSALS = (
    "refused_writes by pk",
    "refused_writes by refused_at",
    "all refused_writes",
    "refused_writes by pk of an account",
)
ALL_IDS = "all runs"  # by a prefix, of PostgreSQL: its index may be in another order than that of bytes
OLD = {"deliveries by state_received_at", "runs by state_started_at", "drafts by state_created_at"}
OLD |= {"refused_writes by refused_at", "due by state_at", "rule_firings by at", "runs by started_at"}
UNUSED_TEXTS = ("ticket_texts by pk", "runs by ticket_started_at", _TICKET)
KEPT = (
    *("tickets", "counted_tickets", "deliveries", "delivery_conflicts", "runs", "requests", "drafts", "due", "reference"),
    *("rule_firings", "rule_state", "refused_writes", "possible_duplicates", "opinions"),
)
LOOKS: dict[str, Look] = {
    # tickets: asked all the time
    "tickets.mark_dirty": look(lambda c: tickets.mark_dirty(c, KEY, NEWEST)),
    "tickets.mark_all_dirty": look(lambda c: tickets.mark_all_dirty(c, [News(key=KEY, at=NEWEST, settles_s=1.0)])),
    "tickets.claim": look(lambda c: tickets.claim(c, KEY, "me", 15), _TICKET),
    "tickets.seize": look(lambda c: tickets.seize(c, KEY, "me", 15), _TICKET),
    "tickets.let_go": look(lambda c: tickets.let_go(c, LEASE), _TICKET),
    "tickets.is_there": look(lambda c: tickets.is_there(c, KEY), _TICKET),
    "tickets.is_idle": look(lambda c: tickets.is_idle(c, KEY), _TICKET),
    "tickets.renew": look(lambda c: tickets.renew(c, seized(c), 15), _TICKET),
    "tickets.guard": look(lambda c: tickets.guard(c, seized(c)), _TICKET),
    "tickets.release": look(lambda c: tickets.release(c, LEASE, Rest()), _TICKET),
    "tickets.keep_snapshot": look(lambda c: tickets.keep_snapshot(c, KEY, ticket(), Memory()), _TICKET),
    "tickets.snapshot": look(lambda c: tickets.snapshot(c, KEY), _TICKET),
    "tickets.dirty_seq": look(lambda c: tickets.dirty_seq(c, KEY), _TICKET),
    "tickets.ready": look(lambda c: [tickets.ready(c, 20, [ACCOUNT, "beta"]), tickets.ready(c, 20)], "all tickets by dirty"),
    "tickets.next_wake_s": look(tickets.next_wake_s, "tickets by dirty"),
    "tickets.put_off": look(tickets.put_off, "all tickets by dirty"),
    "tickets.unfinished": look(tickets.unfinished, "all tickets by dirty"),
    # deliveries
    "deliveries.store": look(lambda c: deliveries.store(c, incoming("new"))),
    "deliveries.store_all": look(
        lambda c: [deliveries.store_all(c, [incoming(f"evt-{each}", has_id=False)]) for each in (1, 1001)],
        "deliveries by uq_deliveries_account_delivery_key",
    ),
    "deliveries.keep_conflict": look(lambda c: deliveries.keep_conflict(c, incoming(), "0")),
    "deliveries.pending": look(lambda c: deliveries.pending(c, KEY), "deliveries by ticket_state"),
    "deliveries.assign": look(lambda c: deliveries.assign(c, [1, 2], RUN), "deliveries by pk"),
    "deliveries.assigned": look(lambda c: deliveries.assigned(c, KEY, RUN), "deliveries by ticket_state"),
    "deliveries.settle": look(lambda c: deliveries.settle(c, range(1, 200), "done", "", RUN), "deliveries by pk"),
    "deliveries.backlog": look(deliveries.backlog, "deliveries by state_received_at"),
    "deliveries.backlog_reaches": look(lambda c: deliveries.backlog_reaches(c, 3), "deliveries by state_received_at"),
    "deliveries.stale": look(lambda c: deliveries.stale(c, LONG_AGO), "deliveries by state_received_at"),
    "deliveries.counts": look(deliveries.counts, "all deliveries by state_received_at"),
    # runs and requests
    "runs.start": look(lambda c: runs.start(c, "new", KEY, 1, 1, "live", NEWEST)),
    "runs.is_open": look(lambda c: runs.is_open(c, KEY), "runs by ticket_started_at"),
    "runs.abandon_started": look(lambda c: runs.abandon_started(c, KEY, NEWEST), "runs by ticket_started_at"),
    "runs.keep_plan": look(lambda c: runs.keep_plan(c, RUN), "runs by pk"),
    "runs.finish": look(lambda c: runs.finish(c, RUN, "done", "", NEWEST), "runs by pk"),
    "runs.keep_yielded": look(lambda c: runs.keep_yielded(c, RUN, []), "runs by pk"),
    "runs.gave_way": look(lambda c: runs.gave_way(c, RUN, "priority"), "runs by pk"),
    "runs.planned": look(
        lambda c: [runs.planned(c, key(11)), runs.planned(c, key(11), run_id(11))],
        "runs by ticket_started_at",
        "runs by pk",
        "requests by pk",
    ),
    "runs.covers_seq": look(lambda c: runs.covers_seq(c, RUN), "runs by pk"),
    "runs.find": look(
        lambda c: [runs.find(c, RUN), runs.find(c, RUN[:20])],
        "runs by pk",
        "ticket_texts by pk",
        ALL_IDS,
    ),
    "runs.all_facts": look(
        lambda c: list(runs.all_facts(c)), "all runs by ticket_started_at", "all runs", "ticket_texts by pk", SORTS
    ),
    "runs.newest": look(
        lambda c: [runs.newest(c, 20), runs.newest(c, 20, KEY)], "all runs by started_at", "runs by ticket_started_at"
    ),
    "runs.add_requests": look(lambda c: runs.add_requests(c, "new", [request()])),
    "runs.keep_request": look(lambda c: runs.keep_request(c, RUN, request()), "requests by pk"),
    "runs.of_run": look(lambda c: runs.of_run(c, RUN), "requests by pk", SORTS),
    "runs.written_ids": look(lambda c: runs.written_ids(c, KEY), "runs by ticket_started_at", "requests by pk"),
    "runs.markers": look(lambda c: runs.markers(c, KEY), "runs by ticket_started_at", "requests by pk"),
    "runs.was_sent_before": look(lambda c: runs.was_sent_before(c, RUN, "m", 1), "requests by pk"),
    "runs.mark_sent": look(lambda c: runs.mark_sent(c, RUN, 1, NEWEST), "requests by pk"),
    "runs.sent_ago_s": look(lambda c: runs.sent_ago_s(c, run_id(11), 1, NEWEST), "requests by pk"),
    "runs.mark": look(
        lambda c: [runs.mark(c, RUN, 1, state, NEWEST) for state in ("failed", "intended")],  # type: ignore[func-returns-value]
        "requests by pk",
    ),
    "runs.writing_runs": look(lambda c: runs.writing_runs(c, KEY, "live", LONG_AGO), "runs by ticket_started_at"),
    "runs.started_since": look(lambda c: runs.started_since(c, KEY, later(days=-1)), "runs by ticket_started_at"),
    "runs.newest_end": look(lambda c: runs.newest_end(c, KEY), "runs by ticket_started_at"),
    "runs.taken_for_machines": look(lambda c: runs.taken_for_machines(c, NEWEST), "runs by started_at", SORTS),
    "runs.waiting": look(runs.waiting, "requests by state", SORTS),
    "runs.request_counts": look(runs.request_counts, "all requests by state"),
    # what is kept small
    "compression.words_of": look(lambda c: compression.words_of(c, RULES_HASH)),
    "compression.keep_words": look(lambda c: [compression.keep_words(c, each, str, NEWEST) for each in (RULES_HASH, "new")]),
    "ticket_texts.keep": look(lambda c: ticket_texts.keep(c, KEY, ["a", "b"]), "ticket_texts by pk"),
    "ticket_texts.read": look(lambda c: ticket_texts.read(c, KEY, [1, 2]), "ticket_texts by pk"),
    "ticket_texts.drop_unused": look(
        lambda c: ticket_texts.drop_unused(c, key(11)), "ticket_texts by pk", "runs by ticket_started_at", _TICKET
    ),
    "ticket_texts.drop": look(lambda c: ticket_texts.drop(c, KEY), "ticket_texts by pk"),
    "run_facts.columns": look(
        lambda c: run_facts.columns(c, KEY, {"ticket": {"messages": [{"body_text": "a"}]}}, "{}", b""), "ticket_texts by pk"
    ),
    "run_facts.Together": look(
        lambda c: run_facts.Together(c).whole(c.execute(select(runs_table).where(runs_table.c.id == RUN)).mappings().one()),
        "runs by pk",
        "ticket_texts by pk",
    ),
    # drafts and times to come
    "drafts.add": look(lambda c: drafts.add(c, KEY, DRAFT)),
    "drafts.move": look(lambda c: drafts.move(c, RUN, "sent", NEWEST), "drafts by pk"),
    "drafts.in_state": look(
        lambda c: [drafts.in_state(c, KEY, "live"), drafts.in_state(c, KEY, "live", "asked")], "drafts by ticket_state", SORTS
    ),
    "drafts.newest": look(lambda c: drafts.newest(c, KEY), "drafts by ticket_state", SORTS),
    "drafts.keep": look(lambda c: drafts.keep(c, RUN, reason=""), "drafts by pk"),
    "drafts.approval": look(lambda c: drafts.approval(c, KEY, RUN), "drafts by ticket_state"),
    "drafts.has_of_other_run": look(lambda c: drafts.has_of_other_run(c, KEY, RUN, LONG_AGO), "drafts by ticket_state"),
    "drafts.asked_before": look(lambda c: drafts.asked_before(c, LONG_AGO), "drafts by state_created_at"),
    "draft_outcomes.made_between": look(
        lambda c: list(draft_outcomes.made_between(c, NEWEST - timedelta(minutes=5), NEWEST)), "drafts by created_at"
    ),
    "drafts.get": look(lambda c: drafts.get(c, RUN), "drafts by pk"),
    "due.add_due": look(lambda c: due.add_due(c, KEY, NEWEST, "follow_up", {})),
    "due.due_now": look(lambda c: due.due_now(c, NEWEST), "due by state_at", SORTS),
    "due.due_of": look(lambda c: due.due_of(c, KEY, "follow_up"), "due by ticket_state_at"),
    "due.close_due": look(lambda c: due.close_due(c, RUN), "due by pk"),
    # what rules remember and do
    "rule_states.of_ticket": look(lambda c: rule_states.of_ticket(c, KEY, "live"), "rule_state by pk"),
    "rule_states.keep": look(
        lambda c: rule_states.keep(c, KEY, "live", {"rule_1": RuleState(rule="rule_1", semantic_hash="1")}, NEWEST),
        "rule_state by pk",
    ),
    "rule_firings.add": look(lambda c: rule_firings.add(c, "new", KEY, [ACTED], Customer(), "message", NEWEST)),
    "rule_firings.counts": look(
        lambda c: rule_firings.counts(c, ["rule_1", "rule_2"], "live", later(days=-7)),
        "rule_firings by rule_kind_at",
        "rule_firings by at",
        SORTS,
    ),
    "rule_firings.forget_customer": look(lambda c: rule_firings.forget_customer(c, KEY), "rule_firings by ticket"),
    "rule_firings.writes": look(
        lambda c: rule_firings.writes(c, "rule_1", later(days=-7), 10, None), "rule_firings by rule_kind_at", SORTS
    ),
    "rule_firings.customers_held": look(
        lambda c: rule_firings.customers_held(c, "rule_1", later(days=-7), Customer()), "rule_firings by rule_kind_at", SORTS
    ),
    "rule_firings.stop": look(lambda c: rule_firings.stop(c, STOP)),
    "rule_firings.start": look(lambda c: rule_firings.start(c, "r")),
    "rule_firings.stops": look(rule_firings.stops),
    "duplicate_notes.record": look(
        lambda c: duplicate_notes.record(c, Double(key=KEY, marker="m", first_id="1", second_id="2"), NEWEST)
    ),
    "duplicate_notes.count": look(duplicate_notes.count, "all possible_duplicates by found_at", "all possible_duplicates"),
    "duplicate_notes.newest": look(
        lambda c: [duplicate_notes.newest(c, 100), duplicate_notes.newest(c, 100, KEY)],
        "all possible_duplicates by found_at",
        "possible_duplicates by pk",
        SORTS,
    ),
    # counts over history
    "ticket_counts.keep": look(
        lambda c: [ticket_counts.keep(c, COUNTED, is_newest=each) for each in (True, False)]  # type: ignore[func-returns-value]
    ),
    "refused_writes.keep": look(lambda c: refused_writes.keep(c, REFUSED)),
    "refused_writes.of_account": look(lambda c: refused_writes.of_account(c, ACCOUNT, NEWEST), *A_WEEKS_REFUSALS),
    "refused_writes.newest": look(lambda c: refused_writes.newest(c, NEWEST), *A_WEEKS_REFUSALS),
    "refused_writes.forget": look(lambda c: refused_writes.forget(c, KEY), *A_WEEKS_REFUSALS),
    "ticket_counts.forget": look(lambda c: ticket_counts.forget(c, KEY), "counted_tickets by pk"),
    "ticket_counts.close": look(lambda c: ticket_counts.close(c, KEY), "counted_tickets by pk"),
    "ticket_counts.assign": look(lambda c: ticket_counts.assign(c, KEY, "a2"), "counted_tickets by pk"),
    "ticket_counts.issue_of": look(lambda c: ticket_counts.issue_of(c, KEY), "counted_tickets by pk"),
    "ticket_counts.count": look(
        lambda c: [
            ticket_counts.count(c, COUNTED, Count(kind=each, last_s=864_000, same_issue=True, open=True), NEWEST)
            for each in CountKind
        ],
        "counted_tickets by account_requester_opened_at",
        "counted_tickets by account_company_opened_at",
        "counted_tickets by account_issue_type_opened_at",
        "counted_tickets by account_is_open_assignee",  # PostgreSQL, where few are open (test_ticket_counts.py)
        SORTS,
    ),
    "ticket_counts.open_by_assignee": look(
        lambda c: ticket_counts.open_by_assignee(c, ACCOUNT, ["a1", "a2"]), "counted_tickets by account_is_open_assignee", SORTS
    ),
    # set aside for a person
    "dead_letters.everything": look(
        dead_letters.everything, "deliveries by state_received_at", "runs by state_started_at", SORTS
    ),
    "dead_letters.set_plan_aside": look(
        lambda c: dead_letters.set_plan_aside(c, key(11), "why", NEWEST),
        "runs by ticket_started_at",
        "runs by pk",
        "deliveries by ticket_state",
    ),
    "dead_letters.take_up": look(
        lambda c: dead_letters.take_up(c, key(12), NEWEST),
        "runs by ticket_started_at",
        "runs by pk",
        "requests by pk",
        "deliveries by ticket_state",
    ),
    "dead_letters.give_up": look(
        lambda c: dead_letters.give_up(c, key(13), NEWEST),
        "runs by ticket_started_at",
        "runs by pk",
        "requests by state",  # those that wait for a person
        "requests by pk",
        "deliveries by ticket_state",
        "drafts by ticket_state",
    ),
    # what goes because it is old, or a person's
    "redaction.empty_deliveries": look(lambda c: redaction.empty_deliveries(c, range(1, 200)), "deliveries by pk"),
    "redaction.empty_conflicts": look(lambda c: redaction.empty_conflicts(c, [RUN]), "delivery_conflicts by pk"),
    "redaction.empty_runs": look(
        lambda c: redaction.empty_runs(c, [RUN, run_id(2)]), "runs by pk", "requests by pk", *UNUSED_TEXTS
    ),
    "redaction.empty_facts": look(lambda c: redaction.empty_facts(c, [RUN, run_id(2)]), "runs by pk", *UNUSED_TEXTS),
    "redaction.retire_drafts": look(lambda c: redaction.retire_drafts(c, [RUN], NEWEST), "drafts by pk", _TICKET),
    "redaction.drop_texts": look(lambda c: redaction.drop_texts(c, [RUN, run_id(2)]), "runs by pk", *UNUSED_TEXTS),
    "redaction.empty_drafts": look(lambda c: redaction.empty_drafts(c, [RUN]), "drafts by pk"),
    "redaction.drop_due": look(lambda c: redaction.drop_due(c, KEY), "due by ticket_state_at"),
    "erasure_queries.empty_ticket": look(
        lambda c: erasure_queries.empty_ticket(c, key(11)),
        _TICKET,
        *A_WEEKS_REFUSALS,
        "rule_firings by ticket",
        *("counted_tickets by pk", "ticket_texts by pk"),
        *("opinions by pk", "deliveries by ticket_state"),
        "deliveries by pk",
        "delivery_conflicts by account_delivery_key",
        "all delivery_conflicts",  # PostgreSQL, where they are few
        "delivery_conflicts by pk",
        "runs by ticket_started_at",
        "runs by pk",
        "requests by pk",
        "drafts by ticket_state",
        "drafts by pk",
        "due by ticket_state_at",
    ),
    "erasure_queries.empty_rest": look(
        lambda c: erasure_queries.empty_rest(c, Found(deliveries={1}, conflicts={RUN}, reference={(ACCOUNT, "user:1")})),
        "deliveries by pk",
        "delivery_conflicts by pk",
        "reference by pk",
    ),
    "erasure_queries.identify": pages(lambda engine: erasure_queries.identify(engine, "r1", (ACCOUNT, "beta")), "tickets"),
    "erasure_queries.is_of_the_team": pages(
        lambda engine: erasure_queries.is_of_the_team(engine, NINA, (ACCOUNT, "beta")), "tickets", "reference"
    ),
    "erasure_queries.find": pages(
        lambda engine: erasure_queries.find(engine, NINA, (ACCOUNT, "beta")),
        *KEPT,
        "ticket_texts",
    ),
    "erasure_queries.unpacked": look(lambda c: list(erasure_queries.unpacked(c, runs_table, []))),
    "erasure_queries.rewrite_files": Look(lambda _: None, frozenset()),
    "retention.Sweep": Look(
        lambda database: database.sweep(),
        pages(lambda _: None, *KEPT).reads
        | OLD
        | {
            "opinions by asked_at",
            "opinions by pk",
            "runs by ticket_started_at",
            "due by ticket_state_at",
            "drafts by ticket_state",
            "drafts by created_at",
        }
        | {"ticket_texts by pk", "runs by rules_hash", "rule_state by looks", "all rule_state by looks"},
    ),
}

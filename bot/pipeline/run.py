"""One run over all pending events of one ticket: read, sense, decide, draft, plan, store, carry out.

What was received, decided and written is in the database at every line here, so that the process may die on any of them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial

from sqlalchemy import Connection

from adapters.codec import dumps
from adapters.errors import TicketGone
from adapters.helpdesk import Helpdesk
from adapters.registry import ADAPTERS
from adapters.ticket import Event, EventType, Ticket
from adapters.writes import Write
from bot.config import AccountSettings
from bot.facts import history_counts
from bot.facts.own_messages import with_own
from bot.log import get_logger
from bot.opinions.request import Late as LateOpinion
from bot.pipeline import draft_rows, draft_words, first_sight, restore_recovery, run_columns
from bot.pipeline.brakes import Brakes
from bot.pipeline.draft_request import Late
from bot.pipeline.rest import rest_s
from bot.pipeline.steps import PlannedRun, RunInputs, decide_on, make
from bot.process.ids import new_id
from bot.rulesets import circuit_breaker
from bot.runtime.account_identity import claimed
from bot.runtime.bootstrap import Runtime
from bot.runtime.lease_guard import LeaseGuard
from bot.store import deliveries, drafts, due, refused_writes, runs, ticket_counts, tickets
from bot.store.database.engine import reading
from bot.store.deliveries import Pending
from bot.store.helpdesks import account_identity
from bot.store.rules import rule_firings, rule_sets, rule_states
from bot.store.rules.rule_firings import Acted
from bot.store.tickets import Lease, LeaseLost, Rest
from bot.writes import duplicate_notes, planner, refusals
from bot.writes.after_writes import as_left, carriers, not_applied
from bot.writes.ledger import carry_out
from bot.writes.work import Work, requests_of, written_ids
from rules.values.verdict_tags import TAGS as VERDICT_TAGS

log = get_logger("pipeline")
READING_TIME = timedelta(seconds=5)  # nobody accepts a draft sooner than this after it was written


class Run:
    """One claim's work. Its methods stand in the order in which they happen."""

    def __init__(self, parts: Runtime, lease: Lease, account: AccountSettings, held: LeaseGuard) -> None:
        self.parts = parts
        self.lease = lease
        self.held = held
        self.key = lease.key
        self.account = account
        self.id = new_id()
        self.covers_seq = lease.covers_seq
        self.standing = parts.standing()  # what it begins with, it keeps
        self.waiting: list[Pending] = []
        self.brakes = Brakes(parts=parts, lease=lease, account=account, run_id=self.id)
        self.us = ""  # our own user, known when `helpdesk` is
        self.is_given_back = False  # the lease, with the run's end

    @cached_property
    def helpdesk(self) -> Helpdesk:
        """The account's client, made where its errors count as the run's. Our own user is asked for once, not by each thread."""
        made = self.parts.helpdesk(self.account, self.held.require)
        with self.parts.first_look:
            claimed(made, self.parts.engine, self.parts.known_helpdesks)
            self.us = made.me().external_id
        return made

    @property
    def is_live(self) -> bool:
        return self.account.mode == "live"

    def work(self) -> int:
        """Finish a stored plan, or make one and carry it out. The dirty counter that is covered."""
        if (stored := self._stored_plan()) is not None:
            return self._resume(stored)
        self._take_pending()
        if self._only_own_events() or self._only_checks():
            return self.covers_seq
        self.brakes.stay_put_off(self.covers_seq)
        ticket = self._hydrate()
        self.parts.checkpoint("hydrated")
        made = self._make(ticket)
        if made is None:
            self._close("ignored", "nothing changed")
            return self.covers_seq
        self._store(made, ticket)
        self.parts.checkpoint("plan_stored")
        self._carry_out(ticket)
        return self.covers_seq

    # before the read

    def _stored_plan(self) -> runs.StoredRun | None:
        with reading(self.parts.engine) as connection:  # most tickets have none: no need to make writers wait
            if not runs.is_open(connection, self.key):
                return None
        with self.parts.engine.begin() as connection:
            tickets.guard(connection, self.lease)
            runs.abandon_started(connection, self.key, self.parts.clock())
            return runs.planned(connection, self.key)

    def _take_pending(self) -> None:
        """All events that wait now; a stamp of whole seconds must be older than one before the ticket is read."""
        self._look_at_pending()
        grain_s = ADAPTERS[self.account.provider].stamp_grain_s
        if self.waiting and grain_s:
            newest = max(each.received_at for each in self.waiting)
            wait_s = min(grain_s - (self.parts.clock() - newest).total_seconds(), grain_s)
            if wait_s > 0:
                time.sleep(wait_s)
                self._look_at_pending()

    def _look_at_pending(self) -> None:
        with reading(self.parts.engine) as connection:
            self.covers_seq = tickets.dirty_seq(connection, self.key)  # first: what comes after it is the next run's
            self.waiting = deliveries.pending(connection, self.key)

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(event for each in self.waiting for event in each.events)

    def _only_own_events(self) -> bool:
        """Events whose actor is our own user tell nothing new: no call is made for them."""
        if not self.waiting:  # a repeat without an id came while the last run was reading: it may tell of a change
            return False
        if any(event.actor is None or event.type is EventType.DRAFT_READY for event in self.events):
            return False
        _ = self.helpdesk  # who looks for it finds out who we are
        if any(event.actor != self.us for event in self.events):
            return False
        self._close("ignored", "own event")
        return True

    def _only_checks(self) -> bool:
        """A time to look for doubled notes has come: the ticket is read before anything can refuse to, and where nothing else
        waits that was all."""
        checks = [event for event in self.events if duplicate_notes.is_check(event)]
        if not checks:
            return False
        duplicate_notes.look(self.parts, self.helpdesk.hydrate(self.key))
        if len(checks) < len(self.events):
            return False
        self._close("done", "looked for doubled notes")
        return True

    def _hydrate(self) -> Ticket:
        helpdesk = self.helpdesk
        self.parts.hold_calls(self.account)  # who must wait for a call later on would read all over again
        with self.parts.engine.begin() as connection:
            tickets.guard(connection, self.lease)
            now = self.parts.clock()
            runs.start(connection, self.id, self.key, self.lease.token, self.covers_seq, self.account.mode, now)
        ticket = with_own(helpdesk.hydrate(self.key), partial(written_ids, self.parts.engine, self.key))
        duplicate_notes.look(self.parts, ticket)
        return ticket

    def _make(self, ticket: Ticket) -> PlannedRun | None:
        """The decision and its plan, or None where nothing happened."""
        here = self.helpdesk.identity
        with reading(self.parts.engine) as connection:
            seen = self._seen(connection, ticket, self.events)
            known_as = (here, self.account.name, *account_identity.former(connection, self.account.name))
            ours = restore_recovery.OurMark(keys=self.parts.settings.marker_keys, helpdesks=known_as)
            found = restore_recovery.find(connection, ticket, seen.before, ours)
        seen = self._catch_up(seen, found) if found else first_sight.listened(self.parts, seen, self.waiting)
        seen = replace(seen, words=draft_words.words(self.helpdesk, seen.before, ticket, seen.said))
        self.brakes.refuse_loops(seen)
        return make(self.parts, self.helpdesk, seen, partial(self.brakes.stopped_rules, self.standing))

    def _seen(self, connection: Connection, ticket: Ticket, said: tuple[Event, ...]) -> RunInputs:
        before, memory = tickets.snapshot(connection, self.key)
        open_drafts = drafts.in_state(connection, self.key, "live", "ready", "taken_over")
        return RunInputs(
            run_id=self.id,
            standing=self.standing,
            ticket=ticket,
            before=before,
            memory=memory,
            said=said,
            state=rule_states.of_ticket(connection, self.key, self.account.mode),
            shadow_state=rule_states.of_ticket(connection, self.key, "shadow") if self.standing.in_shadow else {},
            live=tuple(each for each in open_drafts if each.state == "live"),
            ready=tuple(each for each in open_drafts if each.state == "ready"),
            taken_over=tuple(each for each in open_drafts if each.state == "taken_over"),
            last=drafts.newest(connection, self.key) if draft_words.new_tags(before, ticket) else None,
            now=self.parts.clock(),
            refused=refused_writes.of_account(connection, self.key.account, self.parts.clock() - refusals.REMEMBERED),
        )

    def _catch_up(self, seen: RunInputs, found: restore_recovery.Forgotten) -> RunInputs:
        """The database is older than the ticket's notes: what was done by then counts as done, and the run goes on from there."""
        decided = decide_on(self.parts, seen, found.then)
        with self.parts.engine.begin() as connection:
            tickets.guard(connection, self.lease)
            restore_recovery.catch_up(connection, found, decided, seen.memory, self.account.mode, seen.now)
            log.warning("run.caught_up", run=self.id, ticket=str(self.key), notes=len(found.notes))
            return self._seen(connection, seen.ticket, restore_recovery.without_said(seen.said, found))

    # storing and carrying out

    def _store(self, made: PlannedRun, ticket: Ticket) -> None:
        """Plan, requests, rule state and drafts in one transaction: from here on a resumed run carries out exactly this."""
        parts, rules, now = self.parts, self.standing.rules, self.parts.clock()
        kept = made.requests if self.is_live else []
        with parts.engine.begin() as connection:
            tickets.guard(connection, self.lease)
            runs.keep_plan(
                connection,
                self.id,
                covers_seq=self.covers_seq,
                events=dumps(sorted(made.facts.events)),
                plan=dumps(made.plan),
                yielded=dumps(made.yielded),
                reason=run_columns.reason(made)[:300],
                ticket=dumps(ticket),
                is_writing=bool(kept),
                cause=self.brakes.cause if made.requests else "",
                shadow=dumps(made.shadow.to_json()) if made.shadow.results else None,
                **run_columns.decided(connection, self.key, made, rules, now),
            )
            runs.add_requests(connection, self.id, kept)
            kept_today = (rules.hash, now.date())  # not once for ever: what nobody decides by for long is dropped
            if not self.standing.version and kept_today not in parts.kept_rules:
                rule_sets.keep(connection, rules.hash, rules.sources, rules.values, now)
            rule_states.keep(connection, self.key, self.account.mode, made.decision.state, now)
            rule_states.keep(connection, self.key, "shadow", made.shadow.state, now)
            whose = history_counts.customer(made.facts)
            rule_firings.add(connection, self.id, self.key, self._acted(made), whose, self.brakes.cause, now)
            history_counts.keep(connection, made.facts, planner.assigned(made.plan) if self.is_live else "")
            deliveries.assign(connection, [each.seq for each in self.waiting], self.id)
            if self.is_live:
                draft_rows.store(connection, self.key, self.id, made, now)
            for follow_up in made.decision.follow_ups if self.is_live else ():
                due.add_due(
                    connection, self.key, now + follow_up.after, "follow_up", {"rule": follow_up.rule, "text": follow_up.text}
                )
        parts.kept_rules.add(kept_today)  # only now: it is committed
        if made.asked and self.is_live:
            made.asked.hand_over(Late(parts.engine, parts.bell, self.key, self.account.provider, now))
        if made.opinion:
            bell, provider = parts.bell.ring, self.account.provider
            made.opinion.hand_over(LateOpinion(engine=parts.engine, ring=bell, provider=provider, clock=parts.clock))
        for notice in made.decision.notices:
            log.info("notice.raised", run=self.id, rule=notice.rule, channel=notice.channel)

    def _acted(self, made: PlannedRun) -> list[Acted]:
        """What is counted: a rule that counts in an account that is in shadow has written nothing either."""
        in_shadow = [Acted(each.id, "shadow") for each in made.shadow.results if each.fired]
        return [*circuit_breaker.acted(made.decision, "live" if self.is_live else "shadow", made.plan), *in_shadow]

    def _resume(self, stored: runs.StoredRun) -> int:
        """Carry out what was decided before, never decide anew; then settle what it covered."""
        _ = self.helpdesk
        self.parts.hold_calls(self.account)
        log.info("run.resumed", run=stored.id, ticket=str(self.key))
        self.id = stored.id
        with reading(self.parts.engine) as connection:
            self.waiting = deliveries.assigned(connection, self.key, stored.id)
            self.covers_seq = runs.covers_seq(connection, stored.id)
        self._carry_out(stored.ticket, is_resumed=True)
        return self.covers_seq

    def _carry_out(self, ticket: Ticket, *, is_resumed: bool = False) -> None:
        with reading(self.parts.engine) as connection:
            stored = runs.planned(connection, self.key, self.id)  # an older one may be taken up by hand in this moment
        if stored is None:  # somebody else has carried it out meanwhile
            raise LeaseLost(str(self.key))
        work = Work(
            parts=self.parts,
            lease=self.lease,
            helpdesk=self.helpdesk,
            run=stored,
            base=ticket,
            ticket=ticket,
            is_resumed=is_resumed,
            rest_on_read=self.held.rest_on_read,
            known=stored.requests,
        )
        try:
            written = carry_out(work)
        except TicketGone as error:
            if error.reason == "forbidden":
                raise
            self._close("done", error.reason)
            return
        self._finish(work, written)

    def _finish(self, work: Work, written: Sequence[Write]) -> None:
        """The run is over: remember the ticket as we leave it, so that our own writes are no news."""
        left = as_left(self.helpdesk, self._decided_on(work), written)
        done = [*written, *carriers(self.helpdesk, written)]
        now = self.parts.clock()
        with self.parts.engine.begin() as connection:
            tickets.guard(connection, self.lease)
            before, memory = tickets.snapshot(connection, self.key)
            memory = planner.still_ours(memory, before, work.run.ticket)
            tickets.keep_snapshot(connection, self.key, left, planner.remember(memory, done))
            history_counts.keep_assignee(connection, left)
            outcome = runs.of_run(connection, self.id)
            reason = "; ".join(refusals.shortcomings(work.run, outcome))
            is_waiting = any(each.state == "waiting" for each in outcome)
            runs.finish(connection, self.id, "waiting" if is_waiting else "done", reason, now)
            draft_rows.settle(connection, self.key, self.id, outcome, work.run.plan, now)
            deliveries.settle(connection, [each.seq for each in self.waiting], "done", "", self.id)
            self._give_back(connection)
        self.is_given_back = True
        failed, lost = sum(each.state in ("failed", "waiting") for each in outcome), len(not_applied(work.run.plan, outcome))
        log.info("run.finished", run=self.id, ticket=str(self.key), writes=len(written), failed=failed, lost=lost)

    def _decided_on(self, work: Work) -> Ticket:
        """What the next run compares with: the ticket that this run decided on, or a later run's where this plan was taken up
        late. What was read again between the writes nobody has decided on yet: it is the next run's news.

        One exception: a word about a draft that was there when this run's own draft came is no word about that.
        """
        with reading(self.parts.engine) as connection:
            before, _ = tickets.snapshot(connection, self.key)
            has_draft = any(each.run_id == self.id for each in drafts.in_state(connection, self.key, "live"))
            had_another = drafts.has_of_other_run(connection, self.key, self.id, self.parts.clock() - READING_TIME)
        base = work.run.ticket
        if before and before.read_at and base.read_at and before.read_at > base.read_at:
            base = before
        if not has_draft:
            return base
        # Between the last read and an unconditional write somebody may have judged the draft that stood there before ours.
        is_open = any(each.request.marker and not each.request.is_conditional for each in requests_of(work))
        seen = work.read_again() if had_another and is_open else work.ticket
        return replace(base, tags=base.tags | (seen.tags & VERDICT_TAGS))

    # ends

    def _give_back(self, connection: Connection) -> None:
        """In the transaction of the run's end, which waits for the disk anyway."""
        lease = replace(self.lease, covers_seq=self.covers_seq)
        tickets.release(
            connection, lease, Rest(after_s=rest_s(connection, self.key, self.parts.settings.flow, self.parts.clock()))
        )

    def _close(self, state: str, reason: str, *, is_all: bool = True) -> None:
        """End without writes: the pending deliveries get their reason, a started run its end. `is_all`: so does
        its lease."""
        now = self.parts.clock()
        with self.parts.engine.begin() as connection:
            tickets.guard(connection, self.lease)
            deliveries.settle(connection, [each.seq for each in self.waiting], state, reason, self.id)
            runs.finish(connection, self.id, "done", reason, now)
            if is_all:
                self._give_back(connection)
        self.is_given_back = is_all

    def close_all(self, state: str, reason: str) -> None:
        """End for good (gone, parked): everything that waits for this ticket gets this state."""
        with self.parts.engine.begin() as connection:
            self.covers_seq = tickets.dirty_seq(connection, self.key)
            self.waiting = [*deliveries.pending(connection, self.key), *deliveries.assigned(connection, self.key, self.id)]
            if state == "done":  # the ticket is gone; not every helpdesk tells a merge, so one that was merged away counts on
                (ticket_counts.close if reason == "merged" else ticket_counts.forget)(connection, self.key)
                draft_rows.close(connection, self.key, reason, self.parts.clock())
        self._close(state, reason, is_all=False)

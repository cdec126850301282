"""A run's brakes, with what the database says: may this ticket be written to now (bot/pipeline/loop_guard.py), and which rules
have to rest (bot/rulesets/circuit_breaker.py). The run asks at its places; what is decided is decided there, without a database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from bot.config import AccountSettings
from bot.facts import history_counts
from bot.log import get_logger
from bot.pipeline import loop_guard
from bot.pipeline.steps import RunInputs, happened
from bot.rulesets import circuit_breaker
from bot.rulesets.active import ActiveRules
from bot.runtime.bootstrap import Runtime
from bot.runtime.retry import DeadLetter
from bot.store import runs, tickets
from bot.store.database.engine import reading
from bot.store.tickets import PUT_OFF, Lease
from rules.model.decision import Decision
from rules.model.facts import Facts

log = get_logger("pipeline")


@dataclass(slots=True, kw_only=True)
class Brakes:
    """`cause`: of this run, known once `refuse_loops` was asked."""

    parts: Runtime
    lease: Lease
    account: AccountSettings
    run_id: str
    cause: loop_guard.Cause = "other"

    def stay_put_off(self, covers_seq: int) -> None:
        """Before the read: what was put off, and of which nothing new is known, needs none until its time has come. Raises
        PutOff."""
        with reading(self.parts.engine) as connection:
            covered, ended = runs.newest_end(connection, self.lease.key)
            if not ended.startswith(PUT_OFF) or covered != covers_seq:
                return
            left_s = loop_guard.left(self._wrote(connection), self._caps(), self.parts.clock()).total_seconds()
        if left_s > 0:
            raise loop_guard.put_off(left_s, ended.removeprefix(f"{PUT_OFF}: "))

    def refuse_loops(self, seen: RunInputs) -> None:
        """After the read. Raises DeadLetter or PutOff; neither where nothing happened, which is no work to put off."""
        judges = seen.judges_a_draft
        self.cause = loop_guard.cause_of(seen.before, seen.ticket, seen.said, judges_a_draft=judges)
        with reading(self.parts.engine) as connection:
            wrote = self._wrote(connection)
        try:
            loop_guard.refuse(seen.ticket, self.cause, wrote, self._caps(), seen.now, judges_a_draft=judges)
        except DeadLetter:
            if happened(seen):
                raise
        except loop_guard.PutOff as late:
            if happened(seen):
                self._end(late)
                raise

    def _end(self, late: loop_guard.PutOff) -> None:
        """The run ends here, and says why; what it was to cover waits on."""
        with self.parts.engine.begin() as connection:
            tickets.guard(connection, self.lease)
            runs.finish(connection, self.run_id, "abandoned", late.reason, self.parts.clock())
        log.warning("run.put_off", run=self.run_id, ticket=str(self.lease.key), why=late.reason)

    def _wrote(self, connection: Connection) -> list[loop_guard.Wrote]:
        since = self.parts.clock() - loop_guard.DAY
        found = runs.writing_runs(connection, self.lease.key, self.account.mode, since)
        return [loop_guard.Wrote(at, until, "message" if cause == "message" else "other") for at, until, cause in found]

    def _caps(self) -> loop_guard.Caps:
        flow = self.parts.settings.flow
        return loop_guard.Caps(
            other_per_hour=flow.runs_per_hour,
            message_per_hour=flow.message_runs_per_hour,
            per_day=flow.runs_per_day,
            late_every=timedelta(seconds=flow.late_run_every_s),
        )

    def stopped_rules(self, standing: ActiveRules, facts: Facts, decision: Decision) -> frozenset[str]:
        """Rules that ran away and rest from here on; none where nothing is written."""
        parts, flow = self.parts, self.parts.settings.flow
        if self.account.mode != "live" or not circuit_breaker.acted(decision, "live"):
            return frozenset()
        settings = circuit_breaker.BreakerSettings(most=flow.rule_firings_per_hour, rest=timedelta(seconds=flow.rule_rest_s))
        with reading(parts.engine) as connection:
            stops = circuit_breaker.run_away(connection, standing, decision, history_counts.customer(facts), settings, facts.now)
        if stops:
            with parts.engine.begin() as connection:
                circuit_breaker.pull(connection, stops)
            parts.rulebook.forget()
        return frozenset(each.rule for each in stops)

"""Tables about rules: what they were, which stand still, how often they acted, what they remember of a ticket."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from bot.store.database.column_types import PackedText, UtcTime
from bot.store.database.table_base import metadata, ticket_key

rule_sets = Table(  # the rules that runs decided by, as they were written: what a replay needs
    "rule_sets",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("sources", Text, nullable=False),  # JSON: [[name, text], ...] in order
    Column("rule_values", Text, nullable=False),  # JSON
    Column("first_used_at", UtcTime, nullable=False),
)

rule_versions = Table(  # what was in the rule files when they were taken up, and what was refused
    "rule_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("made_at", UtcTime, nullable=False),
    Column("author", String(100), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("state", String(16), nullable=False),  # active (one), replaced, withdrawn (taken back), refused
    Column("content_hash", String(64), nullable=False),  # of sources and values, comments and tests too
    Column("rules_hash", String(64), nullable=False, server_default=""),
    Column("sources", Text, nullable=False),  # JSON: [[name, text], ...] in order; empty where refused
    Column("rule_values", Text, nullable=False),  # JSON
    Column("changes", Text, nullable=False, server_default="{}"),  # JSON of bot.rulesets.versions.Changes
    Column("problems", Text, nullable=False, server_default="[]"),  # JSON: why it was refused
    Index(None, "state"),
)

rule_stops = Table(
    "rule_stops",
    metadata,
    Column("rule", String(100), primary_key=True),
    Column("semantic_hash", String(64), nullable=False, server_default=""),  # of the rule that is meant; "": whatever it means
    Column("stopped_at", UtcTime, nullable=False),
    Column("author", String(100), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("until", UtcTime),  # when it counts again by itself; null: when somebody says so
)

rule_firings = Table(  # only ever added to: workers that count the same rule do not wait for each other
    "rule_firings",
    metadata,
    Column("run_id", String(36), primary_key=True),
    Column("rule", String(100), primary_key=True),
    Column("kind", String(8), primary_key=True),  # live, shadow (nothing was written), held (back)
    Column("ticket", String(200), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("requester", String(32), nullable=False, server_default=""),  # hashes, whose ticket it is; taken out with the person
    Column("company", String(32), nullable=False, server_default=""),
    Column("cause", String(8), nullable=False, server_default=""),  # of the run
    Column("is_writing", Boolean, nullable=False, server_default="0"),  # the run's plan holds a write of this rule
    Index(None, "rule", "kind", "at"),
    Index(None, "at"),
    Index(None, "ticket"),
)

backtests = Table(
    "backtests",
    metadata,
    Column("rules_hash", String(64), primary_key=True),
    Column("against_hash", String(64), nullable=False),
    Column("history_hash", String(64), nullable=False),
    Column("looks", Integer, nullable=False),
    Column("made_at", UtcTime, nullable=False),
)

ALL_RULES = "*"  # no rule is called so
_OF_ALL_RULES = text(f"rule = '{ALL_RULES}'")

rule_state = Table(  # one row for a ticket and a mode; earlier versions have written one for each rule
    "rule_state",
    metadata,
    *ticket_key(primary=True),
    Column("rule", String(100), primary_key=True),
    Column("mode", String(8), primary_key=True),
    Column("semantic_hash", String(64), nullable=False),  # of a rule; under ALL_RULES the hash of a row in `rule_looks`
    Column("state", PackedText, nullable=False),  # JSON of rules.model.facts.RuleState; under ALL_RULES rule -> such a state
    Index("ix_rule_state_looks", "semantic_hash", sqlite_where=_OF_ALL_RULES, postgresql_where=_OF_ALL_RULES),
)

rule_looks = Table(  # which rules, with which meaning, have looked at a ticket: the same for thousands of tickets
    "rule_looks",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("rules", Text, nullable=False),  # JSON: rule -> semantic hash
    Column("made_at", UtcTime, nullable=False),
)

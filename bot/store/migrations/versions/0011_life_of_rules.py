"""Versions of rules, rules that are switched off, how often each fired, what was tried on tickets of the past; a run's shadow"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import UtcTime

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "rule_versions",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("rules_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("rule_values", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), server_default="{}", nullable=False),
        sa.Column("problems", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_versions")),
    )
    op.create_index(op.f("ix_rule_versions_state"), "rule_versions", ["state"])
    op.create_table(
        "rule_stops",
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("semantic_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("stopped_at", UtcTime(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_rule_stops")),
    )
    op.create_table(
        "rule_firings",
        sa.Column("run_id", sa.String(length=36), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("ticket", sa.String(length=200), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "rule", "kind", name=op.f("pk_rule_firings")),
    )
    op.create_index(op.f("ix_rule_firings_rule_kind_at"), "rule_firings", ["rule", "kind", "at"])
    op.create_index(op.f("ix_rule_firings_at"), "rule_firings", ["at"])
    op.create_table(
        "backtests",
        sa.Column("rules_hash", sa.String(length=64), nullable=False),
        sa.Column("against_hash", sa.String(length=64), nullable=False),
        sa.Column("history_hash", sa.String(length=64), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("rules_hash", name=op.f("pk_backtests")),
    )
    op.add_column("runs", sa.Column("shadow", sa.Text(), nullable=True))

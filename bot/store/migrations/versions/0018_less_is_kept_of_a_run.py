"""Messages once for each ticket, and what a run decided from and by, compressed; one row of what rules remember for each ticket"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import UtcTime

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "ticket_texts",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", "kind", "external_id", "number", name=op.f("pk_ticket_texts")),
    )
    op.create_table(
        "dictionaries",
        sa.Column("rules_hash", sa.String(length=64), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("rules_hash", name=op.f("pk_dictionaries")),
    )
    op.create_table(
        "rule_looks",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("made_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_rule_looks")),
    )
    of_all_rules = sa.text("rule = '*'")
    op.create_index(
        "ix_rule_state_looks",
        "rule_state",
        ["semantic_hash"],
        sqlite_where=of_all_rules,
        postgresql_where=of_all_rules,
    )
    op.add_column("runs", sa.Column("facts_packed", sa.LargeBinary()))
    op.add_column("runs", sa.Column("decision_packed", sa.LargeBinary()))
    op.add_column("runs", sa.Column("texts", sa.Text(), server_default="", nullable=False))
    op.create_index(op.f("ix_runs_rules_hash"), "runs", ["rules_hash"])

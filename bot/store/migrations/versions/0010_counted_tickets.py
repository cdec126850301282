"""What is counted over history: a row a ticket, without words"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import UtcTime

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "counted_tickets",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("requester", sa.String(length=64), server_default="", nullable=False),
        sa.Column("company", sa.String(length=64), server_default="", nullable=False),
        sa.Column("issue_type", sa.String(length=40), server_default="", nullable=False),
        sa.Column("issue", sa.String(length=120), server_default="", nullable=False),
        sa.Column("assignee", sa.String(length=64), server_default="", nullable=False),
        sa.Column("opened_at", UtcTime(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("account", "kind", "external_id", name=op.f("pk_counted_tickets")),
    )
    for name in ("requester", "company", "issue_type"):
        columns = ["account", name, "opened_at"]
        op.create_index(op.f(f"ix_counted_tickets_account_{name}_opened_at"), "counted_tickets", columns)
    columns = ["account", "is_open", "assignee"]
    op.create_index(op.f("ix_counted_tickets_account_is_open_assignee"), "counted_tickets", columns)

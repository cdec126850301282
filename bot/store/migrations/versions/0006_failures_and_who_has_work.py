"""Failures of a helpdesk in a row; an index of the tickets that have work"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    # Plain ADD COLUMN: other processes work on the table meanwhile, and it is not to be copied.
    op.add_column("accounts", sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
    has_work = sa.text("dirty_seq > done_seq")
    op.create_index("ix_tickets_dirty", "tickets", ["wake_at"], sqlite_where=has_work, postgresql_where=has_work)

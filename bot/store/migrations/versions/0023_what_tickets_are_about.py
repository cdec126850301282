"""What an open ticket is about as numbers, by which others like it are found"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.add_column("counted_tickets", sa.Column("maker", sa.String(length=16), server_default="", nullable=False))
    op.add_column("counted_tickets", sa.Column("meaning", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_counted_tickets_account_maker_opened_at"), "counted_tickets", ["account", "maker", "opened_at"])

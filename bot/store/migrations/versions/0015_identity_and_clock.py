"""Which helpdesk an account points to, what it was called before, and how far our clock is from the helpdesk's"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import UtcTime

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("identity", sa.String(length=300), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("former", sa.Text(), server_default="[]", nullable=False))
    op.add_column("accounts", sa.Column("clock_ahead_s", sa.Float(), nullable=True))
    op.add_column("accounts", sa.Column("clock_seen_at", UtcTime(), nullable=True))

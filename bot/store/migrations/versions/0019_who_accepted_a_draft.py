"""Who accepted a draft, when, and in which run; whom its reply would have gone to when it was shown"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import UtcTime

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for name, length in (("shown_to", 64), ("approved_by", 64), ("approved_name", 120), ("approved_run", 36)):
        op.add_column("drafts", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    op.add_column("drafts", sa.Column("approved_at", UtcTime(), nullable=True))

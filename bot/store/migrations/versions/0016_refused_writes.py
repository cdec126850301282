"""What a helpdesk refused: of each request, and of an account for the next tickets"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import UtcTime

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("requests", sa.Column("refused", sa.Text(), server_default="[]", nullable=False))
    op.create_table(
        "refused_writes",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=120), nullable=False),
        sa.Column("value_hash", sa.String(length=32), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("refused_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "field", "value_hash", name=op.f("pk_refused_writes")),
    )
    op.create_index(op.f("ix_refused_writes_refused_at"), "refused_writes", ["refused_at"])

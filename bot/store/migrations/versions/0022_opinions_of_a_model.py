"""What a model said of customers' messages"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import PackedText, UtcTime

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "opinions",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.String(length=64), nullable=False),
        sa.Column("asked_hash", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("answer", PackedText(), nullable=True),
        sa.Column("dropped", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("took_s", sa.Float(), server_default="0", nullable=False),
        sa.Column("is_late", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("asked_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "kind", "external_id", "message_id", name=op.f("pk_opinions")),
    )
    op.create_index(op.f("ix_opinions_asked_hash_state"), "opinions", ["asked_hash", "state"])
    op.create_index(op.f("ix_opinions_state_asked_at"), "opinions", ["state", "asked_at"])
    op.create_index(op.f("ix_opinions_asked_at"), "opinions", ["asked_at"])

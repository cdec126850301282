"""Notes that stand in a ticket twice"""

import sqlalchemy as sa
from alembic import op

import bot.store.database.column_types

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "possible_duplicates",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=False),
        sa.Column("marker", sa.String(length=40), nullable=False),
        sa.Column("second_id", sa.String(length=64), nullable=False),
        sa.Column("first_id", sa.String(length=64), nullable=False),
        sa.Column("found_at", bot.store.database.column_types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", "kind", "external_id", "marker", "second_id", name=op.f("pk_possible_duplicates")),
    )
    op.create_index(op.f("ix_possible_duplicates_found_at"), "possible_duplicates", ["found_at"])

"""Processes with their last sign of life, and moments that operations remember"""

import sqlalchemy as sa
from alembic import op

import bot.store.database.column_types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "moments",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", bot.store.database.column_types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_moments")),
    )
    op.create_table(
        "processes",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("started_at", bot.store.database.column_types.UtcTime(), nullable=False),
        sa.Column("seen_at", bot.store.database.column_types.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_processes")),
    )

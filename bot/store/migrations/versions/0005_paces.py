"""The pace of a vendor's smaller rate limits"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("boot", sa.String(length=64), server_default="", nullable=False),
        sa.Column("whole_at", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("promised", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name=op.f("pk_paces")),
    )

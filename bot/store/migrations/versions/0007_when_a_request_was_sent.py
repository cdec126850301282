"""When a request was sent, by the clock of leases"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("requests", sa.Column("sent_boot", sa.String(64), server_default="", nullable=False))
    op.add_column("requests", sa.Column("sent_us", sa.BigInteger(), server_default="0", nullable=False))

"""What caused a run that wrote; whose tickets a rule fired on and whether it wrote; until when a rule rests"""

import sqlalchemy as sa
from alembic import op

from bot.store.database.column_types import UtcTime

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("runs", sa.Column("cause", sa.String(length=8), server_default="", nullable=False))
    op.add_column("rule_stops", sa.Column("until", UtcTime(), nullable=True))
    for name in ("requester", "company"):
        op.add_column("rule_firings", sa.Column(name, sa.String(length=32), server_default="", nullable=False))
    op.add_column("rule_firings", sa.Column("cause", sa.String(length=8), server_default="", nullable=False))
    op.add_column("rule_firings", sa.Column("is_writing", sa.Boolean(), server_default="0", nullable=False))
    op.create_index(op.f("ix_rule_firings_ticket"), "rule_firings", ["ticket"])

"""What reports on drafts group by: the rule, the issue, the team; read by when they were made"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for name, length in (("rule", 100), ("issue", 100), ("team", 200)):
        op.add_column("drafts", sa.Column(name, sa.String(length=length), server_default="", nullable=False))
    op.create_index(op.f("ix_drafts_created_at"), "drafts", ["created_at"])

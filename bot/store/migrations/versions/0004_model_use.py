"""What the model cost in a day, and how often a draft was asked for"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "model_use",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("prompt_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("answer_tokens", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("calls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("is_told", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_model_use")),
    )
    op.add_column("drafts", sa.Column("tries", sa.Integer(), server_default="1", nullable=False))

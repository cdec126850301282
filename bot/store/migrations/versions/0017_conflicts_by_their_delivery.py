"""An index by which conflicts are found with the delivery whose key they came under"""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_index(op.f("ix_delivery_conflicts_account_delivery_key"), "delivery_conflicts", ["account", "delivery_key"])

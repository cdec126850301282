"""Indices for the newest runs and for a ticket's times to come"""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index(op.f("ix_runs_started_at"), "runs", ["started_at"])
    columns = ["account", "kind", "external_id", "state", "at"]
    op.create_index(op.f("ix_due_account_kind_external_id_state_at"), "due", columns)

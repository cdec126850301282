"""Poll cursors of any length"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    # SQLite counts no characters, and would copy the table. To PostgreSQL it is a change of the catalogue alone.
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("accounts", "poll_cursor", type_=sa.Text(), existing_server_default="", existing_nullable=False)

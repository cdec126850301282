"""${message}"""

from alembic import op
import sqlalchemy as sa

import bot.store.database.column_types

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}

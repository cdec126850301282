"""Bodies, snapshots, plans, requests, drafts and rules' memory are packed from here on (bot/store/database/column_types.py).

No table changes, and no row: what is plain is read as it is. A version of before that is started on this database says that it is
newer, instead of leaving ticket after ticket to a newer worker.
"""

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Nothing to do."""

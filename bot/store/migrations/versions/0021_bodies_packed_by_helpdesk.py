"""Bodies are packed with a list of words for each helpdesk, and events are packed too (bot/store/database/webhook_words.py).

No table changes, and no row: what earlier versions packed, or left plain, is read as it is. A version of before that is started on
this database says that it is newer, instead of taking the new bodies for what helpdesks sent.
"""

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Nothing to do."""

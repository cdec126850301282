"""What a draft may not say, whoever wrote it: looked up sentence by sentence in the ticket and in the sources."""

from __future__ import annotations

from bot.drafts.checks.checker import Blocked, Checked, Checker
from bot.drafts.checks.forbidden_claims import is_refusal

__all__ = ["Blocked", "Checked", "Checker", "is_refusal"]

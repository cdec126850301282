"""The tags by which people judge a suggested reply, and which of them somebody meant who typed another one. Pure.

They are a person's word, so no rule may set them (rules/actions/_base.py), and bot/pipeline/draft_feedback.py obeys them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rapidfuzz.distance import OSA

ACCEPT, EDIT, REJECT, WRONG_INTENT = "dh-accept", "dh-edit", "dh-reject", "dh-wrong-intent"
TAGS = frozenset({ACCEPT, EDIT, REJECT, WRONG_INTENT})

# What people type who have the meaning and not the word.
_WORDS: Mapping[str, str] = {
    "accept": ACCEPT,
    "approve": ACCEPT,
    "send": ACCEPT,
    "ok": ACCEPT,
    "edit": EDIT,
    "edited": EDIT,
    "take-over": EDIT,
    "reject": REJECT,
    "decline": REJECT,
    "discard": REJECT,
    "wrong-intent": WRONG_INTENT,
    "wrong": WRONG_INTENT,
}
_AFTER_DH = re.compile(r"dh[\s_.:/-]*(.+)")
_BETWEEN = re.compile(r"[\s_.:/-]+")


def meant(tag: str) -> str | None:
    """The verdict tag that `tag` was meant to be; None for one that is written rightly and for every other tag.

    Short words must fit nearly: `dh-audit` and `dh-credit` are a team's own.
    """
    folded = tag.casefold()
    if folded in TAGS:
        return None
    for right in sorted(TAGS):
        if OSA.distance(folded, right) <= 1:
            return right
    found = _AFTER_DH.fullmatch(folded)
    word = _BETWEEN.sub("-", found[1]).strip("-") if found else ""
    near = [(OSA.distance(word, known), known) for known in _WORDS if OSA.distance(word, known) <= _allowed(known)]
    return _WORDS[min(near)[1]] if near else None


def _allowed(known: str) -> int:
    """How many letters may be wrong, missing, too many or turned round."""
    return 0 if len(known) <= 3 else 1 if len(known) <= 5 else 2

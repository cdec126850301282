"""What agents read after a tag of theirs: sent, nothing to send, too late, refused, or mistyped. Paragraphs of the run's note;
docs/agents.md explains each of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.store.drafts import StoredDraft
from rules.model.decision import NoteWish
from rules.values.verdict_tags import ACCEPT, EDIT, REJECT, WRONG_INTENT

RULE = "draft:"  # how the rules of a write begin that a person's word is behind


def _said(tag: str, title: str, text: str) -> NoteWish:
    return NoteWish(rule=f"{RULE}{tag}", title=title, text=text)


def sent(who: str, at: datetime, more: str = "") -> NoteWish:
    """`who`: the agent's name; "" where the helpdesk does not name anybody."""
    by = f"{who} accepted the suggested reply" if who else "The suggested reply was accepted by tag"
    unknown = "" if who else " The helpdesk does not say who set the tag."
    words = f"{by} with {ACCEPT} on {at:%Y-%m-%d} at {at:%H:%M} UTC.{unknown} {more}"
    return _said(ACCEPT, "Sent to the customer", words.strip())


def not_sent(who: str) -> NoteWish:
    """The reply's sending failed, or nobody knows whether it did."""
    by = f"{who} accepted the suggested reply" if who else "The suggested reply was accepted"
    words = (
        f"{by}, and the helpdesk did not confirm that it went out. If it is not in the thread, the customer has no answer yet."
    )
    return _said(ACCEPT, "Not sent", words)


TAKEN: Mapping[str, tuple[str, str]] = {
    EDIT: ("Taken over", "Nothing is sent. Your next public reply is compared with the suggestion."),
    REJECT: ("Rejected", "The suggested reply is dropped. Nothing was sent."),
    WRONG_INTENT: ("Rejected", "The suggested reply is dropped because it missed the question. Nothing was sent."),
}


def obeyed(tag: str) -> NoteWish:
    title, words = TAKEN[tag]
    return _said(tag, title, words)


def contradiction(tags: list[str]) -> NoteWish:
    """Several words at once: the one that sends nothing counts."""
    return _said(
        tags[-1], "Nothing was sent", f"{' and '.join(tags)} came together; {tags[-1]} counts, and the suggestion is closed."
    )


def answered_first(tag: str) -> NoteWish:
    words = "A public reply came before the tag, so the suggested reply is closed and nothing was sent."
    return _said(tag, f"{tag}: too late", words)


def customer_wrote(tag: str) -> NoteWish:
    words = "The customer wrote again after this reply was suggested. Nothing was sent: read the newer message first."
    return _said(tag, f"{tag}: not sent", words)


def others_would_read(tag: str, changed: str) -> NoteWish:
    """`changed`: whom it would go to now, in words."""
    words = (
        f"Since this reply was suggested {changed} changed. Nothing was sent. To send it to them all the same, set {tag} again."
    )
    return _said(tag, f"{tag}: not sent", words)


def refused(tag: str, why: str) -> NoteWish:
    return _said(tag, f"{tag}: not sent", f"{why} Nothing was sent.")


def no_agent(tag: str, otherwise: str) -> NoteWish:
    words = f"It was set by {otherwise}. Only a tag that an agent sets counts; the suggested reply is still open."
    return _said(tag, f"{tag} does not count", words)


def may_not_answer(tag: str, who: str) -> NoteWish:
    words = (
        f"{who} may write to colleagues only. The suggested reply is still open: an agent who may answer customers can accept it."
    )
    return _said(tag, f"{tag} does not count", words)


def mistyped(typed: Mapping[str, str]) -> NoteWish:
    """As typed -> as it is written rightly."""
    rows = [f"{tag} is no tag of Deskhand's. Did you mean {right}?" for tag, right in typed.items()]
    return _said(next(iter(typed.values())), "Nothing was done", "\n".join(rows) if len(rows) > 1 else rows[0])


_ENDS: Mapping[str, str] = {
    "asked": "The suggested reply is still being written. Set the tag once it is here.",
    "ready": "The suggested reply is still being written. Set the tag once it is here.",
    "accepted": "It was accepted before, and its sending is under way or waits for a person.",
    "sent": "It was sent before.",
    "taken_over": "It was taken over before: answer the customer yourself.",
    "rejected": "It was rejected before.",
    "superseded": "The customer wrote again since it was suggested.",
    "withheld": "It was withdrawn before anybody could use it.",
}


_RETIRED: Mapping[str, str] = {"solved": "The ticket was solved.", "age": "It was kept too long, and is gone."}


def nothing_open(tag: str, last: StoredDraft | None) -> NoteWish:
    """There is no open draft: why, by the newest one that there was."""
    why = _ENDS.get(last.state, "") if last else "None was made for this ticket."
    if last and last.state == "retired":
        why = _RETIRED.get(last.decided_by, "An agent answered first.")
    return _said(tag, f"{tag}: no suggested reply is open", f"{why} Nothing was done.".strip())

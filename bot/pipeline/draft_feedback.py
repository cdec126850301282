"""What people make of drafts: a tag on the ticket, or simply their own reply. Pure decisions; the pipeline stores them.

`dh-accept` sends the live draft as a public reply, once; `dh-edit` means the agent takes the text over; `dh-reject` and
`dh-wrong-intent` retire it with a reason. A tag that has been obeyed is taken off again. The next public reply of an agent
retires the draft and is compared with it; a newer message of the customer supersedes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.ticket import Changes, Ticket
from adapters.writes import PlannedWrite, RemoveTags, Reply
from bot.drafts.checks.placeholders import open_placeholders
from bot.drafts.showable import was_shown
from bot.drafts.similarity import compare
from bot.facts.changes import new_messages
from bot.store.drafts import StoredDraft

TAGS = {"dh-accept": "accepted", "dh-edit": "taken_over", "dh-reject": "rejected", "dh-wrong-intent": "rejected"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A draft's new state, who decided, and why; the measure where a reply was compared with it."""

    draft: StoredDraft
    state: str
    decided_by: str
    reason: str = ""
    similarity: float | None = None
    band: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """What follows from people's words about drafts: verdicts to store and writes to make."""

    verdicts: tuple[Verdict, ...] = ()
    writes: tuple[PlannedWrite, ...] = ()


def left_over(ticket: Ticket) -> frozenset[str]:
    """Words about drafts that stand on the ticket: whether they are obeyed or not, they are to be taken off."""
    return ticket.tags & TAGS.keys()


def obey(before: Ticket | None, ticket: Ticket, changed: Changes, live: Sequence[StoredDraft]) -> Obeyed:
    """Read the people's verdicts from what changed. At first sight there is no draft of ours to judge."""
    if before is None:
        return Obeyed()
    given = sorted(tag for tag in TAGS if tag in ticket.tags)
    # A tag that stood there before (its taking off failed) was a word about another draft.
    new = [tag for tag in given if tag not in before.tags]
    answered = [message for message in new_messages(before, ticket) if message.is_agent_reply]
    verdicts: list[Verdict] = []
    writes: list[PlannedWrite] = []
    if given:
        writes.append(PlannedWrite(write=RemoveTags(tags=frozenset(given)), rules=(f"draft:{given[0]}",)))
    for draft in live:
        if answered:
            measured = compare(draft.text, answered[-1].body_text)
            verdicts.append(
                Verdict(draft=draft, state="retired", decided_by="reply", similarity=measured.similarity, band=str(measured.band))
            )
        elif new:
            verdict, reply = _by_tag(draft, ticket, new[-1])  # dh-accept sorts first: any other word keeps us from sending
            verdicts.append(verdict)
            writes += reply
    return Obeyed(verdicts=tuple(verdicts), writes=tuple(writes))


def _by_tag(draft: StoredDraft, ticket: Ticket, tag: str) -> tuple[Verdict, list[PlannedWrite]]:
    newest = ticket.last_customer_message
    if tag != "dh-accept":
        return Verdict(draft=draft, state=TAGS[tag], decided_by="tag", reason=tag.removeprefix("dh-")), []
    if newest is not None and newest.external_id != draft.message_id:
        return Verdict(
            draft=draft, state="superseded", decided_by="message", reason="the customer wrote again before dh-accept"
        ), []
    if open_placeholders(draft.text):
        reason = "a placeholder is open in it"
        return Verdict(draft=draft, state="withheld", decided_by="tag", reason=reason), []
    if not was_shown(draft.text, draft.draft):
        return Verdict(
            draft=draft, state="withheld", decided_by="tag", reason="the stored text is not the one that was shown"
        ), []
    reply = PlannedWrite(write=Reply(text=draft.text), rules=("draft:dh-accept",))
    return Verdict(draft=draft, state="accepted", decided_by="tag"), [reply]

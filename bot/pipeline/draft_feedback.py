"""What people make of drafts: an agent's tag on the ticket, or simply their own reply. Pure decisions; the pipeline stores them.

`dh-accept` sends the live draft as a public reply, once, in the name of the agent who set the tag; `dh-edit` means that the agent
takes the text over; `dh-reject` and `dh-wrong-intent` retire it with a reason. A tag that has been obeyed is taken off again,
and each is answered in the run's note. The next public reply of an agent retires the draft and is compared with it; a newer
message of the customer supersedes it, and the end of the ticket retires it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

from adapters.ticket import Agent, Changes, Message, Status, Ticket
from adapters.writes import PlannedWrite, RemoveTags, Reply, SetAssignee, SetStatus, SetTeam, Write
from bot.drafts.checks.placeholders import open_placeholders
from bot.drafts.recipients import difference
from bot.drafts.showable import was_shown
from bot.drafts.similarity import compare
from bot.facts.changes import new_messages
from bot.pipeline import draft_answers
from bot.pipeline.draft_words import Word, left_over, mistyped, new_tags
from bot.store.drafts import StoredDraft
from rules.model.decision import NoteWish
from rules.values.verdict_tags import ACCEPT

STATES = {"dh-edit": "taken_over", "dh-reject": "rejected", "dh-wrong-intent": "rejected"}
StatusAfter = Literal["pending", "open", "on_hold", "solved", "keep"]
_ENDED = (Status.SOLVED, Status.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A draft's new state, who decided, and why; the measure where a reply was compared with it; who accepted it."""

    draft: StoredDraft
    state: str
    decided_by: str
    reason: str = ""
    similarity: float | None = None
    band: str = ""
    approved_by: Agent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What a verdict needs to know beside the ticket.

    `words`: the new verdict tags with who set them; None: by whom is not known. `taken_over`: drafts that an agent said to write
    anew, and whose reply has not come yet. `last`: the ticket's newest draft, in whatever state. `shown_to`: whom a reply would
    go to now. `status_after`: of the ticket once a reply went out; `may_assign`: to whoever accepted it. `assignee_moves_team`:
    the helpdesk takes a ticket out of a team that its new assignee is not in.
    """

    words: Sequence[Word] | None = None
    taken_over: Sequence[StoredDraft] = ()
    last: StoredDraft | None = None
    shown_to: str = ""
    status_after: StatusAfter = "pending"
    may_assign: bool = True
    assignee_moves_team: bool = False
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Obeyed:
    """What follows from people's words about drafts: verdicts to store, writes to make, what the note says of it. `kept`: what is
    noted on drafts that stay open, by their id. `unsent`: what the note says instead where the reply was not sent."""

    verdicts: tuple[Verdict, ...] = ()
    writes: tuple[PlannedWrite, ...] = ()
    answers: tuple[NoteWish, ...] = ()
    unsent: tuple[NoteWish, ...] = ()
    kept: tuple[tuple[str, dict[str, str]], ...] = ()


def obey(
    before: Ticket | None, ticket: Ticket, changed: Changes, live: Sequence[StoredDraft], judging: Judging | None = None
) -> Obeyed:
    """Read the people's verdicts from what changed. At first sight there is no draft of ours to judge."""
    if before is None:
        return Obeyed()
    judging = judging or Judging()
    words = judging.words if judging.words is not None else [Word(tag=tag) for tag in new_tags(before, ticket)]
    typed = mistyped(before, ticket)
    replies = [message for message in new_messages(before, ticket) if message.is_agent_reply]
    done = Obeyed(writes=_taken_off(ticket, typed))
    for draft in live:
        done = _and(done, _judge(draft, before, ticket, changed, words, replies, judging))
    if replies:
        done = replace(done, verdicts=(*done.verdicts, *(_compared(each, replies, "taken over") for each in judging.taken_over)))
    if not live:
        done = replace(done, answers=tuple(draft_answers.nothing_open(each.tag, judging.last) for each in _of_agents(words)))
    if typed:
        done = replace(done, answers=(*done.answers, draft_answers.mistyped(typed)))
    return done


def _taken_off(ticket: Ticket, typed: dict[str, str]) -> tuple[PlannedWrite, ...]:
    off = sorted(left_over(ticket) | typed.keys())
    return (PlannedWrite(write=RemoveTags(tags=frozenset(off)), rules=(f"{draft_answers.RULE}{off[0]}",)),) if off else ()


def _and(first: Obeyed, second: Obeyed) -> Obeyed:
    return Obeyed(
        verdicts=(*first.verdicts, *second.verdicts),
        writes=(*first.writes, *second.writes),
        answers=(*first.answers, *second.answers),
        unsent=(*first.unsent, *second.unsent),
        kept=(*first.kept, *second.kept),
    )


def _of_agents(words: Sequence[Word]) -> list[Word]:
    return [word for word in words if word.is_by_an_agent]


def _judge(
    draft: StoredDraft,
    before: Ticket,
    ticket: Ticket,
    changed: Changes,
    words: Sequence[Word],
    replies: Sequence[Message],
    judging: Judging,
) -> Obeyed:
    """What becomes of one live draft."""
    by_agents = _of_agents(words)
    if not ticket.is_writable:
        return Obeyed(
            verdicts=(Verdict(draft=draft, state="retired", decided_by="solved", reason="the ticket takes no replies"),)
        )
    if replies:
        answers = tuple(draft_answers.answered_first(word.tag) for word in by_agents)
        return Obeyed(verdicts=(_compared(draft, replies),), answers=answers)
    if by_agents:
        return _by_tag(draft, ticket, changed, by_agents, judging)
    if words:
        return _by_no_agent(draft, words[-1])
    if ticket.status in _ENDED and before.status not in _ENDED:
        return Obeyed(verdicts=(Verdict(draft=draft, state="retired", decided_by="solved", reason="solved without a reply"),))
    return Obeyed()


def _compared(draft: StoredDraft, replies: Sequence[Message], reason: str = "") -> Verdict:
    found = compare(draft.text, replies[-1].body_text)
    return Verdict(
        draft=draft, state="retired", decided_by="reply", reason=reason, similarity=found.similarity, band=str(found.band)
    )


def _by_no_agent(draft: StoredDraft, word: Word) -> Obeyed:
    """It does not count. That is said once for a draft: a trigger may set its tag again with every update."""
    otherwise = word.by.otherwise if word.by else ""
    reason = f"{word.tag} was set by {otherwise}"[:200]
    if draft.reason == reason:
        return Obeyed()
    return Obeyed(answers=(draft_answers.no_agent(word.tag, otherwise),), kept=((draft.id, {"reason": reason}),))


def _by_tag(draft: StoredDraft, ticket: Ticket, changed: Changes, words: Sequence[Word], judging: Judging) -> Obeyed:
    word = words[-1]  # dh-accept sorts first: any other word keeps us from sending
    if word.tag != ACCEPT:
        tags = [each.tag for each in words]
        answer = draft_answers.contradiction(tags) if len(tags) > 1 else draft_answers.obeyed(word.tag)
        return Obeyed(verdicts=(_verdict(draft, STATES[word.tag], word.tag.removeprefix("dh-")),), answers=(answer,))
    newest = ticket.last_customer_message
    if newest is not None and newest.external_id != draft.message_id:
        late = Verdict(draft=draft, state="superseded", decided_by="message", reason="the customer wrote again before dh-accept")
        return Obeyed(verdicts=(late,), answers=(draft_answers.customer_wrote(word.tag),))
    if open_placeholders(draft.text):
        why = "A placeholder is open in the text."
        return Obeyed(
            verdicts=(_verdict(draft, "withheld", "a placeholder is open in it"),),
            answers=(draft_answers.refused(word.tag, why),),
        )
    if not was_shown(draft.text, draft.draft):
        other = Verdict(draft=draft, state="withheld", decided_by="tag", reason="the stored text is not the one that was shown")
        return Obeyed(
            verdicts=(other,), answers=(draft_answers.refused(word.tag, "The stored text is not the one that was shown."),)
        )
    agent = word.by.agent if word.by else None
    if agent is not None and not agent.may_answer:
        return Obeyed(answers=(draft_answers.may_not_answer(word.tag, _name(agent)),))
    if others := difference(draft.shown_to, judging.shown_to):
        kept = ((draft.id, {"shown_to": judging.shown_to}),)
        return Obeyed(answers=(draft_answers.others_would_read(word.tag, others),), kept=kept)
    return _accepted(draft, ticket, changed, agent, judging)


def _verdict(draft: StoredDraft, state: str, reason: str) -> Verdict:
    return Verdict(draft=draft, state=state, decided_by="tag", reason=reason)


def _accepted(draft: StoredDraft, ticket: Ticket, changed: Changes, agent: Agent | None, judging: Judging) -> Obeyed:
    """The draft is the agent's reply: in their name, and the ticket is theirs and waits for the customer."""
    is_asking = agent is not None and ticket.requester is not None and agent.external_id == ticket.requester.external_id
    author = agent.external_id if agent and not is_asking else ""  # nobody answers themselves
    after, more = _after_reply(ticket, changed, agent, judging)
    rules = (f"{draft_answers.RULE}{ACCEPT}",)
    writes = [PlannedWrite(write=Reply(text=draft.text, author=author), rules=rules)]
    writes += [PlannedWrite(write=each, rules=rules, after_reply=True) for each in after]
    who = _name(agent) if agent else ""
    return Obeyed(
        verdicts=(replace(_verdict(draft, "accepted", ""), approved_by=agent or Agent()),),
        writes=tuple(writes),
        answers=(draft_answers.sent(who, judging.now, more),),
        unsent=(draft_answers.not_sent(who),),
    )


def _after_reply(ticket: Ticket, changed: Changes, agent: Agent | None, judging: Judging) -> tuple[list[Write], str]:
    """What the ticket becomes once the customer was answered, and what of it is not possible, in words. What somebody set in the
    same breath as the tag stays."""
    writes: list[Write] = []
    if judging.status_after != "keep" and ticket.status in (Status.NEW, Status.OPEN) and "status" not in changed:
        writes.append(SetStatus(status=Status(judging.status_after)))
    if agent is None or not judging.may_assign or ticket.assignee is not None or "assignee" in changed:
        return writes, ""
    if judging.assignee_moves_team and ticket.team is not None and ticket.team.external_id not in agent.teams:
        return writes, f"{_name(agent)} is not in the team {ticket.team.name}, so the ticket stays unassigned there."
    writes.append(SetAssignee(agent=agent.email or agent.external_id))
    if judging.assignee_moves_team and ticket.team is None and agent.teams:
        writes.append(SetTeam(team=agent.teams[0]))  # where it comes out anyway
    return writes, ""


def _name(agent: Agent) -> str:
    return agent.name or agent.email or agent.external_id

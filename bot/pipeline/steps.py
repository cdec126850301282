"""What a run makes of what it has read: facts, decision, draft, plan, vendor requests. Nothing is written here, nor
stored but what the ticket is about (bot/facts/similar_tickets.py), which is the same whatever becomes of the run.

The pipeline reads (`RunInputs`), this thinks (`make`), the pipeline stores what came out (`PlannedRun`) and carries it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from adapters.codec import to_json
from adapters.helpdesk import Helpdesk
from adapters.ticket import Event, EventType, Priority, Status, Ticket
from adapters.writes import REFUSE, AddFollower, Plan, PlannedWrite, Request
from bot.drafts import Draft, DraftAsk, never_draft, recipients
from bot.drafts.showable import showable, shown_hash
from bot.drafts.types import issue_type_of, language_for
from bot.facts import changes, history_counts, similar_tickets
from bot.facts.gather import gather
from bot.log import get_logger
from bot.opinions.request import Asked as AskedOpinion
from bot.pipeline import draft_feedback, draft_words, restore_recovery
from bot.pipeline.draft_request import Asked, draft_json, draft_of
from bot.pipeline.shadow import Shadow, in_shadow
from bot.process.ids import new_id
from bot.rulesets.active import ActiveRules
from bot.runtime.bootstrap import Runtime
from bot.senses import visible_text
from bot.store.drafts import StoredDraft
from bot.store.refused_writes import RefusedWrite
from bot.store.tickets import Memory
from bot.writes import note, note_marker, planner, refusals
from bot.writes.after_writes import as_left, is_shown
from bot.writes.plan_requests import requestable
from bot.writes.planner import Yielded
from rules.engine.decide import NO_RULE, decide
from rules.model.canonical_json import decision_hash
from rules.model.decision import Decision, DraftWish, NoteWish
from rules.model.facts import Candidate, Facts, RuleState

log = get_logger("making")
NEWS = frozenset({EventType.TICKET_CREATED, EventType.CUSTOMER_REPLIED})  # a message that a model is asked about


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInputs:
    """What a run has read. `standing`: the rules that counted when it began. `state`: what they remember; `shadow_state`: what
    those in shadow do. `said`: the events that it covers; `overheard`: at first sight, those of a later run that are known
    already (first_sight.py). `live`, `ready`, `taken_over`: the ticket's drafts in these states; `last`: its newest one, where
    the ticket has new verdict tags. `words`: those tags, with who set them. `refused`: what the account's helpdesk would not
    take a while ago."""

    run_id: str
    standing: ActiveRules
    ticket: Ticket
    before: Ticket | None
    memory: Memory
    said: tuple[Event, ...]
    state: Mapping[str, RuleState]
    live: tuple[StoredDraft, ...]
    ready: tuple[StoredDraft, ...]
    now: datetime
    shadow_state: Mapping[str, RuleState] = field(default_factory=dict)
    refused: tuple[RefusedWrite, ...] = ()
    overheard: tuple[Event, ...] = ()
    taken_over: tuple[StoredDraft, ...] = ()
    last: StoredDraft | None = None
    words: tuple[draft_words.Word, ...] = ()

    @property
    def told(self) -> tuple[Event, ...]:
        """All that is known of what happened."""
        return (*self.said, *self.overheard)

    @property
    def judges_a_draft(self) -> bool:
        """An agent has put a tag on that says something of an open draft."""
        return bool(self.live) and any(word.is_by_an_agent for word in self.words)


@dataclass(slots=True, kw_only=True)
class PlannedRun:
    """What came of it. `shadow`: what rules in shadow would have done besides. `asked`: a draft that is still being written.
    `kept`: what is noted on drafts that stay open, by their id. `refused`: what the vendor cannot be asked for, in words."""

    facts: Facts
    decision: Decision
    decision_hash: str
    shadow: Shadow
    plan: Plan
    requests: list[Request]
    yielded: tuple[Yielded, ...]
    verdicts: tuple[draft_feedback.Verdict, ...]
    kept: tuple[tuple[str, dict[str, str]], ...]
    new_draft: StoredDraft | None
    asked: Asked | None
    refused: list[str] = field(default_factory=list)
    opinion: AskedOpinion | None = None  # of a model, in time or still under way


Brake = Callable[[Facts, Decision], frozenset[str]]  # the rules that must not act this time, nor again


def make(
    parts: Runtime, helpdesk: Helpdesk, seen: RunInputs, brake: Brake = lambda facts, decision: frozenset()
) -> PlannedRun | None:
    """The decision and its plan, or None where nothing happened since the last run."""
    if not happened(seen):
        return None
    events = _events(seen)
    own = seen.standing.rules.own_issues
    asked = parts.opinions.of(seen.ticket, own, is_news=bool(events & NEWS)) if parts.opinions else None
    facts = _facts(parts, seen, seen.ticket, events)
    if asked is not None:
        facts = replace(facts, signals={**facts.signals, **asked.signals(facts.signals)})
    decision = decide(seen.standing.rules, facts, in_full=NO_RULE)
    if stopped := brake(facts, decision):
        facts = replace(facts, switched_off=facts.switched_off | stopped)
        decision = decide(seen.standing.rules, facts, in_full=NO_RULE)
    hash = decision_hash(decision, planner.hashed_writes(facts, decision))  # of what the rules say alone: it can be decided again
    decision = replace(decision, notes=(*decision.notes, *_follow_ups(seen.said)))
    parts.checkpoint("decided")
    return replace(_plan(parts, helpdesk, seen, facts, decision, hash), opinion=asked)


def happened(seen: RunInputs) -> bool:
    """Whether anything did since the last run."""
    return bool(_events(seen) or _follow_ups(seen.said))


def _events(seen: RunInputs) -> frozenset[EventType]:
    found = changes.events(seen.before, seen.ticket, seen.told, seen.now)
    return found if found or not draft_words.left_over(seen.ticket) else frozenset({EventType.TAGS_CHANGED})


def decide_on(parts: Runtime, seen: RunInputs, then: Ticket) -> Decision:
    """What the rules make of the ticket as it was at an earlier moment (forgotten.py). Nothing is planned."""
    facts = _facts(parts, seen, then, changes.events(seen.before, then, seen.said, seen.now))
    return decide(seen.standing.rules, facts, in_full=NO_RULE)


def _facts(parts: Runtime, seen: RunInputs, ticket: Ticket, happened: frozenset[EventType]) -> Facts:
    facts = gather(
        ticket,
        happened=happened,
        changed=changes.changes(seen.before, ticket),
        is_first_sight=seen.before is None,
        memory=seen.memory,
        state=seen.state,
        directory=parts.directory,
        counted=partial(history_counts.counts, parts.engine, seen.standing.rules.counts),
        candidates=partial(_candidates, parts, seen, ticket.account),
        hours=parts.settings.hours,
        now=seen.now,
        own=seen.standing.rules.own_issues,
    )
    facts = replace(facts, switched_off=seen.standing.switched_off)
    return similar_tickets.with_similar(parts.engine, facts, asks_how_many=seen.standing.rules.asks_for_similar)


def _candidates(parts: Runtime, seen: RunInputs, account: str) -> tuple[Candidate, ...]:
    """The team, where a rule chooses among them: it would make every run's facts larger."""
    if not seen.standing.rules.chooses_agents:
        return ()
    return history_counts.with_loads(parts.engine, account, parts.directory.agents(seen.now))


def _plan(parts: Runtime, helpdesk: Helpdesk, seen: RunInputs, facts: Facts, decision: Decision, hash: str) -> PlannedRun:
    ticket = facts.ticket
    obeyed = draft_feedback.obey(seen.before, ticket, facts.changes, seen.live, _judging(parts, helpdesk, seen, decision))
    touched = changes.by_people(facts.changes, seen.before, ticket) if seen.before else changes.said_by_people(seen.told, ticket)
    fields = planner.plan_fields(ticket, decision, planner.still_ours(seen.memory, seen.before, ticket), touched)
    over = _why_left_alone(seen)
    language = language_for(ticket, facts.signals)
    proposals = note.Proposals() if over else note.safely_preview(helpdesk, ticket, decision.macros, language)
    late = _still_wanted(seen.ready, ticket)
    draft, asked = _draft(parts, seen, facts, decision, proposals, late)
    parts.checkpoint("drafted")
    mark = note_marker.new_marker(parts.settings.marker_keys[0], f"{seen.run_id}/note", ticket, helpdesk.identity)
    refused = [f"nothing is written: the ticket {over}"] if over else list(proposals.skipped)
    sendable, known = refusals.without_known(fields.writes, seen.refused)
    refused += [] if over else known
    done = _possible(helpdesk, sendable, ticket, refused) if not over else ()
    said = note.note_writes(
        facts,
        replace(decision, notes=(*obeyed.answers, *decision.notes)),
        draft,
        proposals,
        done,
        fields.yielded,
        refused,
        marker=mark,
        pack_version=seen.standing.rules.hash[:8],
        unsent=(*obeyed.unsent, *decision.notes) if obeyed.unsent else (),
    )
    writes = (*obeyed.writes, *sendable, *said.writes) if not over else ()
    plan = Plan(ticket=ticket.key, writes=writes, run_id=seen.run_id, note_content=to_json(said.content))
    requests = requestable(helpdesk, plan, ticket, lambda place, why: None) if writes else []
    new_draft = _new_draft(seen, facts, decision, draft, asked, mark, late)
    if new_draft is not None and new_draft.state == "live":
        # Whom our own rules put in copy has been shown, too.
        left = as_left(helpdesk, ticket, [each.write for each in writes if isinstance(each.write, AddFollower)])
        new_draft = replace(new_draft, shown_to=_shown_to(parts, helpdesk, left))
    return PlannedRun(
        facts=facts,
        decision=decision,
        decision_hash=hash,
        shadow=in_shadow(seen.standing, facts, decision, seen.shadow_state),
        plan=plan,
        requests=requests,
        yielded=fields.yielded,
        verdicts=(*obeyed.verdicts, *_superseded(seen.live, obeyed.verdicts, draft)),
        kept=obeyed.kept,
        new_draft=new_draft,
        asked=asked,
        refused=refused,
    )


def _why_left_alone(seen: RunInputs) -> str:
    """Why nothing is written on this ticket, or "". What people had finished before we met it stays as they left it, whether or
    not the helpdesk would take a write: Zendesk refuses one on a closed ticket, the others do not."""
    if not seen.ticket.is_writable:
        return f"is {_end_of(seen.ticket)}"
    if seen.before is None and seen.ticket.status in (Status.SOLVED, Status.CLOSED):
        return f"was {seen.ticket.status.value} before it was met"
    return ""


def _judging(parts: Runtime, helpdesk: Helpdesk, seen: RunInputs, decision: Decision) -> draft_feedback.Judging:
    return draft_feedback.Judging(
        words=seen.words,
        taken_over=seen.taken_over,
        last=seen.last,
        shown_to=_shown_to(parts, helpdesk, seen.ticket) if seen.judges_a_draft else "",
        # What rules set in this very run stays theirs.
        status_after="keep" if decision.status is not None else parts.settings.drafts.status_after_reply,
        may_assign=decision.assignee is None,
        assignee_moves_team=helpdesk.adapter.assignee_moves_team,
        now=seen.now,
    )


def _shown_to(parts: Runtime, helpdesk: Helpdesk, ticket: Ticket) -> str:
    staff = [each.email for each in helpdesk.agents()] if ticket.followers else []
    return recipients.shown_to(ticket, staff, parts.settings.marker_keys[0])


def _end_of(ticket: Ticket) -> str:
    """Why a ticket takes no writes."""
    if ticket.merged_into:
        return "merged"
    if ticket.is_deleted or ticket.is_spam:
        return "deleted" if ticket.is_deleted else "spam"
    return "closed" if ticket.status is Status.CLOSED else "archived"


def _possible(helpdesk: Helpdesk, fields: Sequence[PlannedWrite], ticket: Ticket, refused: list[str]) -> tuple[PlannedWrite, ...]:
    """The writes that this account can carry: the note must not claim more. The others go into `refused` with the reason; what
    becomes a request to people in the note itself (no field of the ticket shows it) is neither."""
    impossible: dict[int, str] = {}
    plan = Plan(ticket=ticket.key, writes=tuple(fields))
    for request in requestable(helpdesk, plan, ticket, impossible.__setitem__) if fields else ():
        if request.operation == REFUSE:
            impossible |= dict.fromkeys(request.writes, str(request.arguments["reason"]))
    refused += (why for place, why in impossible.items() if is_shown(helpdesk.adapter, fields[place].write))
    return tuple(
        planned for place, planned in enumerate(fields) if place not in impossible and is_shown(helpdesk.adapter, planned.write)
    )


def _draft(
    parts: Runtime, seen: RunInputs, facts: Facts, decision: Decision, proposals: note.Proposals, late: StoredDraft | None
) -> tuple[Draft | None, Asked | None]:
    """The draft for this run's note; or one that is still being written; or neither."""
    if why := never_draft(facts.ticket, facts.signals):
        log.info("draft.not_wanted", run=seen.run_id, why=why)
        return None, None
    if not decision.drafts and late is not None and late.draft is not None:
        stored = draft_of(late.draft)
        return showable(stored) if stored else None, None
    wish = _wish(decision, late)
    if wish is None:
        return None, None
    ask = DraftAsk(
        ticket=facts.ticket,
        now=facts.now,
        signals=facts.signals,
        company=facts.company,
        tone=wish.tone,
        instructions=wish.instructions,
        question=visible_text(facts.ticket),
        previews=tuple(preview for _, preview in proposals.previews),
    )
    asked = Asked(parts.drafter, ask).start()
    draft = asked.within(_patience_s(parts, facts, decision))
    return (showable(draft), None) if draft else (None, asked)


def _patience_s(parts: Runtime, facts: Facts, decision: Decision) -> float:
    """How long the run waits for the model: an urgent ticket's fields must not wait for its words."""
    settings = parts.settings.drafts
    is_urgent = Priority.URGENT in (decision.priority, facts.ticket.priority)
    return min(settings.patience_s, settings.urgent_patience_s) if is_urgent else settings.patience_s


def _wish(decision: Decision, late: StoredDraft | None) -> DraftWish | None:
    """What the draft should be like: the last rule's word, else that of the draft that was lost or late."""
    if decision.drafts:
        return decision.drafts[-1]
    return late.wish if late else None


def _new_draft(
    seen: RunInputs,
    facts: Facts,
    decision: Decision,
    draft: Draft | None,
    asked: Asked | None,
    mark: str,
    late: StoredDraft | None,
) -> StoredDraft | None:
    """The draft's row: live with this run's note, withheld with its reason, or asked for and late."""
    wish = _wish(decision, late)
    if wish is None or (draft is None and asked is None):
        return None
    newest = seen.ticket.last_customer_message
    return StoredDraft(
        id=asked.id if asked else new_id(),
        key=seen.ticket.key,
        run_id=seen.run_id,
        state="asked" if asked else ("withheld" if draft and draft.withheld else "live"),
        message_id=newest.external_id if newest else "",
        marker=mark,
        wish=wish,
        draft=draft_json(draft, shown_hash(draft.text)) if draft else None,
        text=draft.text if draft else "",
        language=draft.language if draft else "",
        created_at=seen.now,
        tries=late.tries + 1 if late else 1,
        issue=issue_type_of(facts.signals),
        team=decision.team or (facts.ticket.team.name if facts.ticket.team else ""),
    )


def _still_wanted(ready: Sequence[StoredDraft], ticket: Ticket) -> StoredDraft | None:
    """The late draft that answers the newest message; one for an older message comes too late."""
    newest = ticket.last_customer_message
    return next((each for each in ready if newest and each.message_id == newest.external_id), None)


def _superseded(
    live: Sequence[StoredDraft], judged: Sequence[draft_feedback.Verdict], draft: Draft | None
) -> list[draft_feedback.Verdict]:
    """A new draft takes the place of a live one: never more than one live draft a ticket."""
    if draft is None or draft.withheld:
        return []
    done = {verdict.draft.id for verdict in judged}
    return [draft_feedback.Verdict(draft=each, state="superseded", decided_by="message") for each in live if each.id not in done]


def _follow_ups(said: Sequence[Event]) -> list[NoteWish]:
    """Follow-ups whose time has come, as paragraphs for the note."""
    wishes = []
    for event in said:
        if event.kind_raw == restore_recovery.FOLLOW_UP and isinstance(event.raw, dict):
            words = restore_recovery.follow_up_words(event.raw)
            wishes.append(NoteWish(rule=str(event.raw.get("rule", "")), title="Follow-up due", text=words))
    return wishes

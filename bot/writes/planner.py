"""From what is there to what is wanted, in the fewest writes; and how a plan gives way to a person. Pure.

A field that a person changed since we last set it is left alone and recorded as yielded: at planning (a person changed it
after our last write, or in the very change that this run looks at), and again before writing (it differs from what
the plan was made on).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.codec import to_json
from adapters.ticket import Agent, Changes, Json, Status, Team, Ticket
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Merge,
    Note,
    Plan,
    PlannedWrite,
    ProposeMacro,
    RemoveFollower,
    RemoveTags,
    Reply,
    SetAssignee,
    SetField,
    SetPriority,
    SetStatus,
    SetTeam,
    SuppressSurvey,
    Write,
)
from bot.facts.changes import is_reopening
from bot.facts.own_values import is_same, value_of
from bot.store.runs import Refused
from bot.store.tickets import Memory
from rules.model.decision import Decision
from rules.model.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Yielded:
    """A wish that was not carried out because a person decided otherwise. `field` as in `Memory.set_by_us`, or `tag:x`."""

    field: str
    wanted: Json
    found: Json
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    writes: tuple[PlannedWrite, ...]
    yielded: tuple[Yielded, ...] = ()


def plan_fields(ticket: Ticket, decision: Decision, memory: Memory, changed: Changes) -> Planned:
    """The decision's tags and fields as writes; what the ticket has already is left out, what a person decided is yielded.

    Notes are not made here: they tell what these writes are, so they come after.
    """
    writes: list[PlannedWrite] = []
    yielded: list[Yielded] = []
    for write, rules in _wishes(ticket, decision):
        narrowed, given_up = _narrow(write, rules, ticket, memory, changed)
        yielded += given_up
        if narrowed is not None:
            writes.append(PlannedWrite(write=narrowed, rules=rules))
    return Planned(writes=tuple(writes), yielded=tuple(yielded))


def hashed_writes(facts: Facts, decision: Decision) -> list[PlannedWrite]:
    """The unified writes of a decision as `deskhand decide` prints and hashes them: without what we remember of the ticket, and
    with the note as a fact (its words depend on a model), so that the same story gives the same on every helpdesk."""
    writes = list(plan_fields(facts.ticket, decision, Memory(), {}).writes)
    writes += [PlannedWrite(write=ProposeMacro(macro=wish.macro), rules=(wish.rule,)) for wish in decision.macros]
    said = [wish.rule for wishes in (decision.drafts, decision.notes, decision.macros, decision.notices) for wish in wishes]
    if said:
        writes.append(PlannedWrite(write=Note(html="", marker=""), rules=tuple(dict.fromkeys(said))))
    return writes


def assigned(plan: Plan) -> str:
    """The agent whom a plan gives the ticket to; "" where it names none."""
    agents = [each.write.agent for each in plan.writes if isinstance(each.write, SetAssignee)]
    return (agents[-1] or "") if agents else ""


def _wishes(ticket: Ticket, decision: Decision) -> list[tuple[Write, tuple[str, ...]]]:
    """Every wish of the decision as a write, in the order they are applied: what sorts the ticket before what is said."""
    by = decision.by
    wishes: list[tuple[Write, tuple[str, ...]]] = []
    if decision.tags_add:
        wishes.append((AddTags(tags=decision.tags_add), _rules_of_tags(by, decision.tags_add)))
    if decision.tags_remove:
        wishes.append((RemoveTags(tags=decision.tags_remove), _rules_of_tags(by, decision.tags_remove)))
    if decision.priority is not None:
        wishes.append((SetPriority(priority=decision.priority), by.get("priority", ())))
    if decision.status is not None:
        wishes.append((SetStatus(status=decision.status), by.get("status", ())))
    if decision.team is not None:
        wishes.append((SetTeam(team=decision.team), by.get("team", ())))
    if decision.assignee is not None:
        wishes.append((SetAssignee(agent=decision.assignee), by.get("assignee", ())))
    wishes += [(SetField(slug=slug, value=value), by.get(f"field:{slug}", ())) for slug, value in sorted(decision.fields.items())]
    wishes += [(AddFollower(email=email), by.get(f"cc:{email}", ())) for email in sorted(decision.followers_add)]
    if decision.survey_off:
        wishes.append((SuppressSurvey(), by.get("survey", ())))
    wishes += [(Link(to=to), by.get(f"link:{to}", ())) for to in decision.links]
    return wishes


def _rules_of_tags(by: Mapping[str, tuple[str, ...]], tags: Collection[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule for tag in sorted(tags) for rule in by.get(f"tag:{tag}", by.get("tags", ()))))


def _narrow(
    write: Write, rules: tuple[str, ...], ticket: Ticket, memory: Memory, changed: Changes
) -> tuple[Write | None, list[Yielded]]:
    """The part of a wish that is left to do, and what gives way to a person."""
    match write:
        case AddTags(tags=tags):
            given_up = {tag for tag in tags - ticket.tags if tag in memory.tags_put or tag in _tags_taken(changed)}
            left = tags - ticket.tags - given_up
            gone = [
                Yielded(field=f"tag:{tag}", wanted="on", found="taken off by a person", rules=rules) for tag in sorted(given_up)
            ]
            return (AddTags(tags=left) if left else None), gone
        case RemoveTags(tags=tags):
            kept = {tag for tag in tags & ticket.tags if tag in _tags_given(changed)}
            left = (tags & ticket.tags) - kept
            gone = [Yielded(field=f"tag:{tag}", wanted="off", found="put on by a person", rules=rules) for tag in sorted(kept)]
            return (RemoveTags(tags=left) if left else None), gone
        case AddFollower(email=email):
            return (None if email.casefold() in {each.casefold() for each in ticket.followers} else write), []
        case RemoveFollower(email=email):
            return (write if email.casefold() in {each.casefold() for each in ticket.followers} else None), []
        case Link(to=to):
            return (None if ticket.problem_id == to else write), []
        case SuppressSurvey() | Merge() | Note() | Reply() | ProposeMacro():
            return write, []
    name, wanted = field_of(write)
    found = value_of(ticket, name)
    if is_same(wanted, found, ticket, name):
        return None, []
    ours = memory.set_by_us.get(name)
    by_a_person = (name in memory.set_by_us and not is_same(ours, found, ticket, name)) or _changed_now(name, changed)
    if by_a_person:
        return None, [Yielded(field=name, wanted=wanted, found=found, rules=rules)]
    return write, []


def _tags_taken(changed: Changes) -> frozenset[str]:
    before, now = (_tags_in(side) for side in changed.get("tags", ([], [])))
    return before - now


def _tags_given(changed: Changes) -> frozenset[str]:
    before, now = (_tags_in(side) for side in changed.get("tags", ([], [])))
    return now - before


def _tags_in(side: Json) -> frozenset[str]:
    return frozenset(str(tag) for tag in side) if isinstance(side, list | tuple) else frozenset()


def _changed_now(name: str, changed: Changes) -> bool:
    """A person changed this field in what this run looks at."""
    if not name.startswith("field."):
        return name in changed
    before, after = changed.get("custom", ({}, {}))
    slug = name.removeprefix("field.")
    old = before.get(slug) if isinstance(before, Mapping) else None
    new = after.get(slug) if isinstance(after, Mapping) else None
    return old != new


def field_of(write: Write) -> tuple[str, Json]:
    """The field that a write sets and its value, by the names of `Memory.set_by_us`."""
    match write:
        case SetPriority(priority=priority):
            return "priority", priority.value
        case SetStatus(status=status):
            return "status", status.value
        case SetTeam(team=team):
            return "team", team
        case SetAssignee(agent=agent):
            return "assignee", agent
        case SetField(slug=slug, value=value):
            shown: Json = to_json(value)
            return f"field.{slug}", shown
    raise ValueError(f"{write.kind} sets no field")


def rebase(plan: Plan, open_writes: Collection[int], base: Ticket, fresh: Ticket) -> tuple[Plan, dict[int, int], list[Yielded]]:
    """The writes that are still to do on a ticket that was read again: (plan, its positions -> the old ones, yielded).

    A field whose value differs from what the plan was made on was changed by a person: theirs stays.
    """
    kept: list[PlannedWrite] = []
    places: dict[int, int] = {}
    yielded: list[Yielded] = []
    moved = _moved(base, fresh)
    for place in sorted(open_writes):
        planned = plan.writes[place]
        narrowed, given_up = _narrow(planned.write, planned.rules, fresh, Memory(), moved)
        yielded += given_up
        if narrowed is not None:
            places[len(kept)] = place
            kept.append(replace(planned, write=narrowed))
    return replace(plan, writes=tuple(kept)), places, yielded


def _moved(base: Ticket, fresh: Ticket) -> dict[str, tuple[Json, Json]]:
    """Fields that differ between two reads, with tags and custom fields as `changes` gives them."""
    names = ("priority", "status", "team", "assignee")
    found = {
        name: (value_of(base, name), value_of(fresh, name)) for name in names if value_of(base, name) != value_of(fresh, name)
    }
    if base.tags != fresh.tags:
        found["tags"] = (to_json(base.tags), to_json(fresh.tags))
    if dict(base.custom) != dict(fresh.custom):
        found["custom"] = (to_json(base.custom), to_json(fresh.custom))
    return found


def left_of(write: Write, refused: Collection[Refused]) -> Write | None:
    """The write without what was refused of it; None where nothing is left."""
    if any(not each.tag for each in refused):
        return None
    if isinstance(write, AddTags | RemoveTags) and refused:
        gone = {each.tag.casefold() for each in refused}
        tags = frozenset(tag for tag in write.tags if tag.casefold() not in gone)
        return replace(write, tags=tags) if tags else None
    return write


def is_done(writes: Sequence[Write], ticket: Ticket) -> bool:
    """True where the ticket shows all these (repeatable) writes already."""
    return all(_narrow(write, (), ticket, Memory(), {})[0] is None for write in writes)


def after(ticket: Ticket, writes: Sequence[Write]) -> Ticket:
    """The ticket as these writes leave it: the snapshot that the next run compares with."""
    for write in writes:
        match write:
            case AddTags(tags=tags):
                ticket = replace(ticket, tags=ticket.tags | tags)
            case RemoveTags(tags=tags):
                ticket = replace(ticket, tags=ticket.tags - tags)
            case SetPriority(priority=priority):
                ticket = replace(ticket, priority=priority)
            case SetStatus(status=status):
                ticket = replace(ticket, status=status)
            case SetField(slug=slug, value=value):
                ticket = replace(ticket, custom={**ticket.custom, slug: value})
            case AddFollower(email=email):
                ticket = replace(ticket, followers=ticket.followers | {email})
            case RemoveFollower(email=email):
                left = (each for each in ticket.followers if each.casefold() != email.casefold())
                ticket = replace(ticket, followers=frozenset(left))
            case Link(to=to):
                ticket = replace(ticket, problem_id=to)
            case Reply() if ticket.status is Status.NEW and ticket.status_raw != Status.NEW.value:
                # Where the helpdesk has no such word, new means that nobody has answered yet.
                ticket = replace(ticket, status=Status.OPEN)
            case _:
                pass
    return ticket


def with_people(
    ticket: Ticket, writes: Sequence[Write], teams: Callable[[], Sequence[Team]], agents: Callable[[], Sequence[Agent]]
) -> Ticket:
    """`after` for teams and agents, whose ids only the helpdesk's (cached) lists know."""
    for write in writes:
        if isinstance(write, SetTeam):
            ticket = replace(ticket, team=_named(write.team, teams) if write.team else None)
        if isinstance(write, SetAssignee):
            ticket = replace(ticket, assignee=_called(write.agent, agents) if write.agent else None)
    return ticket


def _named(name: str, teams: Callable[[], Sequence[Team]]) -> Team:
    found = (team for team in teams() if name.casefold() in (team.name.casefold(), team.external_id.casefold()))
    return next(found, Team(name=name))


def _called(name: str, agents: Callable[[], Sequence[Agent]]) -> Agent:
    names = (name.casefold(),)
    found = (
        each for each in agents() if each.email.casefold() in names or each.name.casefold() in names or each.external_id in names
    )
    return next(found, Agent(email=name))


def still_ours(memory: Memory, before: Ticket | None, ticket: Ticket) -> Memory:
    """What we remember, without a status of ours that the helpdesk has undone by itself: nobody else has set one since."""
    if not is_reopening(before, ticket):
        return memory
    return replace(memory, set_by_us={name: value for name, value in memory.set_by_us.items() if name != "status"})


def remember(memory: Memory, writes: Sequence[Write]) -> Memory:
    """What we put on and set by these writes, added to what we remember."""
    put, taken, fields = set(memory.tags_put), set(memory.tags_taken), dict(memory.set_by_us)
    for write in writes:
        match write:
            case AddTags(tags=added):
                put |= added
                taken -= added
            case RemoveTags(tags=removed):
                put -= removed
                taken |= removed
            case SetPriority() | SetStatus() | SetTeam() | SetAssignee() | SetField():
                name, value = field_of(write)
                fields[name] = value
            case _:
                pass
    return Memory(tags_put=frozenset(put), tags_taken=frozenset(taken), set_by_us=fields)


def in_words(write: Write, shown_as: str = "") -> str:
    """A write in a few words for the note and the trace. `shown_as`: what stands for it where there is no field."""
    words = _in_words(write)
    return f"{words} as {shown_as}" if shown_as else words


def _in_words(write: Write) -> str:
    match write:
        case AddTags(tags=tags):
            return f"tag {', '.join(sorted(tags))}"
        case RemoveTags(tags=tags):
            return f"tag {', '.join(sorted(tags))} off"
        case SetPriority() | SetStatus() | SetTeam() | SetAssignee() | SetField():
            name, value = field_of(write)
            return f"{name.removeprefix('field.')} {value if value is not None else 'none'}"
        case AddFollower(email=email):
            return f"{email} in copy"
        case SuppressSurvey():
            return "no survey"
        case ProposeMacro(macro=macro):
            return f"macro proposed: {macro}"
        case Link(to=to):
            return f"linked to {to}"
        case Merge(into=into):
            return f"merged into {into}"
        case _:
            return write.kind.replace("_", " ")

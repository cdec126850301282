"""What a decision would do to a ticket, entry by entry: for comparing two, and for showing one that nobody carries out."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.ticket import Json, Ticket
from adapters.writes import AddFollower, AddTags, Link, RemoveTags, SetAssignee, SetField, SetPriority, SetStatus, SetTeam
from bot.store.tickets import Memory
from bot.writes.planner import plan_fields
from rules.model.canonical_json import digest
from rules.model.decision import Decision, NoteWish

Writes = Mapping[str, tuple[str, tuple[str, ...]]]  # what -> (value, rules)


def writes_of(ticket: Ticket, decision: Decision) -> Writes:
    """What the decision would write on the ticket: one entry a field, tag, person in copy and thing that is said, with its rules.
    What is said is shown by a hash of its words."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for planned in plan_fields(ticket, decision, Memory(), {}).writes:
        match planned.write:
            case AddTags(tags=tags):
                found |= {f"tag:{tag}": ("add", decision.by.get(f"tag:{tag}", ())) for tag in tags}
            case RemoveTags(tags=tags):
                found |= {f"tag:{tag}": ("remove", decision.by.get(f"tag:{tag}", ())) for tag in tags}
            case SetPriority(priority=priority):
                found["priority"] = (str(priority), planned.rules)
            case SetStatus(status=status):
                found["status"] = (str(status), planned.rules)
            case SetTeam(team=team):
                found["team"] = (team or "none", planned.rules)
            case SetAssignee(agent=agent):
                found["assignee"] = (agent or "none", planned.rules)
            case SetField(slug=slug, value=value):
                found[f"field:{slug}"] = (str(value), planned.rules)
            case AddFollower(email=email):
                found[f"cc:{email}"] = ("add", planned.rules)
            case Link(to=to):
                found[f"link:{to}"] = ("add", planned.rules)
            case _:
                found[planned.write.kind] = ("yes", planned.rules)
    return found | _said(decision)


def _said(decision: Decision) -> dict[str, tuple[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    found |= {f"draft of {each.rule}": (_words(each.tone, each.instructions), (each.rule,)) for each in decision.drafts}
    found |= {f"macro of {each.rule}": (each.macro, (each.rule,)) for each in decision.macros}
    found |= {f"note of {each.rule}": (_note_words(each), (each.rule,)) for each in decision.notes}
    found |= {f"notice of {each.rule}": (_words(each.channel, each.text), (each.rule,)) for each in decision.notices}
    return found | {f"follow-up of {each.rule}": (str(each.after), (each.rule,)) for each in decision.follow_ups}


def _note_words(wish: NoteWish) -> str:
    within = str(wish.within) if wish.within else ""
    return _words(wish.title, wish.text, *filter(None, (wish.team, *wish.tell, within)))


def _words(*said: Json) -> str:
    return digest([*said])[:8]

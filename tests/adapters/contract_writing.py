"""What every adapter proves when it writes: fields, tags, notes, markers, and what is not known."""

from __future__ import annotations

import json
from typing import get_args

from adapters.codec import dumps
from adapters.errors import (
    Unsupported,
    WriteRejected,
)
from adapters.ticket import Priority, Status
from adapters.writes import (
    AddFollower,
    AddTags,
    ProposeMacro,
    RemoveTags,
    Reply,
    Result,
    SetAssignee,
    SetPriority,
    SetStatus,
    SetTeam,
    Support,
    Write,
)
from tests.adapters.ground import ANNA, LENA, MARKER, NOTE, OTTO, Ground


def write_kinds() -> set[str]:
    return {str(each.__dataclass_fields__["kind"].default) for each in get_args(get_args(Write)[0])}


def fields_and_tags_come_back_as_they_were_written(ground: Ground) -> None:
    key = ground.open_ticket()
    writes = (
        AddTags(tags=frozenset({"escalated"})),
        RemoveTags(tags=frozenset({"outage"})),
        SetPriority(priority=Priority.URGENT),
        SetTeam(team="Senior"),
        SetAssignee(agent=LENA),
        SetStatus(status=Status.SOLVED),
    )

    outcomes = ground.write(ground.read(key), *writes)
    ticket = ground.helpdesk.hydrate(key)

    assert [(outcome.result, outcome.not_applied) for outcome in outcomes] == [(Result.CONFIRMED, ())] * len(outcomes)
    assert "escalated" in ticket.tags
    assert "outage" not in ticket.tags
    assert (ticket.priority, ticket.status) == (Priority.URGENT, Status.SOLVED)
    assert ticket.team is not None
    assert ticket.team.name == "Senior"
    assert ticket.assignee is not None
    assert ticket.assignee.email == LENA


def every_planned_write_is_carried_by_a_request(ground: Ground) -> None:
    ticket = ground.read(ground.open_ticket())

    requests = ground.requests(ticket, NOTE, AddTags(tags=frozenset({"new"})), SetTeam(team="Senior"), Reply(text="Hello"))

    assert sorted(position for request in requests for position in request.writes) == [0, 1, 2, 3]
    assert [request.number for request in requests] == list(range(len(requests)))
    assert all(not request.is_repeatable for request in requests if request.marker or request.is_public)
    json.dumps([dict(request.arguments) for request in requests])


def a_repeated_write_does_no_harm(ground: Ground) -> None:
    key = ground.open_ticket()
    requests = ground.requests(ground.read(key), AddTags(tags=frozenset({"new"})), SetTeam(team="Senior"))

    for request in requests:
        ground.helpdesk.send(request)
    once = ground.view(key)
    for request in requests:
        assert request.is_repeatable
        ground.helpdesk.send(request)
    twice = ground.view(key)

    assert (twice.tags, twice.team, len(twice.messages)) == (once.tags, once.team, len(once.messages))
    assert "new" in twice.tags


def an_agents_tag_survives_our_write(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)
    ground.desk.agent_update(key.external_id, agent=ANNA, tags_add=["by-anna"])
    ground.wait()

    ground.write_until_settled(key, ticket, AddTags(tags=frozenset({"ours"})), RemoveTags(tags=frozenset({"outage"})))

    assert ground.view(key).tags >= {"by-anna", "ours"}
    assert "outage" not in ground.view(key).tags


def a_note_is_private_and_there_once(ground: Ground) -> None:
    key = ground.open_ticket()

    [outcome] = ground.write(ground.read(key), NOTE)
    view = ground.view(key)

    assert outcome.result is Result.CONFIRMED
    assert [MARKER in note.html for note in view.bot_notes] == [True]
    assert not view.replies


def a_notes_html_stands_word_for_word_in_its_request(ground: Ground) -> None:
    """So that it can be rendered anew just before it is sent (bot/writes/note_claims.py)."""
    ticket = ground.read(ground.open_ticket())

    for other in (Reply(text="Hello"), AddTags(tags=frozenset({"new"})), AddFollower(email=OTTO), ProposeMacro(macro="Refund")):
        carrying = [each for each in ground.requests(ticket, other, NOTE) if each.marker]
        assert [dumps(each.arguments).count(dumps(NOTE.html)[1:-1]) for each in carrying] == [1]


def a_reply_is_public_and_its_text_stays_text(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)

    [request] = ground.requests(ticket, Reply(text="Hello <b>Otto</b> & all"))
    ground.helpdesk.send(request)

    assert request.is_public
    assert ["<b>Otto</b> & all" in reply.text for reply in ground.view(key).bot_replies] == [True]


def the_marker_is_found_in_our_private_note(ground: Ground) -> None:
    key = ground.open_ticket()
    ground.desk.agent_note(key.external_id, "something else", ANNA)
    request = next(each for each in ground.requests(ground.read(key), NOTE) if each.marker)

    before = ground.helpdesk.find_marker(key, MARKER)
    ground.helpdesk.send(request)

    assert request.marker == MARKER
    assert before is None
    assert ground.helpdesk.find_marker(key, MARKER)


def a_marker_in_anybody_elses_words_means_nothing(ground: Ground) -> None:
    key = ground.open_ticket(body=f"What is {MARKER}?")
    ground.desk.customer_reply(key.external_id, f"I wrote {MARKER} again")
    ground.desk.agent_note(key.external_id, f"the customer names {MARKER}", ANNA)
    ground.desk.agent_reply(key.external_id, f"{MARKER} is ours", ANNA)
    ground.write(ground.read(key), Reply(text=f"About {MARKER}"))

    assert ground.helpdesk.find_marker(key, MARKER) is None


def the_marker_is_found_behind_a_long_thread(ground: Ground) -> None:
    key = ground.open_ticket()
    for number in range(120):
        ground.desk.customer_reply(key.external_id, f"message number {number}")
    ground.write(ground.read(key), NOTE)

    assert ground.helpdesk.find_marker(key, MARKER)


def a_write_without_an_answer_is_unknown_and_sent_once(ground: Ground) -> None:
    for kind in ("502", "503", "reset_before", "reset_after_commit", "truncate", "html_200"):
        key = ground.open_ticket()
        request = ground.requests(ground.read(key), NOTE)[0]
        ground.desk.effects.reset()
        for method in ("POST", "PUT"):
            ground.desk.faults.order(kind, method=method, times=None)

        outcome = ground.helpdesk.send(request)
        ground.desk.faults.reset()

        assert outcome.result is Result.UNKNOWN, kind
        assert ground.sent_writes(key) == 1, kind
        was_applied = kind in ("reset_after_commit", "truncate")
        assert bool(ground.helpdesk.find_marker(key, MARKER)) is was_applied, kind


def a_write_that_hangs_is_unknown_when_its_time_is_up(ground: Ground) -> None:
    key = ground.open_ticket()
    request = ground.requests(ground.read(key), NOTE)[0]
    patient = ground.connect(ground.account(), deadline_s=0.5)
    patient.me()
    for method in ("POST", "PUT"):
        ground.desk.faults.order("hang", method=method, times=None, seconds=1.2)
    ground.desk.effects.reset()

    outcome = patient.send(request)

    assert outcome.result is Result.UNKNOWN
    assert ground.sent_writes(key) == 1


def what_an_agent_set_is_not_overwritten_unseen(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)
    ground.desk.agent_update(key.external_id, agent=ANNA, team="Billing")
    ground.wait()
    ground.helpdesk = ground.connect(ground.account())  # whoever writes is another run: it has read nothing itself

    [request] = ground.requests(ticket, SetTeam(team="Senior"))
    if not ground.bench.sees_conflicts:  # then the run's own read before the write is the guard, and no request says otherwise
        assert not request.is_conditional
        return
    outcome = ground.helpdesk.send(request)

    assert outcome.result is Result.CONFLICT
    assert ground.view(key).team == "Billing"


def a_team_that_is_not_there_is_refused_in_words(ground: Ground) -> None:
    key = ground.open_ticket()
    ticket = ground.read(key)

    try:
        requests = ground.requests(ticket, SetTeam(team="No Such Team"), AddTags(tags=frozenset({"new"})))
    except (WriteRejected, Unsupported) as error:
        assert "No Such Team" in str(error)
        return
    outcomes = {request.writes: ground.helpdesk.send(request) for request in requests}

    refusals = [outcome for writes, outcome in outcomes.items() if 0 in writes]
    assert [outcome.result for outcome in refusals] == [Result.REJECTED]
    assert "No Such Team" in refusals[0].reason
    assert "new" in ground.view(key).tags


def every_write_kind_is_declared(ground: Ground) -> None:
    table = ground.adapter.capabilities

    assert set(table) == write_kinds()
    assert all(row.fallback for row in table.values() if row.support is Support.FALLBACK)

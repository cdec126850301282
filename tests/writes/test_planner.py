"""From what is there to what is wanted, in the fewest writes; and a person's hand comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.codec import to_json
from adapters.ticket import Agent, CustomValue, Priority, Status, Team, Ticket, TicketKey, TicketKind
from adapters.writes import (
    AddFollower,
    AddTags,
    Link,
    Note,
    Plan,
    PlannedWrite,
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
from bot.facts import own_values
from bot.facts.changes import changes
from bot.store.tickets import Memory
from bot.writes import planner
from rules.model.decision import Decision, DraftWish, MacroWish
from rules.model.facts import Facts

pytestmark = pytest.mark.both_storages

SENIOR = Team(external_id="7", name="Senior")
BILLING = Team(external_id="8", name="Billing")
ANNA = Agent(external_id="31", name="Anna Agent", email="anna.agent@example.com")
BEN = Agent(external_id="32", name="Ben Agent", email="ben.agent@example.com")
KEY = TicketKey("acme", TicketKind.TICKET, "42")

tags = st.frozensets(st.sampled_from(["vip", "outage", "billing", "churn", "export"]))
custom: st.SearchStrategy[dict[str, CustomValue]] = st.dictionaries(
    st.sampled_from(["area", "seats"]), st.sampled_from(["web", "api", 3, None, ("a", "b")])
)
addresses = st.frozensets(st.sampled_from(["a@example.com", "B@example.com"]))
tickets = st.builds(
    Ticket,
    tags=tags,
    priority=st.sampled_from(Priority),
    status=st.sampled_from(Status),
    team=st.sampled_from([None, SENIOR, BILLING]),
    assignee=st.sampled_from([None, ANNA, BEN]),
    custom=custom,
    followers=addresses,
    problem_id=st.sampled_from([None, "1", "2"]),
)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    """Wishes as the engine combines them: a tag is never both put on and taken off."""
    add = draw(tags)
    return Decision(
        tags_add=add,
        tags_remove=draw(tags) - add,
        priority=draw(st.none() | st.sampled_from(Priority)),
        status=draw(st.none() | st.sampled_from(Status)),
        team=draw(st.sampled_from([None, "Senior", "senior", "7", "Billing", "8"])),
        assignee=draw(st.sampled_from([None, "anna.agent@example.com", "Ben Agent", "31", "BEN.AGENT@example.com"])),
        fields=draw(custom),
        followers_add=draw(addresses),
        links=draw(st.sampled_from([(), ("1",)])),
    )


def written(ticket: Ticket, writes: list[Write]) -> Ticket:
    return planner.with_people(planner.after(ticket, writes), writes, lambda: (SENIOR, BILLING), lambda: (ANNA, BEN))


def plan_writes(ticket: Ticket, decision: Decision, memory: Memory | None = None) -> list[Write]:
    return [each.write for each in planner.plan_fields(ticket, decision, memory or Memory(), {}).writes]


@given(tickets, decisions())
def test_a_plan_on_the_ticket_that_it_produced_is_empty(ticket: Ticket, decision: Decision) -> None:
    writes = plan_writes(ticket, decision)

    assert plan_writes(written(ticket, writes), decision) == []


@given(tickets, decisions())
def test_what_a_plan_produced_is_recognised_as_done(ticket: Ticket, decision: Decision) -> None:
    writes = plan_writes(ticket, decision)

    assert planner.is_done(writes, written(ticket, writes))
    assert not writes or not planner.is_done(writes, ticket)


@given(tickets, decisions())
def test_what_we_set_ourselves_is_no_persons_change(ticket: Ticket, decision: Decision) -> None:
    """By whichever name a rule called a team or an agent."""
    writes = plan_writes(ticket, decision)
    memory = planner.remember(Memory(), writes)
    wish = Decision(priority=Priority.URGENT, status=Status.SOLVED, team="Tier 2", assignee="lena@example.com")

    planned = planner.plan_fields(written(ticket, writes), wish, memory, {})

    assert planned.yielded == ()


@given(tickets, tickets, decisions())
def test_a_field_that_a_person_changed_in_this_very_change_is_never_written(
    before: Ticket, now: Ticket, decision: Decision
) -> None:
    changed = changes(before, now)

    planned = planner.plan_fields(now, decision, Memory(), changed)

    for each in planned.writes:
        match each.write:
            case AddTags(tags=added):
                assert not added & (before.tags - now.tags)
            case RemoveTags(tags=removed):
                assert not removed & (now.tags - before.tags)
            case SetField(slug=slug):
                assert to_json(before.custom.get(slug)) == to_json(now.custom.get(slug))
            case SetPriority() | SetStatus() | SetTeam() | SetAssignee():
                assert planner.field_of(each.write)[0] not in changed


@given(tickets, tickets, decisions())
def test_a_field_that_differs_from_what_we_set_is_never_written(first: Ticket, now: Ticket, decision: Decision) -> None:
    """We wrote, then somebody brought the ticket into any other state."""
    ours = plan_writes(first, decision)
    memory = planner.remember(Memory(), ours)

    planned = planner.plan_fields(now, decision, memory, {})

    for each in planned.writes:
        if isinstance(each.write, AddTags):
            assert not each.write.tags & memory.tags_put
        if isinstance(each.write, SetPriority | SetStatus | SetTeam | SetAssignee | SetField):
            assert planner.field_of(each.write)[0] not in memory.set_by_us


@given(tickets, decisions())
def test_tags_are_only_ever_written_as_a_difference(ticket: Ticket, decision: Decision) -> None:
    for write in plan_writes(ticket, decision):
        if isinstance(write, AddTags):
            assert write.tags
            assert not write.tags & ticket.tags
        if isinstance(write, RemoveTags):
            assert write.tags
            assert write.tags <= ticket.tags


@given(tickets, tickets, decisions())
def test_a_rebase_writes_no_field_that_moved(base: Ticket, fresh: Ticket, decision: Decision) -> None:
    planned = planner.plan_fields(base, decision, Memory(), {}).writes
    plan = Plan(ticket=KEY, writes=planned)

    rebased, places, yielded = planner.rebase(plan, range(len(planned)), base, fresh)

    for place, each in enumerate(rebased.writes):
        assert plan.writes[places[place]].write.kind == each.write.kind
        match each.write:
            case AddTags(tags=added):
                assert not added & (base.tags - fresh.tags)
            case RemoveTags(tags=removed):
                assert not removed & (fresh.tags - base.tags)
            case SetPriority() | SetStatus() | SetTeam() | SetAssignee() | SetField():
                name = planner.field_of(each.write)[0]
                assert own_values.value_of(base, name) == own_values.value_of(fresh, name)
    kept = {planner.field_of(each.write)[0] for each in rebased.writes if each.write.kind.startswith("set_")}
    assert not kept & {each.field for each in yielded}


@given(tickets, decisions())
def test_a_rebase_on_an_unchanged_ticket_keeps_the_plan(ticket: Ticket, decision: Decision) -> None:
    planned = planner.plan_fields(ticket, decision, Memory(), {}).writes
    plan = Plan(ticket=KEY, writes=planned)

    assert planner.rebase(plan, range(len(planned)), ticket, ticket) == (plan, {n: n for n in range(len(planned))}, [])


def test_a_rebase_takes_up_only_what_is_open() -> None:
    first, second = SetPriority(priority=Priority.HIGH), SetTeam(team="Senior")
    plan = Plan(ticket=KEY, writes=(PlannedWrite(write=first), PlannedWrite(write=second)))

    rebased, places, _ = planner.rebase(plan, {1}, Ticket(), Ticket())

    assert [each.write for each in rebased.writes] == [second]
    assert places == {0: 1}


def test_a_rebase_drops_what_somebody_else_did_meanwhile() -> None:
    plan = Plan(ticket=KEY, writes=(PlannedWrite(write=SetPriority(priority=Priority.HIGH)),))

    rebased, _, yielded = planner.rebase(plan, {0}, Ticket(), Ticket(priority=Priority.HIGH))

    assert rebased.writes == ()
    assert yielded == []


def test_a_persons_change_is_recorded_with_both_values_and_the_rules() -> None:
    decision = Decision(priority=Priority.URGENT, by={"priority": ("r1",)})
    memory = Memory(set_by_us={"priority": "high"})

    planned = planner.plan_fields(Ticket(priority=Priority.LOW), decision, memory, {})

    assert planned.writes == ()
    assert planned.yielded == (planner.Yielded(field="priority", wanted="urgent", found="low", rules=("r1",)),)


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        ({"tags": (["vip"], [])}, Decision(tags_add=frozenset({"vip"}))),
        ({"tags": ([], ["vip"])}, Decision(tags_remove=frozenset({"vip"}))),
        ({"custom": ({"area": "web"}, {"area": "api"})}, Decision(fields={"area": "web"})),
        ({"team": ("7", "8")}, Decision(team="Senior")),
    ],
)
def test_each_kind_of_change_by_a_person_stays(changed: dict[str, tuple[object, object]], wanted: Decision) -> None:
    tags_now = frozenset({"vip"}) if wanted.tags_remove else frozenset()
    ticket = Ticket(tags=tags_now, custom={"area": "api"}, team=BILLING)

    planned = planner.plan_fields(ticket, wanted, Memory(), changed)  # type: ignore[arg-type]

    assert planned.writes == ()
    assert len(planned.yielded) == 1


def test_another_custom_field_that_changed_stops_nothing() -> None:
    changed = {"custom": ({"area": "web"}, {"area": "api"})}

    planned = planner.plan_fields(
        Ticket(custom={"area": "api"}),
        Decision(fields={"seats": 3}),
        Memory(),
        changed,  # type: ignore[arg-type]
    )

    assert [each.write for each in planned.writes] == [SetField(slug="seats", value=3)]


@pytest.mark.parametrize("name", ["Senior", "senior", "7"])
def test_a_team_is_known_by_its_name_and_its_id(name: str) -> None:
    assert plan_writes(Ticket(team=SENIOR), Decision(team=name)) == []
    assert plan_writes(Ticket(team=BILLING), Decision(team=name)) == [SetTeam(team=name)]


@pytest.mark.parametrize("name", ["anna.agent@example.com", "Anna.Agent@example.com", "Anna Agent", "31"])
def test_an_agent_is_known_by_address_name_and_id(name: str) -> None:
    assert plan_writes(Ticket(assignee=ANNA), Decision(assignee=name)) == []
    assert written(Ticket(), [SetAssignee(agent=name)]).assignee == ANNA


def test_assignments_taken_off_are_none() -> None:
    ticket = written(Ticket(team=SENIOR, assignee=ANNA), [SetTeam(team=None), SetAssignee(agent=None)])

    assert (ticket.team, ticket.assignee) == (None, None)


def test_followers_and_links_that_are_there_are_not_written_again() -> None:
    ticket = Ticket(followers=frozenset({"Ann@example.com"}), problem_id="9")

    assert plan_writes(ticket, Decision(followers_add=frozenset({"ann@example.com"}), links=("9",))) == []
    assert planner.is_done([RemoveFollower(email="bob@example.com")], ticket)
    assert not planner.is_done([RemoveFollower(email="ann@example.com")], ticket)
    assert planner.after(ticket, [RemoveFollower(email="ann@example.com")]).followers == frozenset()


def test_words_are_never_done_by_looking_at_fields() -> None:
    assert not planner.is_done([Note(html="<p>x</p>", marker="A")], Ticket())
    assert not planner.is_done([Reply(text="x")], Ticket())


def test_what_sorts_the_ticket_comes_in_a_fixed_order() -> None:
    decision = Decision(
        priority=Priority.HIGH,
        status=Status.OPEN,
        team="Senior",
        assignee="31",
        tags_add=frozenset({"b", "a"}),
        tags_remove=frozenset({"old"}),
        fields={"b": 1, "a": 2},
        followers_add=frozenset({"z@example.com"}),
        survey_off=True,
        links=("9",),
    )

    assert plan_writes(Ticket(tags=frozenset({"old"})), decision) == [
        AddTags(tags=frozenset({"a", "b"})),
        RemoveTags(tags=frozenset({"old"})),
        SetPriority(priority=Priority.HIGH),
        SetStatus(status=Status.OPEN),
        SetTeam(team="Senior"),
        SetAssignee(agent="31"),
        SetField(slug="a", value=2),
        SetField(slug="b", value=1),
        AddFollower(email="z@example.com"),
        SuppressSurvey(),
        Link(to="9"),
    ]


def test_each_write_names_its_rules() -> None:
    decision = Decision(
        tags_add=frozenset({"a", "b"}), priority=Priority.HIGH, by={"tag:a": ("r1",), "tag:b": ("r2", "r1"), "priority": ("r3",)}
    )

    planned = planner.plan_fields(Ticket(), decision, Memory(), {})

    assert [each.rules for each in planned.writes] == [("r1", "r2"), ("r3",)]


def test_memory_holds_what_we_put_on_and_forgets_what_we_took_off() -> None:
    memory = planner.remember(Memory(), [AddTags(tags=frozenset({"a", "b"})), SetPriority(priority=Priority.HIGH)])

    memory = planner.remember(memory, [RemoveTags(tags=frozenset({"a"})), SetField(slug="area", value="web")])

    assert memory == Memory(
        tags_put=frozenset({"b"}), tags_taken=frozenset({"a"}), set_by_us={"priority": "high", "field.area": "web"}
    )


def test_the_hashed_writes_hold_that_there_is_a_note_and_not_its_words() -> None:
    facts = Facts(ticket=Ticket(), now=datetime(2026, 11, 21, tzinfo=UTC))
    decision = Decision(drafts=(DraftWish(rule="r1"),), macros=(MacroWish(rule="r2", macro="Refund steps"),))

    writes = planner.hashed_writes(facts, decision)

    assert [(each.write.kind, each.rules) for each in writes] == [("propose_macro", ("r2",)), ("note", ("r1", "r2"))]
    assert planner.hashed_writes(replace(facts, ticket=Ticket(subject="x")), decision) == writes


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (AddTags(tags=frozenset({"b", "a"})), "tag a, b"),
        (RemoveTags(tags=frozenset({"a"})), "tag a off"),
        (SetPriority(priority=Priority.HIGH), "priority high"),
        (SetTeam(team=None), "team none"),
        (SetField(slug="area", value="web"), "area web"),
        (AddFollower(email="a@example.com"), "a@example.com in copy"),
        (SuppressSurvey(), "no survey"),
        (Link(to="9"), "linked to 9"),
        (RemoveFollower(email="a@example.com"), "remove follower"),
    ],
)
def test_each_write_has_words_for_the_note(write: Write, words: str) -> None:
    assert planner.in_words(write) == words

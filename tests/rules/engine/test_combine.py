"""Wishes of several rules: what wins, what adds up, who is named as the loser."""

from __future__ import annotations

import pytest

from adapters.ticket import Priority, Status, Ticket
from rules.engine.combine import THE_TICKET, Combined, stepped
from rules.engine.decide import decide
from rules.model.decision import Decision, NoteKind, NoteWish
from rules.model.effects import WantCopies, WantField, WantLink, WantPriorityAtLeast, WantStatus, WantTags, WantTeam, Wish
from tests.rules.build import facts_of, rule, rules_of

HOT = facts_of(ticket={"subject": "hot"})


def test_the_later_rule_wins_a_field_and_the_loser_is_named() -> None:
    text = "rules:\n" + rule("{subject: hot}", "[assign_team: A, set_priority: high]", "a")
    text += rule("{subject: hot}", "[assign_team: B, set_priority: low]", "b")

    decision = decide(rules_of(text), HOT)

    assert (decision.team, decision.priority) == ("B", Priority.LOW)
    assert decision.by["team"] == ("b",)
    assert {(lost.field, lost.value, lost.rule, lost.to_rule) for lost in decision.lost} == {
        ("team", "A", "a", "b"),
        ("priority", "high", "a", "b"),
    }


def _raised(actions: list[str], priority: str = "none") -> Decision:
    text = "rules:\n" + "".join(rule("{subject: x}", f"[{each}]", f"r{n}") for n, each in enumerate(actions))
    return decide(rules_of(text), facts_of(ticket={"subject": "x", "priority": priority}))


def test_raising_never_lowers() -> None:
    decision = _raised(["raise_priority: normal"], "urgent")

    assert decision.priority is None
    assert [(lost.rule, lost.to_rule) for lost in decision.lost] == [("r0", "ticket")]


def test_one_step_raises_add_up_to_their_cap() -> None:
    step = "raise_priority: {by: 1, up_to: high}"

    assert _raised([step], "low").priority is Priority.NORMAL
    assert _raised([step, step], "low").priority is Priority.HIGH
    assert _raised([step, step, step], "low").priority is Priority.HIGH
    assert _raised(["raise_priority: {by: 1}", "raise_priority: {by: 1}"], "normal").priority is Priority.URGENT
    assert _raised([step, step], "low").by["priority"] == ("r0", "r1")


def test_a_step_under_its_cap_does_not_lower_what_is_above_it() -> None:
    decision = _raised(["raise_priority: {by: 1, up_to: normal}"], "urgent")

    assert decision.priority is None


def test_a_priority_comes_from_the_rules_without_which_it_would_be_another() -> None:
    step = "raise_priority: {by: 1}"

    assert _raised(["raise_priority: normal", step, step]).priority_from == ("r0", "r1", "r2")
    assert _raised(["raise_priority: normal", step, "raise_priority: urgent"]).priority_from == ("r2",)
    assert _raised(["raise_priority: urgent", "raise_priority: urgent", step]).priority_from == ("r0", "r1")
    assert _raised(["raise_priority: urgent", "set_priority: low"]).priority_from == ("r1",)


def test_a_ticket_without_priority_counts_as_normal_when_raised_by_steps() -> None:
    assert _raised(["raise_priority: {by: 1}"]).priority is Priority.HIGH
    assert _raised(["raise_priority: low", "raise_priority: {by: 1}"]).priority is Priority.NORMAL


def test_add_and_remove_of_one_tag_end_with_the_later_wish() -> None:
    text = "rules:\n" + rule("{subject: hot}", "[add_tags: t]", "a") + rule("{subject: hot}", "[remove_tags: t]", "b")

    decision = decide(rules_of(text), HOT)

    assert not decision.tags_add
    assert decision.tags_remove == {"t"}
    assert [(lost.field, lost.rule, lost.to_rule) for lost in decision.lost] == [("tag:t", "a", "b")]


def combined(*wishes: tuple[str, Wish], ticket: Ticket | None = None) -> Decision:
    """What (rule, wish) pairs come to, in this order."""
    found = Combined(ticket or Ticket())
    for by, wish in wishes:
        found.add(wish, by)
    return found.decision()


def test_two_who_want_the_same_are_both_named_and_nobody_loses() -> None:
    decision = combined(("a", WantTeam("Billing")), ("b", WantTeam("Billing")), ("b", WantStatus(Status.OPEN)))

    assert decision.by == {"team": ("a", "b"), "status": ("b",)}
    assert decision.lost == ()


def test_each_custom_field_is_decided_by_itself() -> None:
    decision = combined(("a", WantField("x", 1)), ("b", WantField("y", True)), ("c", WantField("x", 2)))

    assert decision.fields == {"x": 2, "y": True}
    assert [(lost.field, lost.value, lost.rule, lost.to_rule) for lost in decision.lost] == [("field:x", 1, "a", "c")]


def test_what_is_only_added_to_is_never_lost() -> None:
    decision = combined(("a", WantLink("1")), ("b", WantLink("2")), ("b", WantCopies(frozenset({"ann@example.com"}))))

    assert (decision.links, decision.lost) == (("1", "2"), ())
    assert decision.followers_add == {"ann@example.com"}


def test_a_raise_to_what_stands_agrees_with_it() -> None:
    decision = combined(("a", WantPriorityAtLeast(Priority.HIGH)), ticket=Ticket(priority=Priority.HIGH))

    assert (decision.priority, decision.lost) == (Priority.HIGH, ())


def test_a_raise_that_is_too_low_loses_to_whoever_set_what_stands() -> None:
    decision = combined(("a", WantPriorityAtLeast(Priority.URGENT)), ("b", WantPriorityAtLeast(Priority.HIGH)))
    beside = combined(("b", WantPriorityAtLeast(Priority.LOW)), ticket=Ticket(priority=Priority.HIGH))

    assert [(lost.rule, lost.to_rule) for lost in (*decision.lost, *beside.lost)] == [("b", "a"), ("b", THE_TICKET)]


def test_one_wish_that_adds_and_removes_a_tag_adds_it() -> None:
    decision = combined(("a", WantTags(add=frozenset({"x"}), remove=frozenset({"x", "y"}))))

    assert decision.tags_add == {"x"}
    assert decision.tags_remove == {"y"}


def test_every_escalation_is_kept_whole() -> None:
    wishes = [NoteWish(rule=rule, text=f"because of {rule}", kind=NoteKind.ESCALATION, tell=(rule,)) for rule in ("a", "b")]

    decision = combined(*((wish.rule, wish) for wish in wishes))

    assert list(decision.notes) == wishes


@pytest.mark.parametrize(
    ("standing", "by", "up_to", "wanted"),
    [
        ("low", 1, "urgent", "normal"),
        ("low", 3, "high", "high"),
        ("none", 1, "urgent", "high"),
        ("urgent", 1, "normal", "urgent"),
        ("urgent", 2, "urgent", "urgent"),
    ],
)
def test_steps_count_from_what_stands_to_the_cap(standing: str, by: int, up_to: str, wanted: str) -> None:
    assert stepped(Priority(standing), by, Priority(up_to)) is Priority(wanted)

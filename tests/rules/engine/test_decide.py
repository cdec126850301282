"""When rules fire, and what is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from adapters.ticket import EventType, Message, Priority, Ticket
from rules.engine.decide import HELD_BACK, decide
from rules.engine.rule import Stage
from rules.engine.ruleset import RuleSet
from rules.model.decision import Decision
from tests.rules.build import NOW, again, facts_of, one_rule, result, rule, rules_of

REPLIED = frozenset({EventType.CUSTOMER_REPLIED})
UPDATED = frozenset({EventType.TICKET_UPDATED})
HOT = facts_of(ticket={"subject": "hot", "messages": [{"external_id": "m1"}]})
COLD = replace(HOT, ticket=replace(HOT.ticket, subject="cold"))


def _with_message(ticket: Ticket, id: str) -> Ticket:
    return replace(ticket, messages=(*ticket.messages, Message(external_id=id)))


def test_a_rule_fires_on_the_flip_and_not_while_it_holds() -> None:
    rules = one_rule("{subject: hot}", "[add_tags: hot]")

    first = decide(rules, HOT)
    second = again(rules, HOT, first, events=REPLIED)
    cold = again(rules, COLD, second, events=REPLIED)
    third = again(rules, HOT, cold, events=REPLIED)

    assert first.tags_add == {"hot"}
    assert (second.tags_add, result(second).matched, result(second).because) == (frozenset(), True, "still holds")
    assert third.tags_add == {"hot"}
    assert third.state["r"].fired == 2


def test_a_rule_is_asked_under_its_events_only_and_its_presence_is_kept() -> None:
    rules = one_rule("{subject: hot}", "[add_tags: hot]", "on: [customer.replied]")

    created = decide(rules, HOT)
    replied = again(rules, HOT, created, events=REPLIED)

    assert (result(created).fired, result(created).because) == (False, "event")
    assert (result(created).steps[0].path, result(created).steps[0].holds) == ("on", False)
    assert created.state["r"].held is False
    assert replied.tags_add == {"hot"}


def test_another_event_leaves_what_held_as_it_was() -> None:
    rules = one_rule("{subject: hot}", "[add_tags: hot]")

    first = decide(rules, HOT)
    other = again(rules, COLD, first, events=UPDATED)

    assert other.state == first.state


def test_a_new_rule_takes_its_first_look_at_a_known_ticket_silently() -> None:
    rules = one_rule("{subject: hot}", "[add_tags: hot, draft_reply]")
    known = replace(HOT, is_first_sight=False, events=REPLIED)

    look = decide(rules, known)
    answer = again(rules, replace(known, ticket=_with_message(HOT.ticket, "m2")), look)

    assert (result(look).because, look.state["r"].held) == ("first look", True)
    assert answer.tags_add == frozenset()
    assert answer.wants_reply


def test_a_changed_rule_is_a_new_rule() -> None:
    old, new = one_rule("{subject: hot}", "[add_tags: a]"), one_rule("{subject: hot}", "[add_tags: b]")

    decision = again(new, HOT, decide(old, HOT))

    assert result(decision).because == "first look"
    assert decision.state["r"].fired == 0


def test_a_draft_comes_once_for_each_customer_message() -> None:
    rules = one_rule("{subject: hot}", "[draft_reply, add_note: text]")
    more = replace(HOT, ticket=_with_message(HOT.ticket, "m2"))

    first = decide(rules, HOT)
    same = again(rules, HOT, first, events=REPLIED)
    newer = again(rules, more, same, events=REPLIED)

    assert (len(first.drafts), len(first.notes)) == (1, 1)
    assert (len(same.drafts), len(same.notes)) == (0, 0)
    assert (len(newer.drafts), len(newer.notes)) == (1, 0)
    assert result(newer).actions == ("draft_reply",)


def test_a_note_comes_once_on_a_ticket_even_after_a_second_flip() -> None:
    rules = one_rule("{subject: hot}", "[add_note: text, add_tags: hot]")

    cold = again(rules, COLD, decide(rules, HOT))
    second = again(rules, HOT, cold)

    assert second.notes == ()
    assert second.tags_add == {"hot"}


def test_a_note_per_message_comes_with_each_message() -> None:
    rules = one_rule("{subject: hot}", "[add_note: {text: text, per: message}]")

    newer = again(rules, replace(HOT, ticket=_with_message(HOT.ticket, "m2")), decide(rules, HOT))

    assert len(newer.notes) == 1


def test_limits_count_firings_on_this_ticket() -> None:
    rules = one_rule("{subject: hot}", "[add_tags: hot]", "limits: {per_ticket: 1}")

    second = again(rules, HOT, again(rules, COLD, decide(rules, HOT)))

    assert (second.tags_add, result(second).because) == (frozenset(), "limit per_ticket")


def test_the_hourly_limit_forgets_after_an_hour() -> None:
    rules = one_rule("{subject: hot}", "[add_tags: hot]", "limits: {per_hour: 1}")
    cold = again(rules, COLD, decide(rules, HOT))

    soon = again(rules, HOT, cold, now=NOW + timedelta(minutes=59))
    later = again(rules, HOT, cold, now=NOW + timedelta(minutes=60))

    assert result(soon).because == "limit per_hour"
    assert later.tags_add == {"hot"}


def test_an_unknown_condition_neither_fires_nor_ends_what_held() -> None:
    rules = one_rule("{company.tier: enterprise}", "[toggle_tag: big]")
    known = facts_of(company={"tier": "enterprise"})
    first = decide(rules, known)

    unknown = again(rules, facts_of(), first, toggled=frozenset({"big"}))
    back = again(rules, known, unknown)

    assert (result(unknown).matched, unknown.tags_remove) == (False, frozenset())
    assert (back.tags_add, result(back).because) == (frozenset(), "still holds")


def test_stop_ends_its_file_and_not_the_next() -> None:
    first = "rules:\n" + rule("{subject: hot}", "[add_tags: a]", "a", "stop: true") + rule("{subject: hot}", "[add_tags: b]", "b")
    rules = rules_of(first, "rules:\n" + rule("{subject: hot}", "[add_tags: c]", "c"))

    decision = decide(rules, HOT)
    still = again(rules, HOT, decision)

    assert decision.tags_add == {"a", "c"}
    assert result(decision, "b").because == "stopped by a"
    assert result(still, "b").because == "stopped by a"


def test_rules_of_one_file_see_the_same_facts_and_a_later_file_sees_what_was_decided() -> None:
    first = (
        "rules:\n"
        + rule("{subject: hot}", "[set_priority: urgent, add_tags: a]", "a")
        + rule("{decided.priority: urgent}", id="b")
    )
    second = "rules:\n" + rule("{decided.priority: urgent, decided.tags: {has: a}}", "[assign_team: Senior]", "c")

    decision = decide(rules_of(first, second), HOT)

    assert not result(decision, "b").matched
    assert decision.team == "Senior"


def test_a_toggled_tag_comes_off_only_where_it_is_ours() -> None:
    rules = one_rule("{subject: hot}", "[toggle_tag: hot]")
    first = decide(rules, HOT)

    ours = again(rules, COLD, first, toggled=frozenset({"hot"}))
    theirs = again(rules, COLD, first)

    assert ours.tags_remove == {"hot"}
    assert ours.by["tag:hot"] == ("r",)
    assert theirs.tags_remove == frozenset()


def test_a_toggled_tag_stays_while_another_rule_holds_it() -> None:
    rules = rules_of("rules:\n" + rule("{subject: hot}", "[toggle_tag: t]", "a") + rule("{status: new}", "[toggle_tag: t]", "b"))

    decision = again(rules, COLD, decide(rules, HOT), toggled=frozenset({"t"}))

    assert decision.tags_remove == frozenset()


def test_an_empty_placeholder_blocks_its_action_and_the_trace_says_so() -> None:
    rules = one_rule("{subject: hot}", "[add_note: 'Hi {requester.name}', add_tags: hot]")

    decision = decide(rules, HOT)

    assert not decision.notes
    assert decision.tags_add == {"hot"}
    assert result(decision).actions == ("add_tags",)
    assert result(decision).steps[-1].path == "then[0].add_note"
    assert result(decision).steps[-1].why == "requester.name is empty"


def test_a_rule_whose_every_action_is_blocked_has_not_fired() -> None:
    decision = decide(one_rule("{subject: hot}", "[add_note: 'Hi {requester.name}']"), HOT)

    assert (result(decision).fired, result(decision).because) == (False, "blocked")
    assert decision.state["r"].fired == 0


def test_a_rule_without_condition_matches() -> None:
    assert result(decide(rules_of("rules:\n  - {id: r, then: [survey_off]}\n"), HOT)).fired


def test_every_rule_has_a_result_and_a_state() -> None:
    text = "rules:\n" + "".join(rule("{subject: cold}", id=f"r{n}") for n in range(5))

    decision = decide(rules_of(text), HOT)

    assert [each.id for each in decision.rules] == list(decision.state) == [f"r{n}" for n in range(5)]


def test_a_rule_that_is_no_more_than_a_draft_or_in_shadow_decides_nothing_and_remembers_nothing() -> None:
    for stage in ("draft", "shadow"):
        rules = one_rule("{subject: hot}", "[add_tags: hot]", f"stage: {stage}")

        decision = decide(rules, HOT)
        would = decide(rules.as_if_live(*Stage), HOT)

        assert (decision.tags_add, decision.state, result(decision).because) == (frozenset(), {}, stage)
        assert would.tags_add == {"hot"}
        assert would.state["r"].held


def test_a_rule_that_is_switched_off_is_not_asked_and_its_tag_stays() -> None:
    rules = one_rule("{subject: hot}", "[toggle_tag: hot]")
    held = decide(rules, HOT)

    off = again(rules, replace(COLD, toggled=frozenset({"hot"})), held, switched_off=frozenset({"r"}))

    assert (result(off).because, off.tags_remove, off.state) == ("switched off", frozenset(), held.state)


def _turning(rules: RuleSet, times: int, minutes: int = 5, ours: frozenset[str] = frozenset({"tag:hot"})) -> list[Decision]:
    """The condition turns true and false again, so many times. `ours`: what we have undone each time in between."""
    made: list[Decision] = []
    for number in range(times):
        now = NOW + timedelta(minutes=minutes * number)
        before = made[-1] if made else decide(rules, COLD)
        hot = replace(HOT, now=now, ours=ours if made else frozenset())
        made.append(again(rules, hot, again(rules, replace(COLD, now=now), before)))
    return made


def test_a_rule_that_sets_something_time_and_again_is_held_back_for_the_hour() -> None:
    rules = one_rule("{subject: hot}", "[add_tags: hot]")

    fired = [bool(each.tags_add) for each in _turning(rules, 6)]
    slowly = [bool(each.tags_add) for each in _turning(rules, 6, minutes=20)]

    assert fired == [True, True, True, True, False, False]
    assert slowly == [True] * 6
    assert result(_turning(rules, 5)[-1]).because == HELD_BACK


def test_only_what_we_undid_ourselves_counts_as_going_round() -> None:
    """A customer may make a condition true as often as they like: no circle without writes of our own."""
    rules = one_rule("{subject: hot}", "[add_tags: hot]")
    raises = one_rule("{subject: hot}", "[raise_priority: urgent]")

    by_others = [bool(each.tags_add) for each in _turning(rules, 9, ours=frozenset())]
    is_so_already = replace(HOT, ticket=replace(HOT.ticket, priority=Priority.URGENT), ours=frozenset({"priority"}))
    looks = [decide(raises, is_so_already)]
    for _ in range(8):
        looks.append(again(raises, is_so_already, again(raises, COLD, looks[-1])))

    assert by_others == [True] * 9
    assert [result(each).because for each in looks] == [""] * 9


def test_what_tells_people_is_not_held_back_nor_where_the_rule_says_how_often() -> None:
    told = one_rule("{subject: hot}", "[add_note: {text: text, per: message}]")
    often = one_rule("{subject: hot}", "[add_tags: hot]", "limits: {per_hour: 6}")

    looks = [decide(told, HOT)]
    for number in range(2, 8):
        looks.append(again(told, replace(HOT, ticket=_with_message(HOT.ticket, f"m{number}")), looks[-1], events=REPLIED))

    assert all(each.notes for each in looks)
    assert [bool(each.tags_add) for each in _turning(often, 7)] == [True] * 6 + [False]

"""What was decided: nothing unless somebody wished it."""

from __future__ import annotations

from rules.model.decision import Decision, DraftWish, MacroWish


def test_who_wishes_a_draft_wishes_a_reply() -> None:
    assert Decision(drafts=(DraftWish(rule="r"),)).wants_reply
    assert not Decision(macros=(MacroWish(rule="r", macro="Welcome"),)).wants_reply


def test_without_wishes_nothing_is_to_become_of_the_ticket() -> None:
    nothing = Decision()

    assert (nothing.priority, nothing.status, nothing.team, nothing.assignee) == (None, None, None, None)
    assert not (nothing.tags_add or nothing.tags_remove or nothing.notes or nothing.survey_off or nothing.wants_reply)

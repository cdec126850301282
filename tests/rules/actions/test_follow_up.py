"""`follow_up`: when, and with which words."""

from __future__ import annotations

from datetime import timedelta

from rules.actions import follow_up
from rules.model.decision import FollowUp
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_a_follow_up_keeps_its_time() -> None:
    assert decided("follow_up: 24 h").follow_ups[0].after == timedelta(hours=24)


def test_the_reminder_is_filled_and_may_be_left_out() -> None:
    words = {"after": "30 min", "text": "Solved for {requester.name}?"}

    assert wish_of(follow_up, words, requester={"name": "Rita"}).text == "Solved for Rita?"
    assert wish_of(follow_up, {"after": "30 min"}) == FollowUp(rule="r", after=timedelta(minutes=30), text="")


def test_it_wants_to_know_when() -> None:
    assert "after" in refusal_of(follow_up, text="x")

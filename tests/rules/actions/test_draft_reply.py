"""`draft_reply`: in which tone, with which instructions, how often."""

from __future__ import annotations

from rules.actions import draft_reply
from rules.model.decision import DraftWish
from tests.rules.actions.acting import refusal_of, wish_of


def test_a_draft_is_warm_unless_the_rule_says_otherwise() -> None:
    assert wish_of(draft_reply, {}) == DraftWish(rule="r", tone="warm", instructions="")
    assert wish_of(draft_reply, {"tone": "brief"}).tone == "brief"


def test_instructions_hold_no_placeholders_and_are_passed_on_as_written() -> None:
    assert wish_of(draft_reply, {"instructions": "Say {nobody}."}).instructions == "Say {nobody}."


def test_it_comes_again_with_each_message_unless_the_rule_says_otherwise() -> None:
    assert draft_reply.Options().per == "message"
    assert draft_reply.Options(per="ticket").per == "ticket"


def test_a_tone_that_nobody_knows_is_refused() -> None:
    assert "'warm', 'formal', 'brief', 'executive' or 'recovery'" in refusal_of(draft_reply, tone="rude")

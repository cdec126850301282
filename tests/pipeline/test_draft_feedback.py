"""What people make of drafts: their tags, or their own reply. Nothing is sent without a word about exactly this draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.ticket import AuthorKind, Direction, Json, Message, Ticket, TicketKey, TicketKind
from adapters.writes import RemoveTags, Reply
from bot.drafts.showable import shown_hash
from bot.pipeline.draft_feedback import Obeyed, obey
from bot.store.drafts import StoredDraft
from rules.model.decision import DraftWish

pytestmark = pytest.mark.both_storages

SHOWN = "Your refund is on its way and takes five days."
QUESTION = Message(external_id="m1", body_text="Where is my refund?")
BEFORE = Ticket(messages=(QUESTION,), tags=frozenset({"vip"}))
LIVE = StoredDraft(
    id="draft-1",
    key=TicketKey("acme", TicketKind.TICKET, "42"),
    run_id="run-1",
    state="live",
    message_id="m1",
    marker="ABCDEFGH",
    wish=DraftWish(rule="r1"),
    draft={"shown_hash": shown_hash(SHOWN)},
    text=SHOWN,
    language="en",
    created_at=datetime(2026, 11, 21, tzinfo=UTC),
)


def after(*tags: str, messages: tuple[Message, ...] = (QUESTION,)) -> Ticket:
    return Ticket(messages=messages, tags=frozenset({"vip", *tags}))


def agent_says(text: str) -> Message:
    return Message(external_id="m2", author_kind=AuthorKind.AGENT, direction=Direction.OUT, body_text=text)


def states(obeyed: Obeyed) -> list[str]:
    return [each.state for each in obeyed.verdicts]


def replies(obeyed: Obeyed) -> list[str]:
    return [each.write.text for each in obeyed.writes if isinstance(each.write, Reply)]


def taken_off(obeyed: Obeyed) -> frozenset[str]:
    return frozenset(tag for each in obeyed.writes if isinstance(each.write, RemoveTags) for tag in each.write.tags)


def test_accepted_is_sent_and_its_tag_comes_off() -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [LIVE])

    assert states(obeyed) == ["accepted"]
    assert replies(obeyed) == [LIVE.text]
    assert taken_off(obeyed) == {"dh-accept"}
    assert {rule for each in obeyed.writes for rule in each.rules} == {"draft:dh-accept"}


def test_a_stored_draft_with_an_open_placeholder_is_not_sent() -> None:
    text = "Dear [Customer Name], it is on its way."
    stored = replace(LIVE, text=text, draft={"shown_hash": shown_hash(text)})

    obeyed = obey(BEFORE, after("dh-accept"), {}, [stored])

    assert states(obeyed) == ["withheld"]
    assert "placeholder" in obeyed.verdicts[0].reason
    assert replies(obeyed) == []


@pytest.mark.parametrize("stored", [{"shown_hash": shown_hash("Something else.")}, {"text": SHOWN}, None])
def test_a_text_that_no_note_has_shown_is_not_sent(stored: Json) -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [replace(LIVE, draft=stored)])

    assert states(obeyed) == ["withheld"]
    assert "not the one that was shown" in obeyed.verdicts[0].reason
    assert replies(obeyed) == []
    assert taken_off(obeyed) == {"dh-accept"}


@pytest.mark.parametrize(
    ("tag", "state"), [("dh-edit", "taken_over"), ("dh-reject", "rejected"), ("dh-wrong-intent", "rejected")]
)
def test_any_other_word_sends_nothing(tag: str, state: str) -> None:
    obeyed = obey(BEFORE, after(tag), {}, [LIVE])

    assert states(obeyed) == [state]
    assert replies(obeyed) == []
    assert taken_off(obeyed) == {tag}


@pytest.mark.parametrize("other", ["dh-edit", "dh-reject", "dh-wrong-intent"])
def test_two_words_that_contradict_each_other_send_nothing(other: str) -> None:
    obeyed = obey(BEFORE, after("dh-accept", other), {}, [LIVE])

    assert replies(obeyed) == []
    assert taken_off(obeyed) == {"dh-accept", other}


def test_a_tag_that_could_not_be_taken_off_says_nothing_about_the_next_draft() -> None:
    obeyed = obey(after("dh-accept"), after("dh-accept"), {}, [LIVE])

    assert states(obeyed) == []
    assert replies(obeyed) == []
    assert taken_off(obeyed) == {"dh-accept"}


def test_an_acceptance_after_a_newer_message_is_void() -> None:
    newer = Message(external_id="m2", body_text="Never mind.")

    obeyed = obey(BEFORE, after("dh-accept", messages=(QUESTION, newer)), {}, [LIVE])

    assert states(obeyed) == ["superseded"]
    assert replies(obeyed) == []


def test_an_agents_own_reply_comes_before_any_tag_and_is_compared() -> None:
    obeyed = obey(BEFORE, after("dh-accept", messages=(QUESTION, agent_says(LIVE.text))), {}, [LIVE])

    assert states(obeyed) == ["retired"]
    assert replies(obeyed) == []
    assert obeyed.verdicts[0].similarity == 1.0
    assert obeyed.verdicts[0].band == "as_is"


def test_a_reply_of_other_words_is_told_from_the_draft() -> None:
    obeyed = obey(BEFORE, after(messages=(QUESTION, agent_says("Please call us."))), {}, [LIVE])

    assert (obeyed.verdicts[0].similarity or 0.0) < 0.3
    assert obeyed.verdicts[0].band == "not_used"


def test_without_a_draft_a_tag_only_comes_off() -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [])

    assert states(obeyed) == []
    assert replies(obeyed) == []
    assert taken_off(obeyed) == {"dh-accept"}


def test_at_first_sight_there_is_nothing_to_judge() -> None:
    assert obey(None, after("dh-accept"), {}, []) == Obeyed()


def test_other_tags_mean_nothing() -> None:
    assert obey(BEFORE, after("dh-acceptance", "accept"), {}, [LIVE]) == Obeyed()

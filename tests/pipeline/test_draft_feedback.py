"""What people make of drafts: their tags, or their own reply. Nothing is sent without a word about exactly this draft."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.helpdesk import TaggedBy
from adapters.ticket import Agent, AuthorKind, Direction, Json, Message, Person, Status, Team, Ticket, TicketKey, TicketKind
from adapters.writes import RemoveTags, Reply, SetAssignee, SetStatus, SetTeam, Write
from bot.drafts.showable import shown_hash
from bot.pipeline.draft_feedback import Judging, Obeyed, obey
from bot.pipeline.draft_words import Word
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


ANNA = Agent(external_id="8", name="Anna Agent", email="anna.agent@example.com", teams=("t1", "t2"))


def by(who: Agent | str, tag: str = "dh-accept") -> Word:
    return Word(tag=tag, by=TaggedBy(agent=who) if isinstance(who, Agent) else TaggedBy(otherwise=who))


def judged(*words: Word, **more: object) -> Judging:
    return Judging(words=words, **more)  # type: ignore[arg-type]


def said_of(obeyed: Obeyed) -> str:
    return " | ".join(f"{each.title}: {each.text}" for each in obeyed.answers)


def after_reply(obeyed: Obeyed) -> list[Write]:
    return [each.write for each in obeyed.writes if each.after_reply]


def test_the_reply_is_in_the_name_of_whoever_accepted_it() -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [LIVE], judged(by(ANNA)))

    assert [each.write for each in obeyed.writes if isinstance(each.write, Reply)] == [Reply(text=LIVE.text, author="8")]
    assert obeyed.verdicts[0].approved_by == ANNA
    assert "Sent to the customer: Anna Agent accepted" in said_of(obeyed)
    assert [each.title for each in obeyed.unsent] == ["Not sent"]


def test_where_the_helpdesk_names_nobody_the_reply_is_ours_and_the_note_says_so() -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [LIVE], judged(Word(tag="dh-accept")))

    assert [each.write for each in obeyed.writes if isinstance(each.write, Reply)] == [Reply(text=LIVE.text)]
    assert "accepted by tag" in said_of(obeyed)
    assert after_reply(obeyed) == [SetStatus(status=Status.PENDING)]


def test_an_agent_who_asks_themselves_is_not_answered_in_their_own_name() -> None:
    asked = replace(after("dh-accept"), requester=Person(external_id="8"))

    obeyed = obey(BEFORE, asked, {}, [LIVE], judged(by(ANNA)))

    assert [each.write.author for each in obeyed.writes if isinstance(each.write, Reply)] == [""]


@pytest.mark.parametrize("otherwise", ["a trigger or automation", "another app", "somebody who is no agent here"])
@pytest.mark.parametrize("tag", ["dh-accept", "dh-reject"])
def test_a_tag_that_no_agent_set_is_no_word_and_that_is_said_once(tag: str, otherwise: str) -> None:
    first = obey(BEFORE, after(tag), {}, [LIVE], judged(by(otherwise, tag)))
    noted = replace(LIVE, **dict(first.kept)[LIVE.id])  # type: ignore[arg-type]
    again = obey(BEFORE, after(tag), {}, [noted], judged(by(otherwise, tag)))

    assert (states(first), replies(first), taken_off(first)) == ([], [], frozenset({tag}))
    assert otherwise in said_of(first)
    assert (states(again), replies(again), taken_off(again), said_of(again)) == ([], [], frozenset({tag}), "")


def test_a_machines_tag_does_not_spoil_an_agents_word() -> None:
    words = (by(ANNA, "dh-accept"), by("a trigger or automation", "dh-reject"))

    assert replies(obey(BEFORE, after("dh-accept", "dh-reject"), {}, [LIVE], judged(*words))) == [LIVE.text]


def test_whoever_may_not_write_to_customers_cannot_have_it_done() -> None:
    light = replace(ANNA, may_answer=False)

    obeyed = obey(BEFORE, after("dh-accept"), {}, [LIVE], judged(by(light)))

    assert (states(obeyed), replies(obeyed)) == ([], [])
    assert "colleagues only" in said_of(obeyed)


def test_others_who_would_read_it_now_are_asked_about_first() -> None:
    shown = replace(LIVE, shown_to="aa:bb")

    first = obey(BEFORE, after("dh-accept"), {}, [shown], judged(by(ANNA), shown_to="aa:cc"))
    known = replace(shown, **dict(first.kept)[shown.id])  # type: ignore[arg-type]
    again = obey(BEFORE, after("dh-accept"), {}, [known], judged(by(ANNA), shown_to="aa:cc"))

    assert (states(first), replies(first)) == ([], [])
    assert "who is in copy changed" in said_of(first)
    assert replies(again) == [LIVE.text]
    assert "the requester changed" in said_of(obey(BEFORE, after("dh-accept"), {}, [shown], judged(by(ANNA), shown_to="xx:bb")))


def test_an_unassigned_ticket_becomes_the_accepting_agents_and_waits_for_the_customer() -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [LIVE], judged(by(ANNA)))

    assert after_reply(obeyed) == [SetStatus(status=Status.PENDING), SetAssignee(agent="anna.agent@example.com")]


@pytest.mark.parametrize(
    ("ticket", "changed", "more", "wanted"),
    [
        ({"assignee": Agent(external_id="9")}, {}, {}, [SetStatus(status=Status.PENDING)]),
        ({"status": Status.SOLVED}, {"status": ("open", "solved")}, {}, [SetAssignee(agent=ANNA.email)]),
        ({"status": Status.OPEN}, {"status": ("pending", "open")}, {}, [SetAssignee(agent=ANNA.email)]),
        ({"status": Status.ON_HOLD}, {}, {}, [SetAssignee(agent=ANNA.email)]),
        ({}, {}, {"status_after": "keep"}, [SetAssignee(agent=ANNA.email)]),
        ({}, {}, {"status_after": "solved"}, [SetStatus(status=Status.SOLVED), SetAssignee(agent=ANNA.email)]),
        ({}, {}, {"may_assign": False}, [SetStatus(status=Status.PENDING)]),
        (
            {"team": Team(external_id="t2")},
            {},
            {"assignee_moves_team": True},
            [SetStatus(status=Status.PENDING), SetAssignee(agent=ANNA.email)],
        ),
        ({"team": Team(external_id="t9", name="Senior")}, {}, {"assignee_moves_team": True}, [SetStatus(status=Status.PENDING)]),
        (
            {},
            {},
            {"assignee_moves_team": True},
            [SetStatus(status=Status.PENDING), SetAssignee(agent=ANNA.email), SetTeam(team="t1")],
        ),
    ],
)
def test_what_the_ticket_becomes_gives_way_to_people_and_rules(
    ticket: dict[str, object], changed: dict[str, object], more: dict[str, object], wanted: list[Write]
) -> None:
    accepted = replace(after("dh-accept"), **ticket)  # type: ignore[arg-type]

    obeyed = obey(BEFORE, accepted, changed, [LIVE], judged(by(ANNA), **more))  # type: ignore[arg-type]

    assert after_reply(obeyed) == wanted
    assert replies(obeyed) == [LIVE.text]


@pytest.mark.parametrize("tag", ["dh-edit", "dh-reject", "dh-wrong-intent"])
def test_each_word_is_answered(tag: str) -> None:
    assert "Nothing" in said_of(obey(BEFORE, after(tag), {}, [LIVE], judged(by(ANNA, tag))))


@pytest.mark.parametrize(
    ("last", "why"),
    [
        (None, "None was made"),
        (replace(LIVE, state="sent"), "sent before"),
        (replace(LIVE, state="asked"), "still being written"),
        (replace(LIVE, state="superseded"), "wrote again"),
        (replace(LIVE, state="retired", decided_by="reply"), "answered first"),
        (replace(LIVE, state="retired", decided_by="solved"), "was solved"),
    ],
)
def test_where_no_draft_is_open_the_tag_is_answered_with_why(last: StoredDraft | None, why: str) -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [], judged(by(ANNA), last=last))

    assert (states(obeyed), replies(obeyed), taken_off(obeyed)) == ([], [], frozenset({"dh-accept"}))
    assert why in said_of(obeyed)


def test_a_machines_tag_without_a_draft_comes_off_in_silence() -> None:
    obeyed = obey(BEFORE, after("dh-accept"), {}, [], judged(by("a trigger or automation")))

    assert taken_off(obeyed) == {"dh-accept"}
    assert said_of(obeyed) == ""


def test_a_mistyped_tag_is_taken_off_and_asked_about() -> None:
    obeyed = obey(BEFORE, after("dh-aprove", "dh_edit"), {}, [LIVE], judged())

    assert (states(obeyed), replies(obeyed), taken_off(obeyed)) == ([], [], frozenset({"dh-aprove", "dh_edit"}))
    assert "Did you mean dh-accept?" in said_of(obeyed)
    assert "Did you mean dh-edit?" in said_of(obeyed)
    assert len(obeyed.answers) == 1


def test_the_end_of_the_ticket_retires_its_draft() -> None:
    solved = replace(after(), status=Status.SOLVED)

    obeyed = obey(BEFORE, solved, {"status": ("new", "solved")}, [LIVE], judged())

    assert [(each.state, each.decided_by) for each in obeyed.verdicts] == [("retired", "solved")]
    assert obey(solved, solved, {}, [LIVE], judged()) == Obeyed()  # it was made on a solved ticket


def test_a_ticket_that_takes_no_writes_is_not_answered() -> None:
    closed = replace(after("dh-accept"), status=Status.CLOSED, is_writable=False)

    obeyed = obey(BEFORE, closed, {}, [LIVE], judged(by(ANNA)))

    assert states(obeyed) == ["retired"]
    assert replies(obeyed) == []


def test_the_reply_of_whoever_took_the_text_over_is_compared_with_it() -> None:
    taken = replace(LIVE, state="taken_over")

    obeyed = obey(BEFORE, after(messages=(QUESTION, agent_says(LIVE.text))), {}, [], judged(taken_over=[taken]))

    assert [(each.state, each.reason, each.band) for each in obeyed.verdicts] == [("retired", "taken over", "as_is")]

"""The stories: well formed, playable on every stand-in helpdesk alone, and compared so that a wrong result is seen."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from sandbox.desk import Desk, MessageView, TicketView
from sandbox.effects import Effect
from sandbox.serve import running
from sandbox.stories.expect import compare, differences, draft_language, is_escalated, proposed_macros, shown_priority
from sandbox.stories.player import Pace, StoryDesk, play, wait_settled
from sandbox.stories.remote import RemoteDesk
from sandbox.stories.story import Expectation, Story, load_stories, load_story
from sandbox.world import load

STORIES = load_stories()
DESKS = {"zendesk": "ZendeskDesk", "intercom": "IntercomDesk", "freshdesk": "FreshdeskDesk"}
AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOTE = MessageView(
    id="9",
    author="Deskhand",
    author_email="deskhand.bot@example.com",
    is_public=False,
    is_from_customer=False,
    by_bot=True,
    html="",
    text="For Tier 2, answer by 14:10 UTC (2 h): two replies have not solved it.\n"
    "Suggested reply, not sent · language de\nGuten Tag\nMacro proposed: Refund steps\nHello",
    at=AT,
)
VIEW = TicketView(
    id="1",
    subject="Help",
    status="open",
    priority="high",
    tags=frozenset({"churn-risk"}),
    team="Billing",
    assignee=None,
    followers=(),
    requester="jo@hobby.example",
    company="Hobby",
    messages=(NOTE,),
)


def desk_named(name: str) -> Desk:
    made: Desk = getattr(importlib.import_module(f"sandbox.{name}"), DESKS[name])()
    return made


def story_of(*steps: dict[str, Any], **more: Any) -> Story:
    return Story.model_validate({"id": "x", "title": "x", "why": "x", "steps": steps, "expect": {}} | more)


CREATE = {"who": "hana@hobby.example", "does": "create", "subject": "Hello", "body": "How do I export?"}


def test_there_are_stories_enough() -> None:
    assert len(STORIES) >= 16
    assert all(story.expect for story in STORIES)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_people_of_a_story_live_in_the_sandbox_world(story: Story) -> None:
    world = load()
    known = {person.email for person in world.people} | {agent.email for agent in world.agents}

    strangers = {step.who for step in story.steps} - known

    assert strangers <= {"growth@promo-rockets.example"}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_expected_teams_and_macros_exist(story: Story) -> None:
    world = load()

    for expected in story.expect.values():
        assert expected.team is None or expected.team in world.teams
        assert expected.macro is None or expected.macro in {macro.name for macro in world.macros}


@pytest.mark.parametrize("name", DESKS)
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.id)
def test_story_can_be_played_on_a_helpdesk_alone(story: Story, name: str) -> None:
    desk = desk_named(name)

    played = play(story, desk)

    assert tuple(played.tickets) == story.labels
    assert not played.missed
    for label, view in played.views().items():
        first = next(step for step in story.steps if step.does == "create" and step.ticket == label)
        assert view.requester == (first.opens_for or first.who)
        assert view.messages[0].text.split() == first.body.split()


@pytest.mark.parametrize("name", DESKS)
def test_long_thread_is_whole_on_each_helpdesk(name: str) -> None:
    played = play(load_story("long_thread"), desk_named(name))

    assert len(played.views()["main"].messages) == 106


def test_helpdesk_in_another_process_gives_the_same_story() -> None:
    here, there = desk_named("zendesk"), desk_named("zendesk")

    with running(there) as address:
        remote = RemoteDesk("zendesk", address)
        far = play(load_story("merged_ticket"), remote).views()
        written = remote.written(next(iter(far.values())).id)
    near = play(load_story("merged_ticket"), here).views()

    assert written == []
    assert [plain(view) for view in far.values()] == [plain(view) for view in near.values()]


def plain(view: TicketView) -> TicketView:
    """A view without its times."""
    messages = tuple(replace(message, at=AT) for message in view.messages)
    return replace(view, messages=messages, created_at=AT, updated_at=AT)


@pytest.mark.parametrize(
    ("wish", "what"),
    [
        ({"priority": "low"}, "priority"),
        ({"priority": ["low", "urgent"]}, "priority"),
        ({"team": "Senior"}, "team"),
        ({"status": "closed"}, "status"),
        ({"assignee": "anna.agent@example.com"}, "assignee"),
        ({"tags": {"has": ["vip"]}}, "tags"),
        ({"tags": {"has_not": ["churn-risk"]}}, "tags"),
        ({"notes": 2}, "notes by Deskhand"),
        ({"draft": "en"}, "draft"),
        ({"draft": "no"}, "draft"),
        ({"escalated": False}, "escalation"),
        ({"macro": "How to export"}, "macro proposed"),
        ({"replies": 1}, "public replies by Deskhand"),
        ({"note_has": ["Trace"]}, "note"),
        ({"note_has_not": ["Guten Tag"]}, "note"),
        ({"written": True}, "writes by Deskhand"),
    ],
)
def test_each_wrong_result_is_named(wish: dict[str, Any], what: str) -> None:
    found = compare("zendesk", "main", Expectation.model_validate(wish), VIEW, ())

    assert [difference.what for difference in found] == [what]


def test_right_results_are_no_difference() -> None:
    wish = Expectation.model_validate(
        {"priority": ["high", "urgent"], "team": "Billing", "status": "open", "tags": {"has": ["churn-risk"], "has_not": ["vip"]}}
        | {"notes": 1, "draft": "de", "escalated": True, "macro": "Refund steps", "written": False, "note_has": ["Guten Tag"]}
    )

    assert compare("zendesk", "main", wish, VIEW, ()) == []


def test_writes_into_a_ticket_that_should_be_left_alone_are_named() -> None:
    effect = Effect(seq=1, at=AT, method="PUT", path="/x", actor="deskhand.bot@example.com", ticket="1", what="update")

    found = compare("zendesk", "main", Expectation(written=False), VIEW, (effect,))

    assert [(difference.what, difference.found) for difference in found] == [("writes by Deskhand", "update")]


def test_note_tells_draft_handoff_and_macro() -> None:
    assert (draft_language(VIEW), is_escalated(VIEW), proposed_macros(VIEW)) == ("de", True, ("Refund steps",))
    assert draft_language(replace(VIEW, messages=())) == "no"


def test_allowed_differences_hold_for_their_helpdesk_only_and_want_their_tag() -> None:
    rows = [(desk, row) for desk, fields in differences().items() for row in fields.get("priority", [])]

    for desk, row in rows:
        wish, shown = Expectation(priority=row["wanted"]), replace(VIEW, priority=row["shown"][0], tags=frozenset())
        tagged = replace(shown, tags=frozenset({row["tag"]} if row.get("tag") else ()))
        assert compare(desk, "main", wish, tagged, ()) == []
        assert compare("zendesk", "main", wish, tagged, ())
        assert not row.get("tag") or compare(desk, "main", wish, shown, ())
    assert rows


def test_table_names_the_priority_that_a_tag_carries() -> None:
    tagged = replace(VIEW, priority="none", tags=frozenset({"priority-urgent"}))

    assert shown_priority("intercom", tagged) == "urgent (tag)"
    assert shown_priority("zendesk", tagged) == "none"
    assert shown_priority("intercom", VIEW) == "high"


@pytest.mark.parametrize(
    "step",
    [
        {"does": "create", "subject": ""},
        {"does": "reply", "body": ""},
        {"does": "note"},
        {"does": "dance"},
        {"ticket": "other", "does": "reply"},
        {"colour": "red"},
    ],
)
def test_broken_story_is_refused(step: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        story_of(CREATE, CREATE | step)


def test_story_files_with_a_misspelt_word_are_refused(tmp_path: Path) -> None:
    (tmp_path / "odd.yaml").write_text("title: x\nwhy: x\nsteps: []\nexpect: {}\n", encoding="utf-8")

    with pytest.raises(ValidationError):
        load_stories(tmp_path)


@dataclass
class Clock:
    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds
        self.slept.append(seconds)


def test_player_waits_for_the_note_and_says_when_none_comes() -> None:
    clock = Clock()
    pace = Pace(calls=lambda ticket: 0, patience_s=5, sleep=clock.sleep, now=clock.now)
    wait = {"who": "anna.agent@example.com", "does": "update", "when": "noted", "tags_add": ["dh-accept"]}

    played = play(story_of(CREATE, wait), desk_named("zendesk"), pace)

    assert played.missed == ["Deskhand's note"]
    assert clock.at >= 5
    assert [difference.what for difference in played.differences()] == ["Deskhand's note"]


def test_player_goes_on_once_the_calls_have_stopped() -> None:
    clock, counts = Clock(), iter([1, 2, 3])
    pace = Pace(calls=lambda ticket: next(counts, 3), quiet_s=2, sleep=clock.sleep, now=clock.now, tick_s=0.5)
    desk: StoryDesk = desk_named("freshdesk")

    assert wait_settled(play(story_of(CREATE), desk, pace), pace)
    assert 3 <= clock.at <= 4


def test_player_waits_for_a_ticket_that_nobody_has_met_yet() -> None:
    clock, desk = Clock(), desk_named("freshdesk")
    second = {**CREATE, "ticket": "second"}
    labels: dict[str, str] = {}
    pace = Pace(quiet_s=2, sleep=clock.sleep, now=clock.now, tick_s=0.5)
    played = play(story_of(CREATE, second), desk, pace)
    labels |= {ticket: label for label, ticket in played.tickets.items()}
    pace.calls = lambda ticket: 3 if labels[ticket] == "main" or clock.at > 6 else 0

    assert wait_settled(played, pace)
    assert clock.at > 8


def test_player_gives_up_on_a_ticket_that_never_rests() -> None:
    clock, counts = Clock(), iter(range(10_000))
    pace = Pace(calls=lambda ticket: next(counts), patience_s=10, sleep=clock.sleep, now=clock.now)
    then = {"who": "anna.agent@example.com", "does": "note", "body": "Hm", "when": "settled"}

    played = play(story_of(CREATE, then), desk_named("zendesk"), pace)

    assert played.missed == ["Deskhand came to rest"]


def written_by_nobody(ticket: str) -> Sequence[Effect]:
    return ()


def test_player_that_can_bring_deskhand_to_rest_waits_for_nothing_else() -> None:
    desk, rested = desk_named("zendesk"), list[str]()
    pace = Pace(rest=lambda step: rested.append(step.does), sleep=lambda _: pytest.fail("slept"))
    later = [{"who": "anna.agent@example.com", "does": does, "when": "settled", "body": "x"} for does in ("reply", "note")]
    noted = {"who": "anna.agent@example.com", "does": "update", "when": "noted", "tags_add": ["dh-accept"]}

    played = play(story_of(CREATE, *later, noted), desk, pace)

    assert rested == ["reply", "note", "update"]
    assert played.missed == ["Deskhand's note"]


def test_stories_without_deskhand_do_not_come_out_as_expected() -> None:
    played = play(load_story("vip_outage"), desk_named("zendesk"))

    found = {difference.what for difference in played.differences(written_by_nobody)}

    assert {"priority", "team", "notes by Deskhand", "draft", "escalation", "macro proposed"} <= found

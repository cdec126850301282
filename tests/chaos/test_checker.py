"""The checker itself: each kind of harm, planted by hand, must be found, and what is allowed must not."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from sandbox.deliver import Attempt, Delivery
from sandbox.desk import MessageView, TicketView
from sandbox.effects import Call, Effect
from tests.chaos import checker
from tests.chaos.generator import DOWN, SEEN
from tests.chaos.world import Edit

T0 = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


# deliveries


def attempt(body: bytes, status: int) -> Attempt:
    delivery = Delivery(id="", topic="", ticket="1", body=body)
    return Attempt(delivery=delivery, number=1, status=status, retry_after_s=None, took_s=0.0)


def row(body: bytes, **columns: Any) -> dict[str, Any]:
    return {"account": "zendesk", "seq": 1, "body": body, "state": "done", "reason": "", "run_id": "a", **columns}


def test_an_acknowledged_delivery_without_a_row_is_lost() -> None:
    attempts = [attempt(b"kept", 202), attempt(b"lost", 202)]

    assert len(checker.lost("zendesk", attempts, [row(b"kept")], set())) == 1


def test_a_row_of_another_account_does_not_count() -> None:
    assert checker.lost("intercom", [attempt(b"{}", 200)], [row(b"{}")], set())


def test_a_notification_that_counts_its_tries_is_one_and_other_words_are_another() -> None:
    kept = row(b'{"id": "n1", "delivery_attempts": 1, "data": "help"}', account="intercom")
    again, other = b'{"id": "n1", "data": "help", "delivery_attempts": 2}', b'{"id": "n1", "data": "forged"}'

    assert not checker.lost("intercom", [attempt(again, 200)], [kept], set())
    assert checker.lost("intercom", [attempt(other, 200)], [kept], set())


@pytest.mark.parametrize("status", [503, 429, 401, 0, -1])
def test_what_was_not_acknowledged_is_not_lost(status: int) -> None:
    assert not checker.lost("zendesk", [attempt(b"x", status)], [], set())


def test_a_conflict_is_kept_apart_and_not_lost() -> None:
    digest = hashlib.sha256(b"other").hexdigest()

    assert not checker.lost("zendesk", [attempt(b"other", 202)], [], {("zendesk", digest)})


@pytest.mark.parametrize(
    ("columns", "is_wrong"),
    [
        ({"state": "pending", "run_id": None}, True),
        ({"state": "done", "run_id": None}, True),
        ({"state": "ignored", "run_id": None}, True),
        ({"state": "ignored", "run_id": None, "reason": "unknown_event"}, False),
        ({"state": "done"}, False),
        ({"state": "parked", "reason": "3 workers died"}, False),
    ],
)
def test_a_row_without_an_end_or_a_reason_is_told(columns: dict[str, Any], is_wrong: bool) -> None:
    assert bool(checker.unsettled([row(b"x", **columns)])) is is_wrong


# effects


def call(seq: int, seconds: float, method: str = "GET", ticket: str = "1", status: int = 200) -> Call:
    return Call(seq=seq, at=at(seconds), method=method, path="/", pattern="/", ticket=ticket, status=status)


def effect(seq: int, seconds: float, **changes: Any) -> Effect:
    return Effect(seq=seq, at=at(seconds), method="PUT", path="/", actor="bot", ticket="1", what="update", changes=changes)


def note(seq: int, seconds: float, marker: str) -> Effect:
    return effect(seq, seconds, note=[None, f"<p><i>Deskhand · id {marker} · rules abc</i></p>"])


def test_two_notes_with_one_marker_are_a_double() -> None:
    found = checker.doubles("zendesk", [note(1, 1, "AAAAAAAA"), note(2, 2, "AAAAAAAA")], [], set())

    assert [(each.what, each.is_counted) for each in found] == [("note AAAAAAAA", False)]


def test_three_notes_with_one_marker_are_two_too_many() -> None:
    assert len(checker.doubles("zendesk", [note(n, n, "AAAAAAAA") for n in (1, 2, 3)], [], set())) == 2


def test_a_double_that_deskhand_counted_is_told_as_counted() -> None:
    notes = [note(1, 1, "AAAAAAAA"), note(2, 2, "AAAAAAAA")]

    assert checker.doubles("zendesk", notes, [], {("zendesk", "1", "AAAAAAAA")})[0].is_counted
    assert not checker.doubles("zendesk", notes, [], {("intercom", "1", "AAAAAAAA")})[0].is_counted
    assert not checker.doubles("zendesk", notes, [], {("zendesk", "1", "BBBBBBBB")})[0].is_counted


def test_notes_of_two_runs_are_no_double() -> None:
    assert not checker.doubles("zendesk", [note(1, 1, "AAAAAAAA"), note(2, 2, "BBBBBBBB")], [], set())


def test_the_same_reply_twice_is_a_double() -> None:
    assert checker.doubles("zendesk", [effect(1, 1, reply=[None, "Hi  you"]), effect(2, 2, reply=[None, "Hi you"])], [], set())


def test_how_late_a_double_was_applied_is_measured() -> None:
    calls = [call(1, 1.0, "PUT"), call(2, 2.0, "PUT")]

    found = checker.doubles("zendesk", [note(2, 2.1, "AAAAAAAA"), note(1, 5.5, "AAAAAAAA")], calls, set())

    assert found[0].late_s == pytest.approx(4.5)


EDIT = Edit(provider="zendesk", ticket="1", field="priority", at=at(5))


def overwrites(effects: Sequence[Effect], calls: Sequence[Call], provider: str = "zendesk") -> tuple[int, int]:
    wrong, window = checker.overwrites(provider, effects, calls, [EDIT])
    return len(wrong), len(window)


def test_a_write_over_an_edit_that_was_read_is_wrong() -> None:
    """We set it, a person changed it, we read that, and set it again."""
    effects = [effect(2, 2, priority=["normal", "high"]), effect(4, 7, priority=["low", "high"])]
    calls = [call(1, 1), call(2, 2, "PUT"), call(3, 6), call(4, 7, "PUT")]

    for provider in ("zendesk", "freshdesk"):
        assert overwrites(effects, calls, provider) == (1, 0)


def test_a_write_over_an_edit_that_was_not_read_is_wrong_where_conditions_hold() -> None:
    effects = [effect(2, 7, priority=["low", "high"])]
    calls = [call(1, 1), call(2, 7, "PUT")]

    assert overwrites(effects, calls, "zendesk") == (1, 0)
    assert overwrites(effects, calls, "freshdesk") == (0, 1)


def test_what_a_person_set_before_the_first_read_may_be_raised() -> None:
    assert overwrites([effect(2, 7, priority=["low", "high"])], [call(1, 6), call(2, 7, "PUT")]) == (0, 0)


def test_an_edit_after_our_write_is_no_harm() -> None:
    assert overwrites([effect(2, 3, priority=["low", "high"])], [call(1, 1), call(2, 3, "PUT")]) == (0, 0)


def test_an_edit_that_took_back_a_write_with_a_lost_answer_is_in_the_window() -> None:
    """Sent at 1.5, landed at 2, taken back by a person at 5, looked for and not found, made anew at 6.5."""
    effects = [effect(2, 2, priority=["normal", "high"]), effect(4, 7, priority=["normal", "high"])]
    calls = [call(1, 1), call(2, 2, "PUT"), call(3, 6), call(4, 7, "PUT")]

    for spans, told in (([(at(1.5), at(6.5))], (0, 1)), ([(at(2.5), at(6.5))], (1, 0)), ([(at(1.5), at(4))], (1, 0))):
        wrong, window = checker.overwrites("freshdesk", effects, calls, [EDIT], {"1": spans})
        assert (len(wrong), len(window)) == told


def test_a_tag_that_a_person_took_off_is_not_put_on_again() -> None:
    edit = Edit(provider="intercom", ticket="1", field=f"tag:{SEEN}", at=at(5))
    for again in ([None, SEEN], [["a"], ["a", SEEN]]):
        effects = [effect(2, 2, tags=[None, SEEN]), effect(4, 7, tags=again)]

        wrong, _ = checker.overwrites("intercom", effects, [call(1, 1), call(3, 6), call(4, 7, "POST")], [edit])

        assert len(wrong) == 1


# tickets


def view(*, tags: frozenset[str], asked: float = 0.0, noted: float | None = 1.0, replied: float | None = None) -> TicketView:
    said = [(asked, False, False), *([(noted, True, False)] if noted is not None else [])]
    said += [(replied, False, True)] if replied is not None else []
    messages = [
        MessageView(
            id=str(place),
            author="",
            author_email="",
            is_public=not is_note,
            is_from_customer=not is_note and not is_agent,
            by_bot=is_note,
            html="",
            text="",
            at=at(seconds),
        )
        for place, (seconds, is_note, is_agent) in enumerate(said)
    ]
    return TicketView(
        id="1",
        subject=DOWN,
        status="open",
        priority="high",
        tags=tags,
        team=None,
        assignee=None,
        followers=(),
        requester="",
        company=None,
        messages=tuple(messages),
    )


def test_a_ticket_that_has_what_the_rule_wants_is_left_in_peace() -> None:
    assert not checker.missing("zendesk", view(tags=frozenset({SEEN})), [], at(1))


def test_a_ticket_without_the_tag_is_told() -> None:
    assert checker.missing("zendesk", view(tags=frozenset()), [], at(1))


def test_a_tag_that_a_person_took_off_is_not_missed() -> None:
    edit = Edit(provider="zendesk", ticket="1", field=f"tag:{SEEN}", at=at(2))

    assert not checker.missing("zendesk", view(tags=frozenset()), [edit], at(1))


def test_a_customers_newest_message_without_a_note_is_told() -> None:
    assert checker.missing("zendesk", view(tags=frozenset({SEEN}), asked=9.0), [], at(1))
    assert checker.missing("zendesk", view(tags=frozenset({SEEN}), noted=None), [], at(1))
    assert not checker.missing("zendesk", view(tags=frozenset({SEEN}), asked=9.0, replied=10.0), [], at(1))


def test_a_ticket_that_was_answered_before_deskhand_came_is_not_missed() -> None:
    answered = view(tags=frozenset(), noted=None, replied=0.5)

    assert not checker.missing("zendesk", answered, [], None)
    assert checker.missing("zendesk", answered, [], at(0.3))  # it was there before, and the tag is gone all the same


# runs


def run_row(began: float, token: int, finished: float | None, state: str = "done") -> dict[str, Any]:
    """A run by when it began and ended, in seconds after T0."""
    return {
        "id": str(UUID(int=(int(at(began).timestamp() * 1000) << 80) | token)),
        "account": "zendesk",
        "kind": "ticket",
        "external_id": "1",
        "token": token,
        "state": state,
        "finished_at": None if finished is None else at(finished),
    }


def test_runs_one_after_the_other_do_not_overlap() -> None:
    assert not checker.overlapping([run_row(1, 1, 2), run_row(2, 2, 3)])


def test_a_run_that_began_before_the_earlier_one_had_ended_is_told() -> None:
    assert checker.overlapping([run_row(1, 1, 5), run_row(2, 2, 3)])


def test_an_end_that_a_wrong_clock_stamped_proves_nothing() -> None:
    assert not checker.overlapping([run_row(1, 1, 86_400 * 3650), run_row(2, 2, 3)])


def test_a_run_that_was_abandoned_may_be_told_so_late() -> None:
    assert not checker.overlapping([run_row(1, 1, 5, state="abandoned"), run_row(2, 2, 6)])


def test_two_runs_under_one_lease_are_told() -> None:
    assert checker.overlapping([run_row(1, 1, 2), run_row(2, 1, 3)])


def test_a_run_that_never_ended_is_told() -> None:
    assert checker.overlapping([run_row(1, 1, None, state="planned")])

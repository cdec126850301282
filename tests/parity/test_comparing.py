"""How the parity corpus compares: which helpdesk is the odd one, in what, and at which step of a story; and how what was sent to
each is compared with the golden files.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.desk import Desk
from sandbox.zendesk import ZendeskDesk
from tests.parity import golden
from tests.parity.comparing import differences, rows_of
from tests.parity.corpus import CorpusStep, address
from tests.parity.playing import Decided
from tests.parity.report import Report

pytestmark = pytest.mark.both_storages

VIP = {"id": "vip", "matched": True, "fired": True, "steps": [["when.tier", True]]}


class Told(Decided):
    """A decision given by its parts."""

    def __init__(self, hash: str, *rules: dict[str, Any], writes: tuple[dict[str, Any], ...] = ()) -> None:
        super().__init__(hash, frozenset(), {"rules": list(rules), "writes": list(writes)})


def found(zendesk: Decided | None, intercom: Decided | None, freshdesk: Decided | None) -> set[tuple[str, tuple[str, ...]]]:
    decided = {"zendesk": zendesk, "intercom": intercom, "freshdesk": freshdesk}
    rows = differences({desk: {"x/main@1": each} if each else {} for desk, each in decided.items()})
    return {(desk, words) for desk, _, words in rows}


def test_equal_decisions_differ_in_nothing() -> None:
    assert found(Told("a"), Told("a"), Told("a")) == set()


def test_the_odd_one_is_named_with_what_is_otherwise() -> None:
    odd = Told("b", {**VIP, "matched": False, "fired": False, "steps": [["when.tier", False]]})

    assert found(Told("a", VIP), odd, Told("a", VIP)) == {
        ("intercom", ("vip: not fired", "vip: not matched", "vip: when.tier does not hold"))
    }


def test_writes_that_one_has_alone_are_told_on_its_side() -> None:
    low, note = {"kind": "set_priority", "priority": "low"}, {"kind": "note"}

    assert found(Told("a", writes=(low,)), Told("a", writes=(low,)), Told("b", writes=(note,))) == {
        ("freshdesk", ("does not write set_priority low", "writes note"))
    }


def test_a_run_that_one_lacks_or_has_alone_is_told() -> None:
    assert found(Told("a"), None, Told("a")) == {("intercom", ("no such run",))}
    assert found(None, Told("a"), None) == {("intercom", ("a run more",))}


def test_where_none_agree_each_is_named() -> None:
    told = {("zendesk", ("no two agree",)), ("intercom", ("no two agree",)), ("freshdesk", ("no such run",))}

    assert found(Told("a"), Told("b"), None) == told


def test_a_row_without_a_reason_is_refused() -> None:
    with pytest.raises(AssertionError):
        rows_of([{"desk": "zendesk", "why": "", "differs": ["no such run"], "runs": ["x/main@1"]}])


def test_a_step_of_the_corpus_is_spelled_out() -> None:
    told = CorpusStep.model_validate({"who": "nina", "subject": "Hello", "body": "Hello", "cc": ["otto"]})

    assert (told.who, told.does, told.when) == ("nina.network@northwind.example", "create", "at_once")
    assert told.cc == ("otto.ops@northwind.example",)
    assert (address("lena"), address("ben")) == ("lead.lena@example.com", "ben.agent@example.com")


# what the helpdesks are sent

RUN = "01a22697-4113-7c01-81f0-035a57237691"


def called(desk: Desk, method: str, path: str, ticket: str | None = None, body: Any = None) -> None:
    pattern = path.replace(ticket, "<ticket_id>") if ticket else path
    desk.effects.open_call(at=desk.clock(), method=method, path=path, pattern=pattern, ticket=ticket, body=body)


def recorded(*tickets: str, calls: list[tuple[str, str, str | None, Any]]) -> list[str]:
    """What a story with so many tickets leaves in the golden file, without the story's name and the numbers."""
    desk = ZendeskDesk()
    recorder = golden.Recorder(desk, "x")
    ids = {name: desk.create_ticket(requester="nina@example.com", subject=name, body=name) for name in tickets}
    for method, path, name, body in calls:
        ticket = ids[name] if name else None
        called(desk, method, path.format(ticket), ticket, body)
    lines = [json.loads(line) for line in recorder.lines(ids)]
    return [each["call"] + (f" {json.dumps(each['body'])}" if "body" in each else "") for each in lines]


def test_what_depends_on_the_run_is_masked_and_the_same_twice_shows_as_the_same() -> None:
    note = {"run": RUN, "html": "<p><b>Deskhand</b> · id K7QX2M3A · rules 36666bca</p>", "updated_stamp": "2026-03-02T09:00:00Z"}
    shown = {"html": note["html"].replace("K7QX2M3A", "{marker 1}").replace("36666bca", "{rules}"), "run": "{run 1}"}
    line = f"PUT /tickets/{{main}} {json.dumps({**shown, 'updated_stamp': '{stamp}'})}"

    assert recorded("main", calls=[("PUT", "/tickets/{}", "main", note)] * 2) == [line] * 2


def test_the_calls_of_one_ticket_stay_in_their_order_and_those_of_two_are_put_together() -> None:
    calls = [("GET", "/tickets/{}", "b", None), ("GET", "/groups", None, None), ("GET", "/tickets/{}", "a", None)]
    calls += [("PUT", "/tickets/{}", "b", None), ("PUT", "/tickets/{}", "a", None)]

    assert recorded("a", "b", calls=calls) == [
        "GET /groups", "GET /tickets/{a}", "PUT /tickets/{a}", "GET /tickets/{b}", "PUT /tickets/{b}",
    ]  # fmt: skip


def test_a_difference_names_story_and_helpdesk_and_shows_what_is_otherwise(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    before = '{"story": "x", "n": 1, "call": "PUT /tickets/{main}", "body": {"tags": ["vip"]}}'
    golden.write("zendesk", {"x": (before,), "y": ('{"story": "y", "n": 1, "call": "GET /me"}',)})

    told = golden.difference(Report((), {}, frozenset(), {"zendesk": {"x": (before.replace("vip", "late"),)}}))

    assert told.splitlines()[:2] == ["--- x on zendesk, golden", "+++ x on zendesk, now"]
    assert {'-  "vip"', '+  "late"'} <= set(told.splitlines())
    assert golden.difference(Report((), {}, frozenset(), {"zendesk": {"x": (before,)}})) == ""

"""How the parity corpus compares: which helpdesk is the odd one, in what, and at which step of a story."""

from __future__ import annotations

from typing import Any

import pytest

from tests.parity.comparing import differences, rows_of
from tests.parity.corpus import CorpusStep, address
from tests.parity.playing import Decided

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

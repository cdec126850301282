"""Figures of the senses: what counts as right, for whom, and what is left out."""

from __future__ import annotations

from typing import Any

from bot.reports.labelled_tickets import Labelled
from bot.reports.sense_figures import Judged, figures
from bot.reports.share import Share
from rules.model.facts import Signal


def _judged(gold: dict[str, Any], priority: str = "", team: str = "", language: str = "en", **signals: Any) -> Judged:
    ticket = Labelled(id="t", language=language, subject="", body="", tier="", gold=gold)
    return Judged(
        ticket=ticket, signals={name: Signal(value=value) for name, value in signals.items()}, priority=priority, team=team
    )


def test_what_a_lead_would_let_pass_is_right() -> None:
    rows = [_judged({"type": "bug", "type_also": ["outage"]}, issue_type=kind) for kind in ("bug", "outage", "billing")]

    found = figures(rows)

    assert found.shares["issue_type"] == Share(2, 3)
    assert found.mistaken["issue_type"] == {("bug", "billing"): 1}
    assert found.missed["issue_type"] == ["t"]


def test_a_grave_type_has_recall_and_precision() -> None:
    rows = [
        _judged({"type": "security"}, issue_type="security"),
        _judged({"type": "security"}, issue_type="bug"),
        _judged({"type": "billing", "several": ["security"]}, issue_type="security"),
        _judged({"type": "billing"}, issue_type="security"),
    ]

    found = figures(rows).shares

    assert found["security found"] == Share(1, 2)
    assert found["security is one"] == Share(2, 3)


def test_unknown_severity_is_no_p1_and_wrong() -> None:
    found = figures([_judged({"severity": "p1"}, severity=None)]).shares

    assert found["severity"] == Share(0, 1)
    assert found["p1 found"] == Share(0, 1)
    assert "p1 is one" not in found


def test_wishes_are_found_and_are_some() -> None:
    found = figures([_judged({"wishes": ["cancel", "refund"]}, wishes=("cancel", "callback"))]).shares

    assert found["wishes found"] == Share(1, 2)
    assert found["wishes are some"] == Share(1, 2)


def test_a_priority_one_step_off_is_let_pass_and_two_steps_down_are_not() -> None:
    rows = [_judged({"priority": "urgent"}, priority=each) for each in ("urgent", "high", "normal", "")]

    found = figures(rows).shares

    assert found["priority within one"] == Share(2, 4)
    assert found["priority not lowered by two"] == Share(2, 4)


def test_teams_are_those_of_the_packs() -> None:
    found = figures([_judged({"team": "product", "team_also": ["success"]}, team="Customer Success")]).shares

    assert found["team"] == Share(1, 1)
    assert found["team, first choice"] == Share(0, 1)


def test_a_team_may_be_named_as_the_rules_name_it() -> None:
    rows = [
        _judged({"team": "Billing desk", "team_also": ["technical"]}, team=each) for each in ("Billing desk", "Tier 2", "VIP")
    ]

    found = figures(rows).shares

    assert (found["team"], found["team, first choice"]) == (Share(2, 3), Share(1, 3))


def test_an_issue_is_right_at_any_level_and_to_its_last_one_apart() -> None:
    told = ("billing.refund.request", "billing.refund", "billing", "bug", "billing.refund.waiting", None)
    rows = [_judged({"issue": ["billing.refund.request"]}, issue=each) for each in told]

    found = figures(rows).shares

    assert (found["issue"], found["issue, to its last level"]) == (Share(3, 6), Share(1, 6))


def test_machines_are_judged_by_their_silence_alone() -> None:
    found = figures([_judged({"is_machine": True, "type": "bug"}, is_auto_reply=True, issue_type="billing")]).shares

    assert found == {"machines and spam kept quiet": Share(1, 1)}


def test_languages_are_told_apart() -> None:
    found = figures([_judged({"type": "bug"}, language=each, issue_type="bug") for each in ("de", "en", "en")])

    assert found.by_language["issue_type"] == {"de": Share(1, 1), "en": Share(2, 2)}


def test_a_teams_own_issue_counts_wherever_it_stands_and_none_is_an_answer() -> None:
    rows = [
        _judged({"own": "shop.door", "area": "shop"}, issues=("security", "shop.door", "bug"), product_area="shop"),
        _judged({"own": "shop.door", "area": "shop"}, issues=("bug",), product_area=None),
        _judged({"own": None, "area": None}, issues=("shop.door", "bug"), product_area="shop"),
        _judged({}, issues=("shop.door", "bug"), product_area="shop"),
    ]

    found = figures(rows).shares

    assert (found["own issue found"], found["own issue is one"]) == (Share(1, 2), Share(1, 2))
    assert (found["area found"], found["area is one"]) == (Share(1, 2), Share(1, 2))

"""The packs that ship: each passes its own tests, and together they do what they promise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rules.engine.decide import decide
from rules.engine.ruleset import RuleSet
from rules.files.sources import pack_names, read_sources
from rules.language.facts_json import canonical, decision_to_json
from rules.loading.load import load_rules
from rules.tools.run_tests import check_and_test
from tests.rules.build import facts_of, result

ORDER = ["pack:triage", "pack:priority", "pack:vip", "pack:churn", "pack:escalation", "pack:routing", "pack:respond"]


HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def packs() -> RuleSet:
    return load_rules(read_sources(ORDER, HERE))


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_passes_its_own_tests_without_a_warning(name: str) -> None:
    report = check_and_test([f"pack:{name}"], HERE)

    assert [str(problem) for problem in report.problems] == []
    assert report.ok


def test_every_rule_of_the_packs_has_tests_of_both_kinds(packs: RuleSet) -> None:
    one_sided = [rule.id for rule in packs.rules if {case.must_match for case in rule.tests} != {True, False}]

    assert one_sided == []


VIP_OUTAGE: dict[str, Any] = {
    "ticket": {"subject": "Everything is down", "messages": [{"external_id": "1", "body_text": "Nothing works"}]},
    "company": {"name": "Northwind", "tier": "enterprise", "arr": 120000, "csm": "carla.csm@example.com"},
    "requester": {"name": "Rita Example", "emails": ["rita@northwind.example"]},
    "signals": {"issue_type": {"value": "outage", "score": 0.9}, "severity": "p1", "sentiment": "frustrated", "frustration": 0.6},
}


def test_a_vip_outage_goes_through_all_packs(packs: RuleSet) -> None:
    decision = decide(packs, facts_of(**VIP_OUTAGE))

    assert (decision.priority, decision.team) == ("urgent", "Senior")
    assert decision.tags_add == {"vip", "escalated", "escalated-vip", "issue-outage"}
    assert [macro.macro for macro in decision.macros] == ["VIP acknowledgement", "Outage acknowledged"]
    assert [draft.tone for draft in decision.drafts] == ["recovery"]
    assert [note.kind for note in decision.notes] == ["escalation"]
    assert decision.followers_add == {"carla.csm@example.com"}


@pytest.mark.parametrize("noise", [{"is_spam": True}, {"is_auto_reply": True}])
def test_spam_and_automatic_replies_get_no_draft_no_raise_no_notice(packs: RuleSet, noise: dict[str, bool]) -> None:
    signals = {**VIP_OUTAGE["signals"], "wants_cancel": True, "legal_words": ["lawyer"], "asks_for_management": True, **noise}

    decision = decide(packs, facts_of(**{**VIP_OUTAGE, "signals": signals}))

    assert (decision.priority, decision.team) == (None, None)
    assert not (decision.drafts or decision.macros or decision.notes or decision.notices or decision.followers_add)


def test_a_customer_whom_nobody_knows_gets_a_team_and_a_draft_and_no_more(packs: RuleSet) -> None:
    decision = decide(
        packs, facts_of(ticket={"subject": "How do I change my name?"}, signals={"issue_type": "how_to", "severity": "p4"})
    )

    assert {rule.id for rule in decision.rules if rule.fired} == {
        *("triage-issue", "priority-p4", "route-general", "respond-draft"),
    }


def test_a_c_level_ticket_gets_one_draft(packs: RuleSet) -> None:
    decision = decide(packs, facts_of(ticket={"subject": "A word"}, requester={"title": "CEO"}, signals={"sentiment": "angry"}))

    assert [draft.tone for draft in decision.drafts] == ["executive"]


NORTHWIND = {"name": "Northwind", "tier": "enterprise", "arr": 500000, "mrr": 40000, "renewal_at": "2026-02-16T12:00:00Z"}


@pytest.mark.parametrize(
    ("signals", "wanted"),
    [
        ({"issue": "feature_request.new.function", "severity": "p4"}, "normal"),
        ({"issue": "feature_request.new.function", "severity": "p4", "sentiment": "angry"}, "normal"),
        ({"issue": "security.question.compliance", "severity": "p3"}, "normal"),
        ({"issue": "other.feedback.praise"}, "normal"),
        ({"issue": "how_to.use.function", "severity": "p4"}, "normal"),
        ({"issue": "billing.invoice.missing", "severity": "p4"}, "high"),
        ({"issue": "bug.speed.slow", "severity": "p3", "sentiment": "frustrated"}, "high"),
        ({"issue": "bug.error.message", "severity": "p2"}, "high"),
        ({"issue": "outage.service.all_down", "severity": "p1"}, "urgent"),
    ],
)
def test_what_an_account_is_worth_lifts_by_one_step_however_much_of_it_there_is(
    packs: RuleSet, signals: dict[str, Any], wanted: str
) -> None:
    signals = {**signals, "issue_type": signals["issue"].partition(".")[0]}
    facts = facts_of(ticket={"subject": "Hm"}, company=NORTHWIND, signals=signals)

    assert decide(packs, facts).priority == wanted


@pytest.mark.parametrize("severity", [None, {"value": "p4", "score": 0.4}])
def test_what_nobody_could_grade_is_not_put_off(packs: RuleSet, severity: Any) -> None:
    facts = facts_of(ticket={"subject": "緊急"}, signals={"issue_type": "other", **({"severity": severity} if severity else {})})

    assert decide(packs, facts).priority == "normal"


@pytest.mark.parametrize(
    ("issues", "team", "also"),
    [
        (["data_loss.missing.disappeared", "cancellation.subscription.end"], "Engineering", {"also-success"}),
        (["outage.service.all_down", "billing.invoice.missing"], "Tier 2", {"also-billing"}),
        (["bug.error.message", "integration.api.fails"], "Tier 2", set()),
        (["billing.refund.request", "privacy.erasure.request", "bug.crash"], "Billing", {"also-privacy", "also-technical"}),
        (["other", "privacy.erasure.request"], "Privacy", {"also-privacy"}),
        (["feature_request.new.function", "how_to.use.function"], "Product", set()),
        (["account_access.login.fails"], "Tier 1", set()),
        (["security.question.compliance"], "Security", set()),
    ],
)
def test_the_gravest_issue_chooses_the_team_and_the_others_are_told(
    packs: RuleSet, issues: list[str], team: str, also: set[str]
) -> None:
    signals = {"issues": issues, "issue": issues[0], "issue_type": issues[0].partition(".")[0]}

    decision = decide(packs, facts_of(ticket={"subject": "Hm"}, signals=signals))

    assert decision.team == team
    assert {tag for tag in decision.tags_add if tag.startswith("also-")} == also
    assert sum("split" in note.title for note in decision.notes) == len(also)


@pytest.mark.parametrize(
    ("signals", "escalated"),
    [
        ({"issues": ["data_loss.missing.disappeared", "cancellation"], "wishes": ["cancel"]}, {"data-loss", "cancelling"}),
        ({"issues": ["security.data.leaked"], "wishes": ["legal", "manager"]}, {"security", "legal", "management"}),
        ({"issues": ["data_loss.deleted.by_mistake"], "severity": "p3"}, set()),
        ({"issues": ["security.question.compliance"], "severity": "p4"}, set()),
        ({"issues": ["how_to.use.function"], "wishes": ["leadership_asks"]}, {"executives"}),
    ],
)
def test_each_escalation_can_be_listed_by_its_tag(packs: RuleSet, signals: dict[str, Any], escalated: set[str]) -> None:
    signals = {**signals, "issue": signals["issues"][0], "issue_type": signals["issues"][0].partition(".")[0]}

    decision = decide(packs, facts_of(ticket={"subject": "Hm"}, signals=signals))

    tags = {tag for tag in decision.tags_add if tag.startswith("escalated")}
    assert tags == {*(f"escalated-{each}" for each in escalated), *(["escalated"] if escalated else [])}
    assert len([note for note in decision.notes if note.kind == "escalation"]) == len(escalated)


def test_a_vip_of_level_one_with_a_question_waits_in_a_queue_of_its_own(packs: RuleSet) -> None:
    facts = facts_of(ticket={"subject": "Hm"}, company=NORTHWIND, signals={"issue_type": "how_to", "severity": "p4"})

    assert decide(packs, facts).team == "VIP"


def test_a_decision_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from tests.rules.packs.test_shipped_packs import ORDER, HERE, VIP_OUTAGE, decision_text\n"
        "import sys; sys.stdout.write(decision_text())"
    )
    texts = {_run(code, seed) for seed in ("1", "2")}

    assert texts == {decision_text()}


def decision_text() -> str:
    decision = decide(load_rules(read_sources(["pack:vip", "pack:escalation"], HERE)), facts_of(**VIP_OUTAGE))
    return canonical([decision_to_json(decision), json.dumps(decision_to_json(decision))])


def _run(code: str, seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=HERE.parents[2], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_packs_state_covers_every_rule(packs: RuleSet) -> None:
    decision = decide(packs, facts_of(**VIP_OUTAGE))

    assert set(decision.state) == {rule.id for rule in packs.rules if rule.is_live}
    assert result(decision, "vip-customer").fired

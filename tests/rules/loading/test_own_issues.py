"""`issues:` and `areas:` of rule files: what is refused, where it says the fault is, and what rules can ask then."""

from __future__ import annotations

import re

import pytest

from rules.engine.decide import decide
from rules.language.fields import FIELDS
from rules.tools.json_schema import rule_file_schema
from rules.values.own_issues import OwnIssue
from tests.rules.build import facts_of, messages_of, one_rule, rule, rules_of

EXAMPLES = "examples: [My code is refused, The voucher is not accepted, No coupon works here]"
COUPON = f"issues:\n  checkout.coupon: {{type: billing, area: checkout, {EXAMPLES}}}\n"
AREAS = "areas:\n  checkout: {words: [basket]}\n"


def _issue(path: str, inside: str) -> list[str]:
    return messages_of(f"issues:\n  {path}: {{{inside}}}\n")


@pytest.mark.parametrize(
    ("path", "inside", "told"),
    [
        ("coupon", f"type: billing, {EXAMPLES}", "2:3: coupon: a path is two or three words with dots between"),
        ("a.b.c.d", f"type: billing, {EXAMPLES}", "2:3: a.b.c.d: a path is two or three words"),
        ("Check.Out", f"type: billing, {EXAMPLES}", "2:3: Check.Out: a path is two or three words"),
        ("billing.invoice.missing", EXAMPLES, "2:3: billing.invoice.missing: this issue comes with Deskhand"),
        ("billing.invoice", EXAMPLES, "2:3: billing.invoice: this issue comes with Deskhand"),
        ("shop.door", EXAMPLES, "2:3: wanted `type:`, what it counts as for rules: bug"),
        ("shop.door", f"type: biling, {EXAMPLES}", "2:15: biling: no such type, did you mean billing?"),
        ("shop.door", f"type: spam, {EXAMPLES}", "2:15: spam: no such type"),
        ("bug.door.open", f"type: billing, {EXAMPLES}", "2:19: billing: the path says bug"),
        ("shop.door", f"type: bug, area: front, {EXAMPLES}", "2:26: front: no such area: add it below `areas:`"),
        ("shop.door", f"type: bug, exampels: [], {EXAMPLES}", "2:26: exampels: no such key, did you mean examples?"),
        ("shop.door", "type: bug", "2:3: shop.door: wanted 3 examples or more, found none"),
        ("shop.door", "type: bug, examples: [The door is shut]", "2:26: shop.door: wanted 3 examples or more, found only 1"),
        ("shop.door", "type: bug, examples: The door is shut", "2:26: examples: wanted a list of texts"),
        ("shop.door", f"type: bug, phrases: [7], {EXAMPLES}", "2:36: phrases: wanted text; put it in quotes"),
        (
            "shop.door",
            "type: bug, examples: [no, The door is shut, Nobody can come in]",
            "2:37: this example is too short to tell anything",
        ),
        (
            "shop.door",
            "type: bug, examples: [The door is shut, 'the DOOR  is shut', Nobody can come in]",
            "2:55: this example is there twice, first at shop.door",
        ),
    ],
)
def test_what_is_wrong_is_told_at_its_place(path: str, inside: str, told: str) -> None:
    found = _issue(path, inside)

    assert len(found) == 1
    assert found[0].startswith(told)


def test_an_example_may_be_short_in_a_script_without_spaces() -> None:
    assert _issue("shop.door", "type: bug, examples: [扉が開かない, ドアが閉まった, 入れません]") == []


def test_phrases_alone_are_enough() -> None:
    assert _issue("shop.door", "type: bug, phrases: [door shut]") == []


@pytest.mark.parametrize("block", ["areas: []\n", "issues: x\n", "areas: {Big Area: {words: [x]}}\n", "areas: {a: [x]}\n"])
def test_blocks_of_another_shape_are_refused(block: str) -> None:
    assert len(messages_of(block)) == 1


def test_a_file_may_hold_issues_and_no_rules_and_another_asks_for_them() -> None:
    rules = rules_of("rules:\n" + rule("{issue: checkout.coupon}"), AREAS + COUPON)

    assert rules.own_issues.paths == ("checkout", "checkout.coupon")
    assert rules.own_issues.issues[0] == OwnIssue(
        path="checkout.coupon",
        issue_type="billing",
        area="checkout",
        examples=("My code is refused", "The voucher is not accepted", "No coupon works here"),
    )


def test_the_same_path_in_two_files_is_refused() -> None:
    with pytest.raises(Exception, match=re.escape("file2.yaml:2:3: checkout.coupon: this issue is there twice")):
        rules_of(AREAS + COUPON, COUPON)


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("{issue: checkout.copon}", "issue: checkout.copon: no such value, did you mean checkout.coupon?"),
        ("{issues: {has: checkout.copon}}", "issues: checkout.copon: no such value, did you mean checkout.coupon?"),
        ("{product_area: chekout}", "product_area: chekout: no such value, did you mean checkout?"),
    ],
)
def test_a_condition_names_only_what_is_there(when: str, told: str) -> None:
    assert told in messages_of(AREAS + COUPON + "rules:\n" + rule(when))[0]


OWN = {"issue": "checkout.coupon", "issue_type": "billing", "issues": ["checkout.coupon", "billing"]}


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{issue: checkout.coupon}", True),
        ("{issue: checkout}", True),
        ("{issue: billing}", True),
        ("{issue: bug}", False),
        ("{issue: billing.refund}", False),
        ("{not: {issue: billing}}", False),
        ("{issues: {has: billing}}", True),
        ("{issues: {has: checkout}}", True),
        ("{support_tier: 1}", True),
    ],
)
def test_an_own_issue_counts_as_its_type(when: str, holds: bool) -> None:
    rules = rules_of(AREAS + COUPON + "rules:\n" + rule(when))

    assert decide(rules, facts_of(signals=OWN)).rules[0].matched is holds


def test_a_shipped_path_does_not_count_as_another_type() -> None:
    facts = facts_of(signals={"issue": "billing.refund", "issue_type": "bug"})

    assert not decide(one_rule("{issue: bug}"), facts).rules[0].matched


def test_the_hash_changes_with_an_example_and_stays_without_any() -> None:
    rules = "rules:\n" + rule("{issue: billing}")
    bare, own, other = rules_of(rules), rules_of(rules, AREAS + COUPON), rules_of(rules, AREAS + COUPON.replace("here", "now"))

    assert len({bare.hash, own.hash, other.hash}) == 3
    assert bare.hash == rules_of(rules).hash
    assert [each.semantic_hash for each in bare.rules] == [each.semantic_hash for each in own.rules]


def test_the_same_issues_are_the_same_however_the_rules_change() -> None:
    one, other = rules_of(AREAS + COUPON), rules_of(AREAS + COUPON + "rules:\n" + rule("{subject: x}"))

    assert one.own_issues is other.own_issues


def test_editors_complete_the_teams_own_words_and_accept_any_path() -> None:
    rules = rules_of(AREAS + COUPON)
    offered = rule_file_schema(rules.registry)["$defs"]["condition"]["properties"]
    words, _, others = offered["issue"]["anyOf"][0]["anyOf"]

    assert "checkout.coupon" in words["enum"]
    assert "pattern" in others
    assert offered["product_area"]["anyOf"][0]["anyOf"][0]["enum"] == ["checkout"]
    assert rules_of("rules:\n" + rule("{subject: x}")).registry is FIELDS

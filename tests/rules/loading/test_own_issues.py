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


@pytest.mark.parametrize(
    ("phrase", "told"),
    [
        (r"\u0301", "what nobody sees has no letter or figure: delete it"),
        (r"\u200b", "what nobody sees has no letter or figure: delete it"),
        (r"door \u200b", "what nobody sees has no letter or figure: delete it"),
        ("door ☃", "☃ has no letter or figure"),
        ("_", "this has no letter or figure: write a word"),
        ("=", "this has no letter or figure: write a word"),
        (".", ". has no letter or figure"),
        ("?", "? has no letter or figure"),
        ("*", "`*` stands at the end of a word"),
        (".*", "patterns are not used here: `cancel*` is a word that starts so"),
        ("door (open)", "patterns are not used here"),
        ("door|gate", "`|` is no sign of a phrase: write two phrases"),
        ("*door", "`*` stands at the end of a word"),
        ("do*", "do*: half of all words begin so: write 3 letters or more"),
        ("a", "one letter stands in nearly every text"),
        ("_ door", "a gap `_` stands between two words"),
        ("door " * 13, "longer than 100 letters or 12 words"),
        ("d" * 101, "longer than 100 letters or 12 words"),
    ],
)
def test_a_phrase_that_cannot_be_looked_for_is_refused(phrase: str, told: str) -> None:
    for text in (
        f'issues:\n  shop.door: {{type: bug, phrases: [door shut, "{phrase}"]}}\n',
        f'areas:\n  a: {{words: [x1, "{phrase}"]}}\n',
    ):
        (found,) = messages_of(text)

        assert re.match(r"2:\d\d: (phrases|words): ", found)
        assert told in found


@pytest.mark.parametrize(
    "phrase", ["door shut", "=schön", "cancel*", "c++", "50 %", "R & D", "out of _ _ office", "鍵", "v2.0", "दरवाज़ा"]
)
def test_a_phrase_of_words_is_taken(phrase: str) -> None:
    assert _issue("shop.door", f'type: bug, phrases: ["{phrase}"]') == []


@pytest.mark.parametrize("inside", ["phrases: [Gate  shut]", "examples: [The gate is open, Nobody came in, the GATE is - open!]"])
def test_what_is_there_twice_is_told(inside: str) -> None:
    text = "issues:\n  shop.gate: {type: bug, phrases: [gate shut]}\n  shop.door: {type: bug, " + inside + "}\n"

    (found,) = messages_of(text)

    assert found.startswith("3:")
    assert "is there twice, first at shop." in found


def test_two_spellings_of_one_phrase_may_stand_beside_each_other() -> None:
    assert _issue("shop.table", "type: bug, phrases: [reservation*, réservation*]") == []
    assert len(_issue("shop.table", "type: bug, phrases: [réservation*, RÉSERVATION*]")) == 1


def test_an_area_says_something_or_an_issue_names_it() -> None:
    assert messages_of("areas:\n  front: {}\n")[0].startswith("2:3: front: nothing tells this area: write `words` or `examples`")
    assert messages_of("areas:\n  front: {}\nissues:\n  shop.door: {type: bug, area: front, phrases: [door shut]}\n") == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("areas:\n" + "".join(f"  a{n}: {{words: [word{n}]}}\n" for n in range(101)), "102:3: more than 100 areas in all files"),
        (
            "issues:\n" + "".join(f"  a.b{n}: {{type: bug, phrases: [word{n}]}}\n" for n in range(201)),
            "202:3: more than 200 issues in all files",
        ),
        (
            "areas:\n  a:\n    words:\n" + "".join(f"      - word{n}\n" for n in range(101)),
            "104:9: words: more than 100 of one: ten different ones are enough",
        ),
        (
            "".join(
                ["areas:\n", *(f"  a{a}:\n    words:\n" + "".join(f"      - w{a}x{n}\n" for n in range(100)) for a in range(21))]
            ),
            "2044:9: more than 2000 phrases and words in all files",
        ),
        (f"areas:\n  a: {{examples: [{'word ' * 81}]}}\n", "2:18: this example has more than 400 letters"),
    ],
)
def test_there_are_bounds(text: str, told: str) -> None:
    (found,) = messages_of(text)

    assert found.startswith(told)


@pytest.mark.parametrize(
    ("block", "told"),
    [
        ("issues:\n  5: {type: bug, phrases: [door]}\n", "2:3: 5: a path is two or three words"),
        ("issues:\n  null: {type: bug, phrases: [door]}\n", "2:3: null: a path is two or three words"),
        ("areas:\n  true: {words: [door], 7: x}\n", "2:25: 7: no such key"),
        ("issues:\n  ? [a, b]\n  : {type: bug}\n", "2:5: a list or a block is no key"),
        ("issues:\n  ? {a: b}\n  : {type: bug}\n", "2:5: a list or a block is no key"),
        ("issues:\n  shop.door:\n    <<: {type: bug}\n    phrases: [door]\n", "3:5: merge keys (<<) are not used here"),
        ("issues:\n  shop.door: {type: [bug], phrases: [door]}\n", "2:15: type: wanted one of bug"),
        ("issues:\n  shop.door: {type: bug, area: '', phrases: [door]}\n", "2:26: area: wanted the name of one"),
        ("issues:\n  none.door: {type: bug, phrases: [door]}\n", "2:3: none.door: none means that nothing is told"),
        ("issues:\n  spam.door: {phrases: [door]}\n", "2:3: spam has no issues below it"),
    ],
)
def test_odd_words_are_told_at_their_place(block: str, told: str) -> None:
    (found,) = messages_of(block)

    assert found.startswith(told)
    assert "ordereddict" not in found


def test_a_path_may_go_on_below_a_shipped_one_and_counts_as_it() -> None:
    rules = rules_of("issues:\n  billing.invoice.own: {phrases: [door]}\nrules:\n" + rule("{issue: billing.invoice}"))
    facts = facts_of(signals={"issue": "billing.invoice.own", "issue_type": "billing"})

    assert decide(rules, facts).rules[0].matched


def test_an_example_may_be_short_in_a_script_without_spaces() -> None:
    assert _issue("shop.door", "type: bug, examples: [扉が開かない, ドアが閉まった, 入れません]") == []


def test_phrases_alone_are_enough() -> None:
    assert _issue("shop.door", "type: bug, phrases: [door shut]") == []


@pytest.mark.parametrize("block", ["areas: []\n", "issues: x\n", "areas: {Big Area: {words: [big]}}\n", "areas: {a: [x]}\n"])
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

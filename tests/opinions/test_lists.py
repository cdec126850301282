"""The closed lists: the shipped ones, and a team's own issues beside them."""

from __future__ import annotations

from bot.opinions.lists import lists_of
from rules.values.own_issues import OwnIssue, OwnIssues
from rules.values.taxonomy import ISSUES
from tests.opinions.makers import LISTS


def test_the_shipped_lists_are_those_of_rules() -> None:
    assert set(LISTS.issues) == {each.path for each in ISSUES}
    assert {"de", "ja", "pt"} <= set(LISTS.languages)
    assert LISTS.questions["bug.1"].startswith("What exactly did you do")


def test_a_teams_own_issues_stand_beside_them() -> None:
    own = OwnIssues(issues=(OwnIssue(path="checkout.coupon", issue_type="billing", phrases=("promo code",)),))

    found = lists_of(own)

    assert found.issues["checkout.coupon"] == "promo code"
    assert found.counts_as == {"checkout.coupon": "billing"}
    assert found.digest != LISTS.digest

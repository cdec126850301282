"""What tickets are about: paths of three levels, and where each is answered."""

from __future__ import annotations

import pytest

from rules.values.taxonomy import GENERAL, ISSUES, PATHS, SPECIALIST, TECHNICAL, TYPES, levels, support_tier


def test_a_path_belongs_to_each_of_its_levels() -> None:
    assert levels("billing.invoice.missing") == ("billing", "billing.invoice", "billing.invoice.missing")
    assert levels("spam") == ("spam",)


def test_every_issue_has_three_levels_and_starts_with_a_type() -> None:
    assert [each.path for each in ISSUES if each.path.count(".") != 2 or each.issue_type not in TYPES] == []


def test_a_path_stands_there_once_and_so_do_all_its_levels() -> None:
    assert len(PATHS) == len(set(PATHS))
    assert {level for each in ISSUES for level in levels(each.path)} | set(TYPES) == set(PATHS)


@pytest.mark.parametrize(
    ("path", "tier"),
    [
        ("billing.refund.request", GENERAL),
        ("billing", GENERAL),
        ("bug.crash", TECHNICAL),
        ("security.account.taken_over", SPECIALIST),
        ("spam", None),
        ("bil", None),
        ("billing.nothing", None),
    ],
)
def test_a_tier_is_told_from_any_level(path: str, tier: int | None) -> None:
    assert support_tier(path) == tier

"""Tags by which people judge a draft: what a mistyped one was meant to be, and what is left to the team."""

from __future__ import annotations

import pytest

from rules.values.verdict_tags import TAGS, meant

MISTYPED = {
    "dh-accept": [
        "dh-aprove",
        "dh-approve",
        "dh_accept",
        "dh accept",
        "dhaccept",
        "dh-acept",
        "dh-accpet",
        "DH_Accepted",
        "hd-accept",
    ],
    "dh-edit": ["dh_edit", "dh-edits", "dh-edited", "dh-eidt", "dh-take-over"],
    "dh-reject": ["dh_reject", "dh-rejct", "dh-rejected", "dh-discard", "dh:decline"],
    "dh-wrong-intent": ["dh-wrong_intent", "dh_wrong_intent", "dh-wrongintent", "dh-wrong-intend", "dh-wrong"],
}


@pytest.mark.parametrize(("right", "typed"), [(right, typed) for right, every in MISTYPED.items() for typed in every])
def test_a_mistyped_tag_is_known_by_what_it_is_near_to(right: str, typed: str) -> None:
    assert meant(typed) == right


@pytest.mark.parametrize("tag", [*sorted(TAGS), "DH-Accept", "DH-EDIT"])
def test_a_tag_that_is_written_rightly_needs_no_advice(tag: str) -> None:
    assert meant(tag) is None


@pytest.mark.parametrize(
    "tag",
    ["dh-audit", "dh-credit", "dh-berlin", "dhl-parcel", "dh", "dh-", "accept", "edit", "rejected", "dh-accounting", "vip", ""],
)
def test_a_teams_own_tag_is_left_alone(tag: str) -> None:
    assert meant(tag) is None

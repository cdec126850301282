"""What is asked: every list in the prompt and in the schema, and another question where anything is another."""

from __future__ import annotations

from bot.opinions.lists import lists_of
from bot.opinions.prompt import asked_hash, messages_for, response_format
from rules.values.own_issues import OwnIssue, OwnIssues
from tests.opinions.makers import LISTS, MODEL

OWN = lists_of(OwnIssues(issues=(OwnIssue(path="checkout.coupon", issue_type="billing", examples=("My code is refused",)),)))


def test_all_that_may_be_chosen_stands_in_the_prompt_and_in_the_schema() -> None:
    system = messages_for("Hello", OWN, "5f0c")[0]["content"]
    lists = response_format(OWN)["json_schema"]["schema"]["properties"]

    assert "- checkout.coupon: My code is refused" in system
    for name, allowed in (("issues", OWN.issues), ("wishes", OWN.wishes), ("questions", OWN.questions), ("mood", OWN.moods)):
        assert lists[name]["items"]["properties"]["value"]["enum"] == [*allowed]
        assert all(each in system for each in allowed)


def test_equal_questions_are_told_by_their_hash() -> None:
    other = MODEL.model_copy(update={"name": "n"})
    hashes = [
        asked_hash("Hello", LISTS, MODEL),
        asked_hash("Hello!", LISTS, MODEL),
        asked_hash("Hello", OWN, MODEL),
        asked_hash("Hello", LISTS, other),
    ]

    assert len({*hashes}) == 4
    assert hashes[0] == asked_hash("Hello", lists_of(), MODEL)

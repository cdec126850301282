"""What all actions share: options that are refused where they are wrong, and texts that are filled."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from pydantic import ValidationError

from rules.actions._base import ActionOptions, Duration, RuleRef, Tags, Template, listed
from rules.language.fields import FIELDS
from rules.language.registry import FieldType, signal_field
from rules.model.effects import Blocked
from rules.model.view import View
from tests.rules.build import facts_of


class Wanted(ActionOptions):
    text: Template = "x"
    tags: Tags = ()
    after: Duration = timedelta(hours=1)


def test_an_option_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Wanted.model_validate({"txt": "x"})


def test_tags_are_kept_as_they_are_compared() -> None:
    assert Wanted.model_validate({"tags": "ＶＩＰ"}).tags == ("vip",)
    assert Wanted.model_validate({"tags": ["Straße"]}).tags == ("strasse",)


@pytest.mark.parametrize("tag", ["issue-{issue_type}", "{nobody.knows.it}", "{}"])
def test_a_placeholder_in_a_tag_is_refused_since_nobody_fills_it(tag: str) -> None:
    with pytest.raises(ValidationError, match="no placeholder is filled here: write a rule for each value"):
        Wanted.model_validate({"tags": [tag]})


def test_a_brace_that_is_meant_is_written_twice() -> None:
    assert Wanted.model_validate({"tags": ["a{{b}}"]}).tags == ("a{b}",)
    with pytest.raises(ValidationError, match=re.escape("a single {: write {{ or }} for a brace")):
        Wanted.model_validate({"tags": ["a{b"]})


@pytest.mark.parametrize(("tag", "instead"), [("two words", "two-words"), ("a, b", "a-b"), ("'quoted'", "quoted"), (",", "one")])
def test_a_tag_that_a_helpdesk_would_cut_is_refused(tag: str, instead: str) -> None:
    with pytest.raises(ValidationError, match=f"write {instead}"):
        Wanted.model_validate({"tags": tag})


@pytest.mark.parametrize(
    ("raw", "wanted"), [("30 min", timedelta(minutes=30)), (timedelta(0), timedelta(0)), ("60 days", timedelta(days=60))]
)
def test_durations_are_read_as_people_write_them(raw: object, wanted: timedelta) -> None:
    assert Wanted.model_validate({"after": raw}).after == wanted


@pytest.mark.parametrize(
    ("raw", "told"), [(5, "such as `30 min`"), ("0 h", "longer than nothing"), ("-1 h", "longer than nothing")]
)
def test_what_is_no_duration_is_refused(raw: object, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Wanted.model_validate({"after": raw})


def test_a_duration_is_written_back_in_seconds() -> None:
    assert Wanted.model_validate({"after": "2 h"}).model_dump(mode="json")["after"] == 7200.0


def test_placeholders_are_those_of_the_registry_at_hand() -> None:
    more = FIELDS.with_fields([signal_field("mood", FieldType.TEXT, "how it sounds", "good")])

    with pytest.raises(ValidationError, match="no such field"):
        Wanted.model_validate({"text": "{mood}"})
    assert Wanted.model_validate({"text": "{mood}"}, context={"registry": more}).text == "{mood}"


def test_a_rule_fills_its_texts_from_its_view() -> None:
    rule = RuleRef("r", "the rule", View(facts_of(requester={"name": "Rita"})))

    assert rule.fill("Hello {requester.name}") == "Hello Rita"
    with pytest.raises(Blocked, match=r"company\.name is empty"):
        rule.fill("{company.name}")


def test_one_text_stands_for_a_list_of_it() -> None:
    assert (listed("a"), listed(["a", "b"]), listed(1)) == (["a"], ["a", "b"], 1)

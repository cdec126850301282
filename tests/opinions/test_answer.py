"""What is kept of a model's answer: words of the closed lists, with words that the customer wrote; all else is dropped."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.llm.json_answer import AnswerInvalid
from bot.opinions.answer import MOST, Opinion, kept, read_opinion
from bot.opinions.asking import Words
from tests.opinions.makers import LISTS, TEXT, answer, opinion, part, said

GONE = "data_loss.missing.disappeared"


def test_each_list_is_kept_with_its_words() -> None:
    found, dropped = opinion(
        issues=[part(GONE, "All our photos are gone")],
        severity=[part("p1", "photos are gone since Monday")],
        mood=[part("frustrated", "All our photos are gone")],
        wishes=[part("callback", "Please call me back")],
        language=[part("en", "All our photos")],
        questions=[part("data_loss.1", "photos are gone")],
    )

    assert dropped == 0
    assert found == Opinion(
        issues=(said(GONE, "All our photos are gone"),),
        severity=(said("p1", "photos are gone since Monday"),),
        mood=(said("frustrated", "All our photos are gone"),),
        wishes=(said("callback", "Please call me back"),),
        language=(said("en", "All our photos"),),
        questions=(said("data_loss.1", "photos are gone"),),
    )


@pytest.mark.parametrize("value", ["data_loss", "billing.refund.all_of_it", "vip", "", "security.*", "p0", "spam"])
def test_what_is_in_no_list_is_dropped(value: str) -> None:
    found, dropped = opinion(issues=[part(value, "All our photos are gone")], severity=[part(value, "All our photos")])

    assert (found, dropped) == (Opinion(), 2)


@pytest.mark.parametrize(
    "span", ["my invoice is wrong", "photos gone since", "ll our photos are go", "a", "", "Monday", "since", "the model says so"]
)
def test_words_that_the_customer_did_not_write_tell_nothing(span: str) -> None:
    assert opinion(issues=[part(GONE, span)]) == (Opinion(), 1)


@pytest.mark.parametrize(
    "span", ["ALL OUR PHOTOS are gone", "“all our photos are gone…”", "all  our\nphotos are góne", "gone since Monday."]
)
def test_letters_are_compared_as_the_house_compares_them(span: str) -> None:
    assert opinion(issues=[part(GONE, span.replace("…", "."))])[1] == 0


def test_a_placeholder_stands_for_what_was_taken_out() -> None:
    words = Words.of(TEXT)
    found, dropped = opinion(issues=[], wishes=[part("callback", "call me back at [PHONE_1]")])

    assert "[PHONE_1]" in words.told.text
    assert (len(found.wishes), dropped) == (1, 0)
    assert words.told.restored(found.wishes[0].span) == "call me back at +49 30 5550199"


def test_only_so_many_of_a_list_are_kept_and_each_once() -> None:
    paths = [part(path, "All our photos are gone") for path in [*LISTS.issues][:8]]
    found, dropped = opinion(issues=[*paths, paths[0]], severity=[part("p1", "All our photos"), part("p2", "All our photos")])

    assert [each.value for each in found.issues] == [*LISTS.issues][: MOST["issues"]]
    assert [each.value for each in found.severity] == ["p1"]
    assert dropped == 5


LOOSE = (
    json.dumps({"issues": {"path": GONE, "quote": "All our photos are gone"}, "severity": None}),
    f"```json\n{answer(issues=[part(GONE, 'All our photos are gone')])}\n```\nAnything else?",
    f'<think>maybe {{"issues": []}}?</think>{answer(issues=[part(GONE, "All our photos are gone")], mood="angry")}',
    answer(issues=[part(GONE, "All our photos are gone"), None, 7, "data_loss"], actions=["close"], tags=["vip"]),
)


@pytest.mark.parametrize("text", LOOSE)
def test_other_shapes_are_understood(text: str) -> None:
    words = Words.of(TEXT)

    found, _ = kept(read_opinion(text), LISTS, words.own, words.told.restored)

    assert found == Opinion(issues=(said(GONE, "All our photos are gone"),))


@pytest.mark.parametrize(
    "text", ["", "Sure!", '{"issues": [', "[]", "{}", '{"sentences": [{"text": "Hi"}]}', '{"issues": [], "issues": []}', "null"]
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    with pytest.raises(AnswerInvalid):
        read_opinion(text)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.sampled_from([*LISTS.issues][:5]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["value", "span", "path"]), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*MOST, "actions", "tags"]), anything, min_size=1))
def test_whatever_an_endpoint_says_stays_in_the_lists(said_by_model: dict[str, Any]) -> None:
    try:
        found, _ = opinion(**said_by_model)
    except AnswerInvalid:
        return

    assert {each.value for each in found.issues} <= set(LISTS.issues)
    assert {each.value for each in found.severity} <= set(LISTS.severities)
    assert {each.value for each in found.wishes} <= set(LISTS.wishes)
    assert {each.value for each in found.questions} <= set(LISTS.questions)
    assert {each.value for each in (*found.mood, *found.language)} <= {*LISTS.moods, *LISTS.languages}

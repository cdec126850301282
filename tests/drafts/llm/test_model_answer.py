"""A model's answer: one JSON object of a known shape, or a refusal that says why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.llm.model_answer import SCHEMA, AnswerInvalid, AnswerSentence, ModelAnswer, read_answer

GOOD = '{"language": "en", "sentences": [{"text": "Open Settings.", "sources": ["A1"], "mood": 1}], "to": "all"}'


@pytest.mark.parametrize("around", ["{}", "Sure!\n```json\n{}\n```", "{}\nI hope that helps {{:-)"])
def test_the_object_is_found_inside_prose_and_fences_and_extra_names_are_left_out(around: str) -> None:
    found = read_answer(around.format(GOOD))

    assert found.model_dump() == {"language": "en", "sentences": ({"text": "Open Settings.", "sources": ("A1",)},)}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" ", "it was empty"),
        ("no", "it held no JSON object"),
        ("{" * 20 + "}" * 20, "nested too deeply"),
        (GOOD[:-5], "broken or cut off"),
        ('{"language": "en", "language": "de"}', "names the same thing twice"),
        ('{"sentences": [{"text": 5}]}', "sentences.0.text: string type"),
        ('{"sentences": [{"text": "my secret", "sources": "A1"}]}', "sentences.0.sources: tuple type"),
    ],
)
def test_a_refusal_says_what_is_wrong_without_the_answers_words(text: str, problem: str) -> None:
    with pytest.raises(AnswerInvalid) as caught:
        read_answer(text)

    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_schema_that_is_asked_for_is_the_shape_that_is_read() -> None:
    properties = SCHEMA["properties"]

    assert isinstance(properties, dict)
    assert set(properties) == set(ModelAnswer.model_fields)
    assert set(properties["sentences"]["items"]["properties"]) == set(AnswerSentence.model_fields)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "none",
        "[]",
        '{"sentences": []}',
        '{"sentences": [{"text": 5}]}',
        '{"sentences": [{"text": "a", "text": "b"}]}',
        "{" * 500,
    ],
)
def test_answers_of_another_shape_are_refused(text: str) -> None:
    with pytest.raises(AnswerInvalid):
        read_answer(text)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200))
def test_any_answer_is_read_or_refused(text: str) -> None:
    try:
        assert read_answer(text).sentences
    except AnswerInvalid as refused:
        assert str(refused)

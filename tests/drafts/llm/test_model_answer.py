"""A model's answer: one JSON object of a known shape, or a refusal that says why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.llm.model_answer import AnswerInvalid, read_answer


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

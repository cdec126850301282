"""A model's answer: one JSON object of a known shape, or a refusal that says why."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.llm.model_answer import SCHEMA, AnswerInvalid, AnswerSentence, ModelAnswer, read_answer
from tests.harness.cpu_time import cpu_seconds_since

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
        ("{" * 20 + "}" * 20, "broken or cut off"),
        ('{"language":' * 9_000 + "1" + "}" * 9_000, "sentences: missing"),
        (GOOD[:-5], "broken or cut off"),
        ('{"language": "en", "language": "de"}', "names the same thing twice"),
        ('{"sentences": [{"text": 5}]}', "sentences.0.text: string type"),
        ('{"sentences": {"text": "my secret", "sources": "A1"}}', "sentences: tuple type"),
        ('{"sentences": [{"text": "' + "secret " * 300 + '"}]}', "sentences.0.text: string too long"),
    ],
)
def test_a_refusal_says_what_is_wrong_without_the_answers_words(text: str, problem: str) -> None:
    with pytest.raises(AnswerInvalid) as caught:
        read_answer(text)

    assert problem in str(caught.value)
    assert "secret" not in str(caught.value)


DRAFT = '{"language": "en", "sentences": [{"text": "A first try.", "sources": ["A2"]}]}'


@pytest.mark.parametrize(
    "around",
    [
        "<think>\nThe customer {Jo} asks.\n</think>\nGOOD",
        "The customer {Jo} asks.\n</think>\nGOOD",
        f"<THINKING>{DRAFT}</THINKING>GOOD",
        f"<seed:think>{DRAFT}</seed:think> GOOD",
        f"[THINK]{DRAFT}[/THINK]GOOD",
        f"◁think▷{DRAFT}◁/think▷GOOD",
        f"<|begin_of_thought|>{DRAFT}<|end_of_thought|>\nGOOD",
        f"<|channel|>analysis<|message|>{DRAFT}<|end|><|start|>assistant<|channel|>final<|message|>GOOD",
        f"The shape is {{language, sentences}}, so perhaps {DRAFT}. No, better: GOOD",
        "<think>never closed {x}\nGOOD\n```",
        '{"answer": GOOD}',
        '{"name": "reply", "arguments": GOOD, "more": {}}',
    ],
)
def test_the_answer_is_found_behind_reasoning_and_inside_a_wrapper(around: str) -> None:
    assert read_answer(around.replace("GOOD", GOOD)) == read_answer(GOOD)


@pytest.mark.parametrize(
    "text",
    [
        f"<think>{DRAFT} Hmm, that cites too",
        f"<think>{DRAFT}</think>",
        f"<think>{DRAFT}</think>{GOOD[:-9]}",
        f"First {DRAFT}, better: {GOOD[:40]}",
        f"{DRAFT}\n</think>\nSorry, I cannot.",
    ],
)
def test_a_draft_inside_the_reasoning_is_never_the_answer(text: str) -> None:
    with pytest.raises(AnswerInvalid):
        read_answer(text)


def test_words_of_reasoning_inside_the_answer_are_the_answers_own() -> None:
    said = '{"sentences": [{"text": "The tags <think> and </think> are {removed}.", "sources": []}]}'

    assert read_answer(said).sentences[0].text == "The tags <think> and </think> are {removed}."


@pytest.mark.parametrize(
    ("sources", "ids"),
    [
        ("null", ()),
        ('"A1"', ("A1",)),
        ('"[A1], [M2]"', ("A1", "M2")),
        ('["[A1]", "a1", "Source M2"]', ("A1", "M2")),
        ('[{"id": "A1"}, null, {"source": "C1"}]', ("A1", "C1")),
        ("[" + ", ".join(f'"A{n}"' for n in range(30)) + "]", tuple(f"A{n}" for n in range(10))),
        ('"the help centre of Example Ltd"', ("the help centre of E",)),  # no id, so the checks find no source of this name
        ('""', ()),
    ],
)
def test_sources_are_read_from_null_text_brackets_and_objects(sources: str, ids: tuple[str, ...]) -> None:
    assert read_answer(f'{{"sentences": [{{"text": "Open it.", "sources": {sources}}}]}}').sentences[0].sources == ids


@pytest.mark.parametrize(
    "written",
    [
        '{"language": null, "sentences": [{"text": "Open it.", "sources": null}]}',
        '{"language": 7, "sentences": ["Open it."]}',
        '{"sentences": "Open it."}',
        '{"language": ["en"], "sentences": [null, {"text": null}, {"text": "Open it."}]}',
    ],
)
def test_null_and_text_are_understood_where_a_list_is_wanted(written: str) -> None:
    assert read_answer(written) == ModelAnswer(sentences=(AnswerSentence(text="Open it."),))


@pytest.mark.parametrize("hostile", ['{"' * 60_000, '{"a":' * 20_000, '{"language":[' * 9_000, '{"a":"' + "x" * 119_000])
def test_any_length_is_read_in_no_time(hostile: str) -> None:
    began = time.process_time()

    with pytest.raises(AnswerInvalid):
        read_answer(hostile)

    assert cpu_seconds_since(began) < 2


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

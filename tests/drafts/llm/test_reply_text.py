"""Citation marks and a subject line are no part of a reply."""

from __future__ import annotations

import pytest

from bot.drafts.llm.model_answer import AnswerSentence
from bot.drafts.llm.reply_text import reply_sentences

IDS = {"A1", "M1"}


@pytest.mark.parametrize(
    ("written", "text", "cited"),
    [
        ("Open Settings.【4:0†source】", "Open Settings.", ()),
        ("Open Settings 【12†help.md】.", "Open Settings.", ()),
        ("Open Settings [A1].", "Open Settings.", ("A1",)),
        ("Open Settings 【A1】, then go (Source: A1, M1).", "Open Settings, then go.", ("A1", "M1")),
        ("Open Settings.[1][2] Then go [3].", "Open Settings. Then go.", ()),
        ("Open Settings[^1] now", "Open Settings now", ()),
        ("Open Settings\ue200cite\ue202turn0search0\ue201.", "Open Settings.", ()),
        ("1. Open it [1]\n2. Close it [2]", "1. Open it\n2. Close it", ()),
        # not ours
        ("Cell [B2], part [A9], step (A1b), Press [Enter].", "Cell [B2], part [A9], step (A1b), Press [Enter].", ()),
        ("Use array[1].", "Use array[1].", ()),
        ("【重要】Open it (see below).", "【重要】Open it (see below).", ()),
    ],
)
def test_marks_are_taken_out_and_the_sources_they_name_are_cited(written: str, text: str, cited: tuple[str, ...]) -> None:
    [sentence] = reply_sentences([AnswerSentence(text=written)], IDS)

    assert (sentence.text, sentence.sources) == (text, cited)


@pytest.mark.parametrize(
    "line",
    [
        "Subject: Re: Your export",
        "**Betreff:** Ihr Export",
        "Objet : votre export",
        "件名：エクスポート",
        "# Asunto: exportación",
    ],
)
def test_a_subject_line_at_the_head_is_taken_out(line: str) -> None:
    found = reply_sentences(
        [AnswerSentence(text=" "), AnswerSentence(text=f"{line}\n\nHello Jo,"), AnswerSentence(text=line)], IDS
    )

    assert [each.text for each in found] == [" ", "Hello Jo,", line]


def test_a_word_that_only_begins_like_one_stays() -> None:
    [sentence] = reply_sentences([AnswerSentence(text="Subject to change: nothing.")], IDS)

    assert sentence.text == "Subject to change: nothing."

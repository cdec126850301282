"""The labelled questions: which get a draft, and on which article it rests. The bounds have a margin to what was reached."""

from __future__ import annotations

from pathlib import Path

from bot.drafts.article_search import ArticleIndex
from bot.drafts.evaluate import measure, read_questions

ROOT = Path(__file__).parents[2]
QUESTIONS = read_questions(ROOT / "tests" / "fixtures" / "drafts" / "questions.jsonl")


def test_hardly_a_question_without_an_article_gets_a_draft() -> None:
    found = measure(ArticleIndex.load(ROOT / "sandbox" / "articles"), QUESTIONS)

    assert found["another_article"] == []
    assert float(str(found["answered_share"])) < 0.05
    assert float(str(found["right_share"])) > 0.9


def test_there_are_questions_of_both_kinds_in_several_languages() -> None:
    answerable = [each for each in QUESTIONS if each.right]

    assert len(answerable) >= 30
    assert len(QUESTIONS) - len(answerable) >= 30
    assert len({each.language for each in QUESTIONS}) >= 4
    assert len({each.id for each in QUESTIONS}) == len(QUESTIONS)

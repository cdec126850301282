"""The articles of a folder: found by their words, refused by name where their head is wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.drafts.article_search import ArticleIndex, ArticleInvalid, read_article
from tests.drafts.makers import EXPORT, SHELF

DEMO_ARTICLES = Path(__file__).parents[2] / "sandbox" / "articles"


def test_an_article_is_found_by_its_words_in_any_form() -> None:
    assert SHELF.search("exporting my DATA")[0].article == EXPORT


def test_the_readers_language_comes_first() -> None:
    both = ArticleIndex([EXPORT, replace(EXPORT, id="x", language="fr")])

    assert both.search("export data", "fr")[0].article.id == "x"


@pytest.mark.parametrize("question", ["", "the and for", "Ferrari", '"" OR *', "))((" * 50])
def test_questions_without_known_words_find_nothing(question: str) -> None:
    assert SHELF.search(question) == []


def test_the_demos_articles_are_all_readable() -> None:
    files = sorted(DEMO_ARTICLES.glob("*.md"))

    articles = [read_article(path) for path in files]

    assert len(articles) >= 12
    assert all(each.url.startswith("https://help.example.com/") and each.changed_at for each in articles)
    assert len({each.id for each in articles}) == len(articles)


@pytest.mark.parametrize(
    "text",
    [
        "no front matter",
        "---\nid: x\n---\nno title",
        "---\ntitle: [\n---\n",
        "---\ntitle: x\nnever ends",
        "---\ntitle: x\nupdated: 2026-02-30\n---\na day that is none",
        "---\ntitle: x\nlanguage: [de, en]\n---\ntwo languages",
    ],
)
def test_a_file_without_proper_front_matter_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text, encoding="utf-8")

    with pytest.raises(ArticleInvalid, match=r"a\.md:"):
        read_article(tmp_path / "a.md")


@pytest.mark.parametrize(("written", "language"), [("DE", "de"), ("de-AT", "de"), ("zh_CN", "zh"), ('""', "en"), ("~", "en")])
def test_a_language_is_the_reader_s_whatever_its_country(tmp_path: Path, written: str, language: str) -> None:
    (tmp_path / "a.md").write_text(f"---\ntitle: x\nlanguage: {written}\n---\ntext", encoding="utf-8")

    assert read_article(tmp_path / "a.md").language == language


def test_one_bad_article_does_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text("nothing", encoding="utf-8")
    (tmp_path / "good.md").write_text("---\ntitle: Good\n---\nText", encoding="utf-8")

    assert len(ArticleIndex.load(tmp_path)) == 1


def test_an_article_is_read_with_its_head_and_without_one_its_name_is_its_id(tmp_path: Path) -> None:
    head = "---\nid: x\ntitle: Export\nupdated: 2026-10-02\nurl: https://help.example.com/x\nlanguage: de\n---\n"
    (tmp_path / "whole.md").write_text(f"{head}\nText\n", encoding="utf-8")
    (tmp_path / "bare.md").write_text("---\ntitle: Bare\nupdated: soon\n---\n", encoding="utf-8")

    whole, bare = read_article(tmp_path / "whole.md"), read_article(tmp_path / "bare.md")

    assert (whole.id, whole.text, whole.language) == ("x", "Text", "de")
    assert (whole.url, whole.changed_at) == ("https://help.example.com/x", datetime(2026, 10, 2, tzinfo=UTC))
    assert (bare.id, bare.text, bare.url, bare.language, bare.changed_at) == ("bare", "", "", "en", None)


def test_articles_with_one_id_are_both_found_and_told_apart(tmp_path: Path) -> None:
    """A translation often keeps the original's name."""
    for language, words in (("de", "Daten exportieren"), ("en", "Export your data")):
        (tmp_path / language).mkdir()
        (tmp_path / language / "export.md").write_text(f"---\ntitle: {words}\nlanguage: {language}\n---\n{words}.")

    shelf = ArticleIndex.load(tmp_path)

    assert [each.id for each in shelf.articles] == ["export", "en/export.md"]
    assert [found.article.language for found in shelf.search("export data", "en")][:1] == ["en"]
    assert [found.article.language for found in shelf.search("Daten exportieren", "de")][:1] == ["de"]


DEMO = ArticleIndex.load(DEMO_ARTICLES)


@pytest.mark.parametrize(
    ("question", "article"),
    [
        ("How can I add a new team member?", "add-people"),
        ("How do I add a colleague?", "add-people"),
        ("Where can I invite my coworkers?", "add-people"),
        ("How long does it take for a refund to appear?", "refunds"),
        ("How do I reset my passcode?", "reset-password"),
    ],
)
def test_one_word_and_the_issue_find_an_article_that_is_about_both(question: str, article: str) -> None:
    assert DEMO.search(question)[0].article.id == article


@pytest.mark.parametrize(
    "question",
    [
        "My colleague is sick, can we move the meeting?",  # the issue without a word of the title
        "How do I share a report with a colleague?",
        "Can you recommend a password generator?",  # a word and the issue, and most of the question is something else
        "Switch my insurance plan to a new one",
        "Can I add more seats to the plan?",
    ],
)
def test_one_word_and_the_issue_are_too_little_where_the_question_is_about_more(question: str) -> None:
    assert DEMO.search(question) == []


def test_the_best_come_first_with_the_paragraph_that_answers() -> None:
    other = replace(EXPORT, id="other", title="Colours of the export", text="Change colours of a CSV in settings.")

    found = ArticleIndex([other, EXPORT]).search("export csv data")

    assert [each.article.id for each in found] == ["export", "other"]
    assert "choose CSV" in found[0].excerpt
    assert 0 < found[0].score <= 1


def test_no_more_are_found_than_wanted() -> None:
    many = ArticleIndex([replace(EXPORT, id=str(n)) for n in range(9)])

    assert [each.article.id for each in many.search("export data", most=2)] == ["0", "1"]

"""The articles of a folder: found by their words, refused by name where their head is wrong."""

from __future__ import annotations

from dataclasses import replace
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
    "text", ["no front matter", "---\nid: x\n---\nno title", "---\ntitle: [\n---\n", "---\ntitle: x\nnever ends"]
)
def test_a_file_without_proper_front_matter_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.md").write_text(text, encoding="utf-8")

    with pytest.raises(ArticleInvalid, match=r"a\.md:"):
        read_article(tmp_path / "a.md")


def test_one_bad_article_does_not_cost_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.md").write_text("nothing", encoding="utf-8")
    (tmp_path / "good.md").write_text("---\ntitle: Good\n---\nText", encoding="utf-8")

    assert len(ArticleIndex.load(tmp_path)) == 1

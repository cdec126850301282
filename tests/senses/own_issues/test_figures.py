"""How often a team's own issues and areas are told, on tickets that were written before anything was measured.

The other half is printed by `python -m tests.senses.own_issues.figures held_back`, and not tested.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.senses import nearest, own_issues
from bot.senses.learned import classifier
from tests.senses.own_issues.figures import DEVELOPMENT, Figures, figures


@pytest.fixture(scope="module")
def by_vectors() -> Figures:
    if classifier.vectors_of_the_shipped() is None:
        pytest.skip("the extra `senses` is not installed")
    return figures(DEVELOPMENT)


@pytest.fixture
def by_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[Figures]:
    for module in (classifier, nearest):
        monkeypatch.setattr(module, "vectors_of_the_shipped", lambda: None)
    forget()
    yield figures(DEVELOPMENT)
    forget()


def forget() -> None:
    """What was read before with another set of weights."""
    from bot.senses import issues, ticket_reading

    for each in (nearest.nearest, nearest._examples_of, own_issues.issues_with_own, issues.found_issues, ticket_reading.reading):
        each.cache_clear()


def test_with_vectors_nine_of_ten_are_told_and_right(by_vectors: Figures) -> None:
    assert by_vectors.issues.precision >= 0.86
    assert by_vectors.issues.recall >= 0.84
    assert by_vectors.areas.precision >= 0.92
    assert by_vectors.areas.recall >= 0.79


def test_by_words_alone_it_is_a_little_less(by_words: Figures) -> None:
    assert by_words.issues.precision >= 0.84
    assert by_words.issues.recall >= 0.75
    assert by_words.areas.precision >= 0.94
    assert by_words.areas.recall >= 0.75


def test_what_is_graver_stays_first(by_vectors: Figures) -> None:
    assert by_vectors.graver >= 3
    assert by_vectors.hidden == ()


def test_scores_are_honest(by_vectors: Figures) -> None:
    """Of those with a score of 0.8 and more as many are right as they say, or nearly."""
    sure = [is_right for score, is_right in by_vectors.scores if score >= 0.8]
    said = [score for score, _ in by_vectors.scores if score >= 0.8]

    assert sum(sure) / len(sure) >= sum(said) / len(said) - 0.08

"""nearest: examples compared by words, and by vectors where there are any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.senses import nearest, ticket_reading
from bot.senses.learned import classifier
from bot.senses.nearest import Match
from rules.values.own_issues import NO_OWN_ISSUES, Area, OwnIssue, OwnIssues

DOOR = "The front door of the shop does not open"
LAMP = "The lamp above the table flickers"


def _own() -> OwnIssues:
    issues = (OwnIssue(path="shop.door", issue_type="bug", examples=(DOOR, "I cannot get into the shop")),)
    return OwnIssues(issues=issues, areas=(Area(name="light", examples=(LAMP,)), Area(name="empty")))


@pytest.fixture
def _without_vectors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (classifier, nearest):
        monkeypatch.setattr(module, "vectors_of_the_shipped", lambda: None)
    ticket_reading.reading.cache_clear()
    yield
    ticket_reading.reading.cache_clear()


@pytest.mark.parametrize(
    ("text", "name", "example"), [(DOOR, "shop.door", DOOR), (f"It is me again today. {LAMP}.", "light", LAMP)]
)
def test_its_own_example_is_nearest(text: str, name: str, example: str) -> None:
    best = nearest.nearest(text, "en", _own())[0]

    assert (best.name, best.example) == (name, example)
    assert best.score >= 0.9
    assert best.quote.rstrip(".") == example


@pytest.mark.usefixtures("_without_vectors")
def test_by_words_alone_the_same_words_are_near_and_others_are_not() -> None:
    same, other = nearest.nearest(DOOR, "en", _own()), nearest.nearest("Where is my invoice of March?", "en", _own())

    assert (same[0].name, same[0].score >= 0.9) == ("shop.door", True)
    assert max(each.score for each in other) < 0.3


def test_a_language_that_the_encoder_does_not_know_goes_by_words() -> None:
    by_words = nearest.nearest("Dörren till butiken öppnas inte", "sv", _own())

    assert [each.score for each in by_words] == sorted((each.score for each in by_words), reverse=True)
    assert max(each.score for each in by_words) < 0.5


def test_nothing_is_near_to_no_text_or_without_examples() -> None:
    assert nearest.nearest("", "", _own()) == ()
    assert nearest.nearest(DOOR, "en", NO_OWN_ISSUES) == ()


def test_what_the_shipped_weights_see_elsewhere_is_less_near() -> None:
    crash = "The shop app crashes and closes by itself"
    far = OwnIssues(issues=(OwnIssue(path="shop.door", issue_type="bug", examples=("The shop app shows the door",)),))
    near = OwnIssues(issues=(OwnIssue(path="shop.door", issue_type="bug", examples=("The app crashes and closes",)),))

    assert _score(nearest.nearest(crash, "en", near)) > _score(nearest.nearest(crash, "en", far))


def _score(found: tuple[Match, ...]) -> float:
    return found[0].score

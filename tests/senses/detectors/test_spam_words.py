"""spam_weight: what advertisement and fraud weigh, shared by is_spam and issue_type."""

from __future__ import annotations

import pytest

from bot.senses.detectors.issue_type import SURE_SPAM
from bot.senses.detectors.spam_words import spam_weight


def test_two_phrases_of_advertisement_are_a_verdict_and_are_named() -> None:
    weight, words = spam_weight("Backlinks and a guest post for you")

    assert weight >= SURE_SPAM
    assert words == ["backlinks", "guest post"]


@pytest.mark.parametrize("text", ["Do you cover SEO services?", "Our crypto investment page", "bitcoin investment"])
def test_one_phrase_is_no_verdict_though_a_shorter_one_is_inside(text: str) -> None:
    weight, words = spam_weight(text)

    assert weight < SURE_SPAM
    assert len(words) == 1


def test_many_links_weigh_only_beside_words_of_spam() -> None:
    links = "https://a.example " * 4

    assert spam_weight(links) == (0, [])
    assert spam_weight(f"bitcoin {links}")[0] > spam_weight("bitcoin")[0]


def test_a_denied_phrase_weighs_nothing() -> None:
    assert spam_weight("We do not want backlinks") == (0, [])

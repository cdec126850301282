"""spam_weight: what advertisement and fraud weigh, shared by is_spam and issue_type."""

from __future__ import annotations

import pytest

from bot.senses.detectors.spam_words import SURE_SPAM, spam_weight


def test_two_phrases_of_advertisement_are_a_verdict_and_are_named() -> None:
    weight, words = spam_weight("Dear webmaster, we sell backlinks")

    assert weight >= SURE_SPAM
    assert words == ["dear webmaster", "backlinks"]


@pytest.mark.parametrize("text", ["Do you cover SEO services?", "Our crypto investment page", "bitcoin investment"])
def test_one_phrase_is_no_verdict_though_a_shorter_one_is_inside(text: str) -> None:
    weight, words = spam_weight(text)

    assert weight < SURE_SPAM
    assert len(words) == 1


def test_words_of_what_is_sold_are_no_verdict_without_a_sellers() -> None:
    assert spam_weight("SEO services, backlinks, guest posts, casino, act now")[0] < SURE_SPAM
    assert spam_weight("We can rank your website: SEO services")[0] >= SURE_SPAM


@pytest.mark.parametrize("customers", ["My order is late.", "The report shows an error.", "Mein Konto!", "Бот не работает."])
def test_who_tells_of_a_matter_of_their_own_or_of_a_fault_is_a_customer(customers: str) -> None:
    offer = "Dear webmaster, we sell backlinks."

    assert spam_weight(offer)[0] >= SURE_SPAM
    assert spam_weight(f"{offer} {customers}")[0] < SURE_SPAM


def test_many_links_weigh_only_beside_words_of_spam() -> None:
    links = "https://a.example " * 4

    assert spam_weight(links) == (0, [])
    assert spam_weight(f"bitcoin {links}")[0] > spam_weight("bitcoin")[0]


def test_a_denied_phrase_weighs_nothing() -> None:
    assert spam_weight("We do not want backlinks") == (0, [])

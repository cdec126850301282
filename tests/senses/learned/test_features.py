"""What of a sentence the word weights belong to."""

from __future__ import annotations

import pytest

from bot.senses.learned.features import counts, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kündigung", "kundigung"),
        ("DÉBITÉ", "débité"),
        ("order 4711", "order 12"),
        ("write to anna@example.com", "write to bob@example.org"),
        ("see https://example.com/a", "see http://example.org/b?c=d"),
    ],
)
def test_what_means_the_same_has_the_same_features(one: str, other: str) -> None:
    assert counts(one) == counts(other)


def test_no_number_address_or_link_of_a_customer_is_a_feature() -> None:
    found = " ".join(counts("My card 4111 2222, anna.secret@example.com, https://example.com/token-abc"))

    assert not any(each in found for each in ("4111", "anna", "secret", "token"))


def test_words_pairs_and_pieces_are_counted() -> None:
    found = counts("no login no")

    assert found["=no"] == 2
    assert found["no login"] == 1
    assert found["logi"] == 1


def test_scripts_without_spaces_are_cut_into_pieces() -> None:
    assert counts("停止しました")["停止"] == 1
    assert words("停止しました。 API") == ["停止しました", "api"]

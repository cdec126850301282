"""What a model is not told: addresses, numbers, keys; the same value is the same placeholder, and quotes find their way back."""

from __future__ import annotations

import pytest

from bot.opinions.redaction import redacted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Write to Jo.Doe+x@mail.example.co.uk now", "Write to [EMAIL_1] now"),
        ("jo@example.com and JO@example.com, not al@example.com", "[EMAIL_1] and [EMAIL_1], not [EMAIL_2]"),
        ("my card 4111 1111 1111 1111 was charged", "my card [CARD_1] was charged"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN [IBAN_1]."),
        ("call +49 30 5550199 or 030 / 555 01 99", "call [PHONE_1] or [PHONE_2]"),
        ("call (555) 010-9999 or 555-010-9999", "call [PHONE_1] or [PHONE_2]"),
        ("key sk-sandbox-0123456789abcdefghijklmnop!", "key [KEY_1]!"),
        ("token 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b", "token [KEY_1]"),
    ],
)
def test_what_names_somebody_or_opens_something_is_taken_out(text: str, told: str) -> None:
    found = redacted(text)

    assert found.text == told
    assert found.restored(told).casefold() == text.casefold()


@pytest.mark.parametrize(
    "text",
    [
        "Order 99887766 of 2026-11-21 10:30 cost 1,299.00 EUR, version 2.14.1",
        "4111 1111 1111 1112 is no card, DE00 3704 1144 1532 1130 11 no account",
        "Donaudampfschifffahrtsgesellschaftskapitän ----------------------------",
        "",
    ],
)
def test_other_words_and_numbers_stay(text: str) -> None:
    assert redacted(text).text == text

"""Texts as compressed bytes, with and without words that many have in common."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from adapters.codec import Unreadable
from bot.store.packed.compression import WINDOW, keep_words, pack, unpack, words_of
from tests.store.makers import NOW

WORDS = b'{"fired":false,"matched":false,"ruled_out":"when.all[0].severity"}'


@given(text=st.text(st.characters(exclude_categories=())), words=st.binary(max_size=200))
def test_what_was_packed_comes_back_to_the_last_sign(text: str, words: bytes) -> None:
    assert unpack(pack(text, words), words) == text


def test_common_words_make_it_smaller() -> None:
    text = WORDS.decode() * 3 + "of this ticket"

    assert len(pack(text, WORDS)) < len(pack(text)) / 2


def test_a_text_longer_than_zlib_looks_back_sees_the_words_to_its_end() -> None:
    """A trace of many rules: each says something that only the dictionary has said before."""
    said = [f'{{"id":"{hashlib.sha256(b"%d" % number).hexdigest()}"}}' for number in range(600)]
    words = "".join(said[:300]).encode()
    text = "".join(said[300:]) + "".join(said[:300])

    whole = zlib.compressobj(zdict=words)
    assert len(pack(text, words)) < 0.7 * len(whole.compress(text.encode()) + whole.flush())
    assert unpack(pack(text, words), words) == text
    with pytest.raises(Unreadable):
        unpack(pack(text, words)[:-5], words)


@pytest.mark.parametrize(
    "damaged",
    [b"", b"no zlib", pack("words " * 50)[:-6], pack("words", WORDS), pack("\ud800").replace(b"\xed", b"\xff")[:-1]],
)
def test_what_is_damaged_or_lacks_its_words_is_unreadable_and_quotes_nothing(damaged: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        unpack(damaged)

    assert "words " not in str(caught.value).removeprefix("packed with other words")


def test_the_first_dictionary_of_a_set_of_rules_stays(connection: Connection) -> None:
    first = keep_words(connection, "hash", lambda: "one", NOW)

    assert (first, keep_words(connection, "hash", lambda: "another", NOW), words_of(connection, "hash")) == (b"one",) * 3
    assert words_of(connection, "other") is None


def test_of_a_long_dictionary_the_end_is_kept(connection: Connection) -> None:
    assert keep_words(connection, "long", lambda: "a" * WINDOW + "end", NOW)[-4:] == b"aend"
    assert len(words_of(connection, "long") or b"") == WINDOW

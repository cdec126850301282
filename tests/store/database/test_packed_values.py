"""Values compressed with words that are known beforehand."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.database.known_words import BODIES, OWN
from bot.store.database.packed_values import FAST, LISTS, SHORT, SMALL, is_packed, pack, unpack

SNAPSHOT = json.dumps(
    {"account": "acme", "followers": [], "is_deleted": False, "requester": {"emails": ["nina@example.com"]}}
).encode()


@given(st.binary(max_size=2000), st.sampled_from(LISTS), st.sampled_from((FAST, SMALL)))
def test_what_was_packed_comes_back(value: bytes, words: bytes, level: int) -> None:
    assert unpack(pack(value, words, level)) == value
    assert len(pack(value, words, level)) <= len(value) or is_packed(value)


@pytest.mark.parametrize("size", [SHORT - 1, SHORT, 300_000])
def test_a_long_value_comes_back_too(size: int) -> None:
    value = b" ".join(b"%d" % number for number in range(size))[:size]

    assert len(pack(value, BODIES, FAST)) < size / 2
    assert unpack(pack(value, BODIES, FAST)) == value


def test_a_short_value_is_packed_with_the_words_and_read_by_whichever_it_names() -> None:
    packed = pack(SNAPSHOT, OWN)

    assert len(packed) < 0.7 * len(zlib.compress(SNAPSHOT))
    assert b"nina" not in packed[:6]
    assert is_packed(packed)
    assert unpack(packed) == SNAPSHOT
    assert unpack(pack(SNAPSHOT, BODIES)) == SNAPSHOT


@pytest.mark.parametrize(
    "plain", [b"", b"{}", b'{"id": 1}', b"x=1&y=2", b"\x78\xbb\x00\x00\x00\x00 no list of ours", bytes(range(256))]
)
def test_what_no_version_packed_is_left_as_it_is(plain: bytes) -> None:
    assert not is_packed(plain)
    assert unpack(plain) == plain


def test_what_looks_as_if_it_were_packed_is_packed_and_comes_back() -> None:
    """Whatever somebody sends, it is not unpacked by mistake."""
    sent = pack(SNAPSHOT, BODIES)

    assert pack(sent, BODIES) != sent
    assert unpack(pack(sent, BODIES)) == sent


def test_damaged_bytes_are_left_as_they_are() -> None:
    packed = pack(SNAPSHOT, OWN)

    for damaged in (packed[:-5], packed[:40], packed[:30] + b"\0" + packed[31:]):
        assert unpack(damaged) == damaged


def test_a_list_that_was_released_stays_as_it_is() -> None:
    """Without it nobody reads what it packed: another list is added, none is changed."""
    assert [zlib.adler32(words) for words in LISTS] == [318021166, 3334062570]

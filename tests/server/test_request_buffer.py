"""What comes of pieces of a request: chunks become one, and what is no request is refused."""

from __future__ import annotations

import pytest
from gunicorn.http.errors import InvalidChunkSize, ParseException

from bot.server.request_buffer import MOST_CHUNKS, Arrival

MOST = 1000
HEAD = b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"3\r\nabc\r\n2;name=value\r\nde\r\n0\r\nTrailer: x\r\n\r\n"


def arrived(*pieces: bytes, most: int = MOST) -> Arrival:
    arrival = Arrival(most)
    for piece in pieces:
        arrival.add(piece)
    return arrival


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_chunks_become_one_however_they_come(step: int) -> None:
    request = HEAD + CHUNKS

    arrival = arrived(*(request[at : at + step] for at in range(0, len(request), step)))

    assert arrival.is_whole
    assert arrival.take() == HEAD + b"5\r\nabcde\r\n0\r\n\r\n"


def test_a_body_of_no_chunk_stays_empty() -> None:
    assert arrived(HEAD + b"0\r\n\r\n").take() == HEAD + b"0\r\n\r\n"


def test_chunks_that_were_cut_off_stay_cut_off() -> None:
    arrival = arrived(HEAD + b"3\r\nabc\r\n5\r\nde")
    assert not arrival.is_whole

    arrival.end()

    assert arrival.take() == HEAD + b"4\r\nabc"  # a byte more than there is


def test_chunks_beyond_the_cap_are_handed_over_as_one_byte_too_many() -> None:
    many = arrived(HEAD + b"64\r\n" + b"a" * 100 + b"\r\n", *[b"64\r\n" + b"a" * 100 + b"\r\n"] * 9)
    many.add(b"5\r\nb")

    assert many.take() == HEAD + b"3e9\r\n" + b"a" * MOST + b"b\r\n0\r\n\r\n"


def test_what_follows_a_chunk_is_not_counted_as_its_own() -> None:
    """Framing counts for nothing: 900 bytes in chunks of one are 5 400 on the wire, and not too large."""
    arrival = arrived(HEAD + b"1\r\na\r\n" * 900 + b"0\r\n\r\n")

    assert b"a" * 900 in arrival.take()


def test_more_chunks_than_anybody_needs_are_refused() -> None:
    with pytest.raises(InvalidChunkSize):
        arrived(HEAD + b"1\r\na\r\n" * (MOST_CHUNKS + 1), most=1_000_000)


@pytest.mark.parametrize("size_line", [b"1;" + b"a" * 200 + b"\r\n", b"0" * 200, b"zz\r\n", b"\n", b"-1\r\n"])
def test_what_is_no_size_of_a_chunk_is_refused(size_line: bytes) -> None:
    with pytest.raises(ParseException):
        arrived(HEAD, size_line)

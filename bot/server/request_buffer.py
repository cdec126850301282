"""What has come of one HTTP request, piece by piece: whether it is all here, without waiting for the rest.

All of this happens before anybody proved anything, so its work grows with the bytes that came and with nothing else: every byte
is looked at once, and chunks, which cost more than their bytes, are counted.
"""

from __future__ import annotations

import re

from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize, LimitRequestHeaders

MOST_HEADER_BYTES = 32_768
MOST_SIZE_LINE_BYTES = 100  # before a chunk
MOST_CHUNKS = 4096  # of a request: a megabyte in pieces of 256 bytes

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]{0,8}(?:;[^\r\n]{0,80})?\r\n")


class Arrival:
    """What has come of one request. `is_whole`: a thread can read it without waiting, or refuse it without reading.
    `size`: the bytes that came."""

    __slots__ = (
        "_body",
        "_chunks",
        "_head",
        "_is_open",
        "_most",
        "_needs",
        "_tail",
        "is_whole",
        "must_close",
        "size",
        "wants_more",
    )

    def __init__(self, most_body_bytes: int) -> None:
        self.size = 0
        self.is_whole = False
        self.must_close = False  # where the next request begins is not known, or not worth waiting for
        self.wants_more = False  # it asks whether it may send its body (Expect: 100-continue)
        self._most = most_body_bytes
        self._needs = 0  # bytes altogether; 0 while unknown
        self._head = b""  # of a request in chunks
        self._tail = bytearray()  # what came and is not taken apart: everything, or what follows the last whole chunk
        self._body = bytearray()  # from the chunks so far
        self._chunks = 0
        self._is_open = False  # more chunks are to come

    def add(self, piece: bytes) -> None:
        """Raises a ParseException where it can be no request: headers without end, chunks that are none."""
        self.size += len(piece)
        self._tail += piece
        if not self._needs and not self._head and not self._has_headers(len(piece)):
            return
        if self._needs:
            self.is_whole = self.is_whole or self.size >= self._needs
        elif not self.is_whole:
            self._follow_chunks(len(piece))

    def end(self) -> None:
        """No more will come, but the sender may still listen: what there is is judged as it is."""
        self.is_whole = self.must_close = True

    def take(self) -> bytes:
        """The request for the parser, once. Chunks have become one: a parser that finds many in its buffer copies all that is
        left for each of them."""
        data, self._tail = bytes(self._tail), bytearray()
        if not self._head:
            return data
        body, self._body = bytes(self._body), bytearray()
        if self._is_open:  # it was cut off in the midst, and so is what the parser gets
            return b"%s%x\r\n%s" % (self._head, len(body) + 1, body)
        return self._head + (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"

    def _has_headers(self, new_bytes: int) -> bool:
        end = self._tail.find(b"\r\n\r\n", max(0, self.size - new_bytes - 3))
        if end < 0 or end > MOST_HEADER_BYTES:
            if self.size > MOST_HEADER_BYTES:
                raise LimitRequestHeaders("too many headers")
            return False
        head, length = bytes(self._tail[: end + 2]), None
        if _CHUNKED.search(head):
            self.must_close = self._is_open = True
            self._head = bytes(self._tail[: end + 4])
            del self._tail[: end + 4]
        else:
            length = _LENGTH.search(head)
            self.must_close = length is not None and int(length[1]) > self._most  # it will be refused unread
            self._needs = end + 4 + (int(length[1]) if length and not self.must_close else 0)
        self.wants_more = bool(_EXPECTS.search(head)) and not self.must_close
        return True

    def _follow_chunks(self, new_bytes: int) -> None:
        """To the last chunk, or so far that the rest does not matter. Raises InvalidChunkSize, ChunkMissingTerminator."""
        at, data = 0, self._tail
        while not self.is_whole and (size := self._size_at(at)) is not None:
            length, begins = int(size[1], 16), size.end()
            if not length:
                self._end_chunks(begins - 2, new_bytes)
                break
            here = min(length, len(data) - begins)
            if len(self._body) + here > self._most:  # too large, which is all that anybody asks of it
                self._body += data[begins : begins + self._most + 1 - len(self._body)]
                self.is_whole, self._is_open = True, False
            elif len(data) < begins + length + 2:
                break
            elif data[begins + length : begins + length + 2] != b"\r\n":
                raise ChunkMissingTerminator(b"")
            else:
                self._body += data[begins : begins + length]
                self._count()
                at = begins + length + 2
        del data[:at]

    def _size_at(self, at: int) -> re.Match[bytes] | None:
        """The line before a chunk; None while it is not all here."""
        size = _SIZE.match(self._tail, at)
        if size is None and (self._tail.find(b"\n", at) >= 0 or len(self._tail) - at > MOST_SIZE_LINE_BYTES):
            raise InvalidChunkSize(b"")
        return size

    def _count(self) -> None:
        self._chunks += 1
        if self._chunks > MOST_CHUNKS:
            raise InvalidChunkSize(b"")

    def _end_chunks(self, begins: int, new_bytes: int) -> None:
        """The last chunk is here; what may follow it are trailers, and an empty line."""
        looked_at = max(begins, len(self._tail) - new_bytes - 3)
        if self._tail.find(b"\r\n\r\n", looked_at) >= 0:
            self.is_whole, self._is_open = True, False
        elif len(self._tail) - begins > MOST_HEADER_BYTES:
            raise LimitRequestHeaders("too many trailers")

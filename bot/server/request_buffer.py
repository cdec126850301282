"""What has come of one HTTP request, piece by piece: whether it is all here, without waiting for the rest."""

from __future__ import annotations

import re

from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize, LimitRequestHeaders

MOST_HEADER_BYTES = 32_768
MOST_SIZE_LINE_BYTES = 100  # before a chunk

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r]*chunked", re.IGNORECASE)
_EXPECTS = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class Arrival:
    """What has come of one request. `is_whole`: a thread can read it without waiting, or refuse it without reading."""

    __slots__ = ("_at", "_body_from", "_decoded", "_most", "_needs", "data", "is_whole", "must_close", "wants_more")

    def __init__(self, most_body_bytes: int) -> None:
        self.data = bytearray()
        self.is_whole = False
        self.must_close = False  # where the next request begins is not known, or not worth waiting for
        self.wants_more = False  # it asks whether it may send its body (Expect: 100-continue)
        self._most = most_body_bytes
        self._body_from = 0
        self._needs: int | None = None  # bytes altogether; None while unknown, or sent in chunks
        self._at = 0  # how far chunks were looked at
        self._decoded = 0

    def add(self, piece: bytes) -> None:
        """Raises a ParseException where it can be no request: headers without end, chunks that are none."""
        self.data += piece
        if not self._body_from and not self._has_headers(len(piece)):
            return
        if self._needs is not None:
            self.is_whole = self.is_whole or len(self.data) >= self._needs
        elif not self.is_whole:
            self._follow_chunks()

    def _has_headers(self, new_bytes: int) -> bool:
        end = self.data.find(b"\r\n\r\n", max(0, len(self.data) - new_bytes - 3))
        if end < 0 or end > MOST_HEADER_BYTES:
            if len(self.data) > MOST_HEADER_BYTES:
                raise LimitRequestHeaders("too many headers")
            return False
        self._body_from = self._at = end + 4
        head = bytes(self.data[: end + 2])
        length = _LENGTH.search(head)
        if _CHUNKED.search(head):
            self.must_close = True
        elif length is not None and int(length[1]) > self._most:  # it will be refused unread
            self._needs, self.must_close = self._body_from, True
        else:
            self._needs = self._body_from + (int(length[1]) if length else 0)
        self.wants_more = bool(_EXPECTS.search(head)) and not self.must_close
        return True

    def _follow_chunks(self) -> None:
        """To the last chunk, or so far that the rest does not matter. Raises InvalidChunkSize, ChunkMissingTerminator."""
        while not self.is_whole:
            size = _SIZE.match(self.data, self._at)
            if size is None:
                if self.data.find(b"\n", self._at) >= 0 or len(self.data) - self._at > MOST_SIZE_LINE_BYTES:
                    raise InvalidChunkSize(b"")
                return
            length = int(size[1], 16)
            if not length:
                self.is_whole = self.data.find(b"\r\n\r\n", size.end() - 2) >= 0
                if not self.is_whole and len(self.data) - self._at > MOST_HEADER_BYTES:
                    raise LimitRequestHeaders("too many trailers")
                return
            if self._decoded + len(self.data) - size.end() > self._most:
                self.is_whole = True
            elif len(self.data) < size.end() + length + 2:
                return
            elif self.data[size.end() + length : size.end() + length + 2] != b"\r\n":
                raise ChunkMissingTerminator(b"")
            self._at = size.end() + length + 2
            self._decoded += length

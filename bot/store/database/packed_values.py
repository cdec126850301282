"""Values compressed with words that are known beforehand (known_words.py, webhook_words.py). What is packed says by which list:
zlib writes the list's checksum into the stream's head, and so a plain value of an earlier version is told from a packed one.
"""

from __future__ import annotations

import zlib
from functools import cache

from bot.store.database.known_words import BODIES, EVENTS, OWN
from bot.store.database.webhook_words import FRESHDESK, INTERCOM, ZENDESK

LISTS = (BODIES, OWN, EVENTS, INTERCOM, ZENDESK, FRESHDESK)
_BY_CHECKSUM = {zlib.adler32(words).to_bytes(4, "big"): words for words in LISTS}
_HAS_LIST = 0x20  # a bit of the second byte (RFC 1950, FDICT)
SHORT = 16_384  # bytes: what is shorter needs no large window, which costs 50 us to set up
FAST, SMALL = 3, 4  # zlib's levels: 1 takes the first match, and misses half of what a list holds
_FEW = 5000  # bytes of a list, beside which 8 kB of window are enough


def pack(value: bytes, words: bytes, level: int = SMALL) -> bytes:
    """The value, compressed; the value itself where that would not be shorter. `words`: one of LISTS."""
    made = _short(words, level).copy() if len(value) < SHORT else zlib.compressobj(level, zdict=words)
    packed = made.compress(value) + made.flush()
    return packed if len(packed) < len(value) or is_packed(value) else value


@cache
def _short(words: bytes, level: int):  # type: ignore[no-untyped-def]  # zlib's own type has no public name
    """What has read the words already: a copy of it costs less than reading them anew, and the less the smaller it is."""
    return zlib.compressobj(level, zlib.DEFLATED, 13 if len(words) < _FEW else 14, 5, zlib.Z_DEFAULT_STRATEGY, words)


def words_of_body(body: bytes) -> bytes:
    """The list that a webhook's body is packed with. What the body holds decides, since not everybody who stores one knows the
    helpdesk; a wrong guess costs room and nothing else."""
    if b"notification_event" in body:
        return INTERCOM
    return ZENDESK if b'"zen:' in body else FRESHDESK


def is_packed(value: bytes) -> bool:
    """Whether it was packed with one of LISTS."""
    return _words_of(value) is not None


def unpack(value: bytes) -> bytes:
    """What was packed; a value that was not, or that is damaged, as it is."""
    words = _words_of(value)
    if words is None:
        return value
    made = zlib.decompressobj(zdict=words)
    try:
        found = made.decompress(value) + made.flush()
    except zlib.error:
        return value
    return found if made.eof else value


def _words_of(value: bytes) -> bytes | None:
    is_stream = len(value) > 6 and value[0] & 0x0F == zlib.DEFLATED and value[1] & _HAS_LIST
    return _BY_CHECKSUM.get(value[2:6]) if is_stream and (value[0] << 8 | value[1]) % 31 == 0 else None

"""Texts as compressed bytes, and the `dictionaries` table: words that all runs of one set of rules have in common.

A trace is nearly the same for every run: the ids, names and hashes of rules. With those words given beforehand (zlib's preset
dictionary) what is left of 30 kB is 1.5. A dictionary is made of rules alone, never of a ticket, and stays as long as a run that
was packed with it: without it nobody reads that run.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from adapters.codec import Unreadable
from bot.store.database.schema import dictionaries
from bot.store.tickets import insert_into

LEVEL = 6
WINDOW = 32_768  # bytes: zlib looks no further back, so of a longer dictionary only its end would count
PIECE = 8_192  # the least that is compressed by itself
_WORDS = select(dictionaries.c.words).where(dictionaries.c.rules_hash == bindparam("of_rules"))
_HELD = _WORDS.with_for_update(read=True, key_share=True)


def pack(text: str, words: bytes = b"") -> bytes:
    """The text, compressed; half a surrogate pair survives. Whoever reads it needs the same `words`. In pieces, one stream behind
    the other, none so long that its end would be too far from the words to see them."""
    plain = text.encode("utf-8", "surrogatepass")
    length = max(PIECE, WINDOW - len(words)) if words else max(1, len(plain))
    return b"".join(_compressed(plain[start : start + length], words) for start in range(0, max(1, len(plain)), length))


def _compressed(piece: bytes, words: bytes) -> bytes:
    made = zlib.compressobj(LEVEL, zdict=words) if words else zlib.compressobj(LEVEL)
    return made.compress(piece) + made.flush()


def unpack(packed: bytes, words: bytes = b"") -> str:
    """Raises Unreadable, which quotes nothing."""
    try:
        return _decompressed(packed, words).decode("utf-8", "surrogatepass")
    except (zlib.error, UnicodeDecodeError) as error:
        raise Unreadable(f"packed with other words, or damaged: {type(error).__name__}") from None


def _decompressed(packed: bytes, words: bytes) -> bytes:
    pieces: list[bytes] = []
    rest = packed
    while rest or not pieces:
        made = zlib.decompressobj(zdict=words) if words else zlib.decompressobj()
        pieces.append(made.decompress(rest) + made.flush())
        if not made.eof:
            raise zlib.error("cut off")
        rest = made.unused_data
    return b"".join(pieces)


def words_of(connection: Connection, rules_hash: str) -> bytes | None:
    """The dictionary that runs of these rules are packed with; None where there is none yet."""
    found = connection.execute(_WORDS, {"of_rules": rules_hash}).scalar_one_or_none()
    return None if found is None else bytes(found)


def keep_words(connection: Connection, rules_hash: str, make: Callable[[], str], now: datetime) -> bytes:
    """The dictionary of these rules, made where there is none yet: whoever comes second takes the first one's. Held until the run
    is stored: a sweep may be about to drop it (bot/maintenance/unused_rules.py)."""
    while (known := connection.execute(_HELD, {"of_rules": rules_hash}).scalar_one_or_none()) is None:
        words = make().encode("utf-8", "surrogatepass")[-WINDOW:]
        row = {"rules_hash": rules_hash, "words": words, "made_at": now}
        connection.execute(insert_into(connection)(dictionaries).on_conflict_do_nothing(), row)
    return bytes(known)

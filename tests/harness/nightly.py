"""Sweeps have a short form, for `make test`, and a full one, for `make nightly` (DESKHAND_NIGHTLY=1).

What the short form takes of many is drawn by a seed that is printed; DESKHAND_SEED=7 draws others.
"""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

IS_NIGHTLY = os.environ.get("DESKHAND_NIGHTLY", "") not in ("", "0")
SEED = int(os.environ.get("DESKHAND_SEED", "10"))


def size(short: int, full: int) -> int:
    """How many of something."""
    return full if IS_NIGHTLY else short


def some(of: Sequence[T], count: int) -> list[T]:
    """All of them at night, else so many, in their order."""
    if IS_NIGHTLY or count >= len(of):
        return list(of)
    print(f"{count} of {len(of)}, drawn with seed {SEED}: `make nightly` takes all")
    return [of[place] for place in sorted(random.Random(SEED).sample(range(len(of)), count))]

"""What a forged job wants to have called: it leaves a trace."""

from __future__ import annotations

import os
from pathlib import Path


def strike(*_arguments: object, **_named: object) -> None:
    """Leaves the file that HARM names."""
    Path(os.environ["HARM"]).touch()


class Pickled:
    """Strikes when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return strike, ()

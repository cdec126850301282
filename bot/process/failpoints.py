"""Named places of a run, for tests that kill the process there. In production each is an empty call."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Literal, get_args

Name = Literal[
    "received",  # the delivery is verified and parsed, nothing stored
    "stored",  # the delivery is committed, nobody woken, no answer given
    "claimed",  # the lease is taken
    "hydrated",  # the ticket is read
    "decided",  # rules have decided
    "drafted",  # the draft is written, or was not wanted
    "plan_stored",  # plan and requests are committed
    "intent_stored",  # a request is committed as sent, not yet sent
    "request_sent",  # its last byte left, no answer read
    "response_received",  # its answer is read, not recorded
    "confirmed",  # its outcome is committed
    "finished",  # the run is closed, the lease given back
]
NAMES: tuple[str, ...] = get_args(Name)
Checkpoint = Callable[[Name], None]


def nothing(name: Name) -> None:
    """No checkpoint is armed."""


def armed(setting: str) -> Checkpoint:
    """`NAME:FLAGFILE[:COUNT]` kills this process with SIGKILL at the COUNT-th (first) time it reaches NAME, once: the
    flag file says that it happened. "" arms nothing. Raises ValueError on another form."""
    if not setting:
        return nothing
    wanted, flag, count = (*setting.split(":"), "1")[:3]
    if wanted not in NAMES or not flag:
        raise ValueError(f"DESKHAND_KILL_AT wants CHECKPOINT:FLAGFILE, checkpoints are {', '.join(NAMES)}")
    left = [int(count)]

    def reached(name: Name) -> None:
        if name != wanted or Path(flag).exists():
            return
        left[0] -= 1
        if left[0] == 0:
            Path(flag).touch()
            os.kill(os.getpid(), signal.SIGKILL)

    return reached

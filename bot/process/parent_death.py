"""Children that end with their parent, also where it is killed and can say nothing any more."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_SET_PARENT_DEATH_SIGNAL = 1  # https://man7.org/linux/man-pages/man2/prctl.2.html: PR_SET_PDEATHSIG; kept across an exec


def tied() -> Callable[[], None]:
    """What a child calls between fork and exec (or instead of an exec): the kernel sends it SIGTERM when we are gone.

    Call `tied` in the parent, in the thread that forks: the kernel counts that thread as the parent. Linux only; elsewhere the
    supervisor has to end the whole group, as systemd does.
    """
    parent = os.getpid()
    set_option = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def tie() -> None:
        if set_option is None:
            return
        set_option(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:  # it ended before we could say so
            os.kill(os.getpid(), signal.SIGTERM)

    return tie

"""Processes that work on the database: those that gave a sign of life, but for killed ones of this machine."""

from __future__ import annotations

import os
import socket

from bot.maintenance import working_processes


def test_a_process_of_this_machine_is_gone_with_its_id() -> None:
    here = socket.gethostname()[:40]

    assert working_processes._is_gone(f"worker {here}:999999999:a")
    assert not working_processes._is_gone(f"worker {here}:{os.getpid()}:a")
    assert not working_processes._is_gone("worker elsewhere:999999999:a")

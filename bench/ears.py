"""Two workers' ends of the bell, for a receiver to ring: they listen as workers do, and do nothing else."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from bot.queue.wakeup import WakeupListener


def listen(folder: Path) -> None:
    """For ever: a worker looks up from its work some times a second."""
    ear = WakeupListener(folder)
    while True:
        ear.wait(1.0)
        time.sleep(0.1)


if __name__ == "__main__":
    for _ in range(2):
        threading.Thread(target=listen, args=(Path(sys.argv[1]),), daemon=True).start()
    threading.Event().wait()

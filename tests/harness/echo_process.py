"""A stand-in for a process of ours, for the nursery's tests: prints what it was given and by how much its clock is wrong."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime

from bot.process.clock import utc_now


def main() -> int:
    """Sleeps where the first argument is `sleep`, else prints and returns 7."""
    if sys.argv[1:2] == ["sleep"]:
        time.sleep(60)
    wrong_s = (utc_now() - datetime.now(UTC)).total_seconds()
    is_right = abs(wrong_s) < 1
    print(*sys.argv[1:], os.environ.get("DESKHAND_SAID", ""), os.getpid(), "nothing" if is_right else wrong_s)
    return 7


if __name__ == "__main__":
    sys.exit(main())

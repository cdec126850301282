"""The commands that scripts rely on: JSON on standard output, messages on standard error.

Exit 0: done. 1: the input, a test or a check is wrong, and the message says where. 2: used wrongly, or the configuration or
database must be mended first.
"""

from bot.cli.group import main

__all__ = ["main"]

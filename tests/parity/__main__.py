"""`python -m tests.parity [theme ...]`: play the corpus and print how alike three helpdesks are decided on.

One line for each theme, then in how many stories each rule of the packs fired, and the sum. Exit 1 where something differs that
no table allows, a row is used no more, or a story says of a rule what is not so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial, reduce
from operator import add
from pathlib import Path

from bot.log import set_up
from tests.parity.corpus import THEMES
from tests.parity.report import Report, pack_rules, play_demo, play_theme


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    themes = ["demo", *THEMES]
    arguments.add_argument("theme", nargs="*", metavar="theme", help=f"of {', '.join(themes)}; all of them where none is named")
    chosen = arguments.parse_args().theme or themes
    if unknown := set(chosen) - set(themes):
        arguments.error(f"no such theme: {', '.join(sorted(unknown))}")
    set_up("error")
    reports = []
    for theme in chosen:
        reports.append(_timed(theme, play_demo if theme == "demo" else partial(play_theme, theme=theme)))
    report = reduce(add, reports)
    fired = Counter(rule for story in report.stories for rule in report.fired(story.id))
    print(f"rules that fired: {len(fired)} of {len(pack_rules())}, in so many stories each:")
    print("  " + ", ".join(f"{rule} {fired[rule]}" for rule in sorted(pack_rules())))
    print(report)
    return 1 if report.undeclared or report.unused or report.unkept else 0


def _timed(theme: str, play: Callable[[Path], Report]) -> Report:
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = play(Path(folder))
    print(f"{theme}: {report} ({time.monotonic() - started:.1f} s)", flush=True)
    for what, rows in (("not allowed", report.undeclared), ("no longer so", report.unused)):
        for desk, place, words in sorted(rows):
            print(f"  {what}: {desk} {place}: {'; '.join(words)}")
    for line in report.unkept:
        print(f"  {line}")
    return report


if __name__ == "__main__":
    sys.exit(main())

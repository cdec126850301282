"""R1 and R2: SIGKILL at random moments over intake, sweeper and workers, with every other harm around it.

Afterwards no acknowledged delivery is lost, and no note stands in a ticket twice while a late write lands within the settle
time. A second part lets writes land after it: then doubles are possible at helpdesks that check no conditions, and each one
must have been counted by Deskhand itself.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.chaos.checker import Verdict, judge
from tests.chaos.generator import operations
from tests.chaos.nemesis import Harm, Nemesis
from tests.chaos.world import Database, World, world
from tests.harness.deskhand import PROVIDERS
from tests.harness.nursery import Starter, nursery

UNKNOWN_FOR_GOOD = "a write's outcome stayed unknown after several tries"
BEYOND_SETTLE_S = 1.0  # the settle time of the second part; its doubles are looked for 3 and 60 settle times later


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for. `beyond`: deliveries of the second part. `per_s`: deliveries a second at most."""

    seed: int
    database: Database = "sqlite"
    events: int = 20_000
    kills: int = 1000
    beyond: int = 600
    per_s: float = 40.0
    at_most_s: float = math.inf  # the stream ends after so long, whatever is left of it: the figures say how far it came
    workers: int = 8
    providers: Sequence[str] = PROVIDERS
    harm: Harm = field(default_factory=Harm)
    flow: Mapping[str, float] = field(default_factory=lambda: {"reconcile_every_s": 15.0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    lines: tuple[str, ...]  # as printed: figures first, what is wrong after them
    is_good: bool


def attack(wish: Wish, starter: Starter | None = None, folder: Path | None = None) -> Outcome:
    """Both parts; the figures as lines. `starter`: what makes the processes, a nursery of its own where there is none."""
    with ExitStack() as stack:
        made = starter or stack.enter_context(nursery())
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dh-chaos-")))
        (home / "kills").mkdir()
        first = _first_part(wish, made, home / "kills")
        if not wish.beyond:
            return first
        (home / "beyond").mkdir()
        second = _second_part(wish, made, home / "beyond")
    return Outcome(lines=first.lines + second.lines, is_good=first.is_good and second.is_good)


def _first_part(wish: Wish, starter: Starter, folder: Path) -> Outcome:
    harm = replace(wish.harm, deliveries=wish.events, kills=wish.kills)
    started = time.monotonic()
    with world(folder, starter, database=wish.database, workers=wish.workers, providers=wish.providers, flow=wish.flow) as run:
        nemesis = _harmed(run, wish, harm, wish.events)
        run.settle(600)
        found = judge(run)
    found.ill += nemesis.failures
    # On a busy machine a late write may come later than was ordered: the promise of the second part holds then.
    wrong = [each for each in found.doubles if each.late_s < run.config.settings.flow.settle_s or not each.is_counted]
    lines = [
        f"R1 {len(found.lost)} acknowledged-but-lost of {found.acknowledged} deliveries, {nemesis.kills} kills, {wish.database},"
        f" goal 0 {_ok(not found.lost and nemesis.kills >= wish.kills and found.deliveries >= wish.events)}",
        f"R2 {len(wrong)} double notes or replies of {found.notes} notes, {nemesis.done_of('late_apply')} late writes within the"
        f" settle time, {wish.database}, goal 0 {_ok(not wrong)}",
        f"R10 {len(found.unsettled)} rows without an end, {len(found.ill)} complaints of doctor --strict and integrity,"
        f" {wish.database}, goal 0 {_ok(not found.unsettled and not found.ill)}",
        f"   {len(found.overwritten)} edits overwritten ({len(found.in_window)} in the stated window) of {len(run.edits)},"
        f" {len(found.missing)} tickets without what is wanted, {len(found.overlapping)} runs overlapping of {found.runs},"
        f" {time.monotonic() - started:.0f} s {_ok(not (found.overwritten or found.missing or found.overlapping))}",
        f"   {', '.join(f'{name} {count}' for name, count in sorted(nemesis.done.items()))}",
    ]
    lines += told(found, [str(each) for each in wrong])
    is_whole = nemesis.kills >= wish.kills and found.deliveries >= wish.events
    return Outcome(lines=tuple(lines), is_good=not found.complaints and not wrong and is_whole)


def _second_part(wish: Wish, starter: Starter, folder: Path) -> Outcome:
    """Late writes beyond the settle time, and nothing else: doubles may come, none uncounted."""
    late = (2 * BEYOND_SETTLE_S, 12 * BEYOND_SETTLE_S)
    harm = Harm(deliveries=wish.beyond, late_s=late, late_share=1.0, fault_every_s=0.25).without_processes()
    flow = {"settle_s": BEYOND_SETTLE_S}
    with world(folder, starter, database=wish.database, workers=4, providers=wish.providers, flow=flow) as run:
        nemesis = _harmed(run, wish, harm, wish.beyond)
        run.settle(300)
        time.sleep(63 * BEYOND_SETTLE_S)  # the second look for doubles comes 60 settle times after a note was sent again
        run.settle(300)
        found = judge(run)
    if found.set_aside and all(
        UNKNOWN_FOR_GOOD in each for each in found.set_aside
    ):  # a person is asked where one note met four late writes in turn
        found.ill = [each for each in found.ill if "ILL set aside" not in each]
    found.ill += nemesis.failures
    replies = [each for each in found.doubles if each.what.startswith("reply")]
    figure = f"R2 {len(found.uncounted)} of {len(found.doubles)} doubles uncounted, {nemesis.done_of('late_apply')} late writes"
    lines = [f"{figure} beyond the settle time, {wish.database}, goal 0 {_ok(not found.uncounted and not replies)}"]
    lines += told(found, [str(each) for each in found.uncounted])
    return Outcome(lines=tuple(lines), is_good=not found.complaints and not found.uncounted and not replies)


def _harmed(run: World, wish: Wish, harm: Harm, deliveries: int) -> Nemesis:
    nemesis = Nemesis(run, harm, wish.seed)
    nemesis.start()
    run.play(operations(wish.seed, providers=wish.providers), deliveries, per_s=wish.per_s, at_most_s=wish.at_most_s)
    nemesis.finish_kills()
    nemesis.stop()
    return nemesis


def told(found: Verdict, more: Sequence[str]) -> list[str]:
    """What is wrong, a line each, for people."""
    wrong = [*found.complaints, *(f"set aside: {why}" for why in found.set_aside if found.ill), *more]
    return [f"   ! {each}" for each in wrong[:30]] + ([f"   ! and {len(wrong) - 30} more"] if len(wrong) > 30 else [])


def _ok(is_good: bool) -> str:
    return "ok" if is_good else "missed"

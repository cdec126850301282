"""`make demo`: plays every story on the three stand-in helpdesks through a real Deskhand, and shows what was written back.

Starts `deskhand sandbox` and `deskhand up` as children with a configuration of its own in var/demo, plays all
stories at once, waits until nothing moves any more, prints a table per helpdesk, and ends: 0 if all is as the stories
expect, 1 if not. With --keep, or on a terminal, it stays until Ctrl-C, so that one can look.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import requests  # noqa: E402  # found through the line above when run without an installation

from sandbox.stories.config import write_config  # noqa: E402
from sandbox.stories.player import Pace, Played, play  # noqa: E402
from sandbox.stories.remote import RemoteDesk  # noqa: E402
from sandbox.stories.story import Story, load_stories  # noqa: E402
from sandbox.stories.table import rows_of, table  # noqa: E402

DESKS = ("zendesk", "intercom", "freshdesk")
DESKHAND = (sys.executable, "-m", "bot.cli")
START_S = 60.0
PLAYERS = 12
LONGEST_PATH = 70  # a socket beside the database has at most 108 bytes of path


class ChildEnded(Exception):
    """A child process ended before its time; the message holds the end of its log."""


class Interrupted(Exception):
    """Somebody pressed Ctrl-C while the stories were playing."""


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, _interrupt)  # so that the children end with us
    signal.signal(signal.SIGINT, _interrupt)
    started = time.monotonic()
    with ExitStack() as stack:
        folder = _folder(options.folder)
        try:
            desks, receiver = _start(stack, folder)
            played = _play(desks, _chosen(options.story))
        except ChildEnded as ended:
            print(ended, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
        good = _report(played, desks, time.monotonic() - started)
        stays = options.keep or (sys.stdin.isatty() and sys.stdout.isatty())
        _say_where(desks, receiver, folder, stays)
        if stays:
            _stay()
        return 0 if good else 1


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="stay up at the end until Ctrl-C")
    parser.add_argument("--folder", type=Path, help="where configuration, database and logs go (default: var/demo)")
    parser.add_argument("--story", action="append", help="only this story (more than once if wished)")
    return parser.parse_args()


def _chosen(names: list[str] | None) -> tuple[Story, ...]:
    stories = load_stories()
    return tuple(story for story in stories if not names or story.id in names)


def _folder(wanted: Path | None) -> Path:
    """The wanted folder, else var/demo made anew; its files stay for a look afterwards."""
    folder = wanted or ROOT / "var" / "demo"
    if not wanted and len(str(folder)) > LONGEST_PATH:
        return Path(tempfile.mkdtemp(prefix="deskhand-demo-"))
    if not wanted:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _start(stack: ExitStack, folder: Path) -> tuple[dict[str, RemoteDesk], str]:
    """The stand-ins and Deskhand as children, webhooks pointed at it; the desks and the receiver's address."""
    base = _free_ports(8711, 4)
    sandbox = stack.enter_context(_child("sandbox", folder, "--port", str(base)))
    addresses = _addresses(sandbox, folder / "sandbox.log", base)
    port = _free_ports(8080, 1)
    # A ticket rests a shorter time than in real life, so that nobody waits for the show.
    config = write_config(
        folder,
        {name: addresses[name] for name in DESKS},
        port,
        datetime.now(UTC),
        model=addresses["model"] + "/v1",
        flow={"rest_s": 1.0, "rest_most_s": 1.0, "sweep_every_s": 2.0, "runs_per_hour": 20, "late_run_every_s": 0},
    )
    up = stack.enter_context(_child("up", folder, "--config", str(config)))
    _wait_for_port(port, up, folder / "up.log")
    receiver = f"http://127.0.0.1:{port}"
    desks = {name: RemoteDesk(name, addresses[name]) for name in DESKS}
    for name, desk in desks.items():
        desk.send_webhooks_to(f"{receiver}/webhooks/{name}")
    return desks, receiver


@contextmanager
def _child(command: str, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Deskhand command in a process group of its own, its output in a log file."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with (folder / f"{command}.log").open("wb") as log:
        child = subprocess.Popen(
            [*DESKHAND, command, *arguments],
            cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            yield child
        finally:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    for number, patience_s in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        if child.poll() is not None:
            return
        os.killpg(child.pid, number)
        try:
            child.wait(patience_s)
        except subprocess.TimeoutExpired:
            continue


def _addresses(child: subprocess.Popen[bytes], log: Path, base: int) -> dict[str, str]:
    """The stand-ins' addresses, once `deskhand sandbox` has said that it is ready."""
    until = time.monotonic() + START_S
    while "sandbox ready" not in (said := log.read_text(encoding="utf-8", errors="replace")):
        _check(child, log, until)
        time.sleep(0.05)
    found = dict(line.split(" ", 1) for line in said.splitlines() if line.split(" ", 1)[0] in (*DESKS, "model"))
    return {name: address.strip() for name, address in found.items()}


def _wait_for_port(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            _check(child, log, until)
            time.sleep(0.1)


def _check(child: subprocess.Popen[bytes], log: Path, until: float) -> None:
    if child.poll() is not None or time.monotonic() > until:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-25:])
        raise ChildEnded(f"deskhand {log.stem} did not come up; the end of its log:\n{tail}")


def _free_ports(first: int, count: int) -> int:
    """The first of `count` free ports in a row, from `first` on."""
    for base in range(first, first + 2000, max(count, 1)):
        if all(_is_free(port) for port in range(base, base + count)):
            return base
    raise ChildEnded("no free ports on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Counter:
    """How many API calls each helpdesk has seen per ticket, asked twice a second for all players together."""

    def __init__(self, desks: Mapping[str, RemoteDesk]) -> None:
        self._desks = {name: RemoteDesk(name, desk.address) for name, desk in desks.items()}
        self._seen: dict[str, dict[str, int]] = {name: {} for name in desks}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Counter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def of(self, desk: str, ticket: str) -> int:
        return self._seen[desk].get(ticket, 0)

    def total(self) -> int:
        return sum(sum(counts.values()) for counts in self._seen.values())

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            for name, desk in self._desks.items():
                try:
                    self._seen[name] = desk.calls_per_ticket()
                except requests.RequestException:
                    continue  # busy: the next look is half a second away


def _play(desks: Mapping[str, RemoteDesk], stories: tuple[Story, ...]) -> list[Played]:
    """All stories on all desks, many at a time; comes back when nothing has moved for a while."""
    print(f"playing {len(stories)} stories on {len(desks)} helpdesks ...", flush=True)
    stopped = threading.Event()

    def sleep(seconds: float) -> None:
        if stopped.wait(seconds):
            raise Interrupted

    with Counter(desks) as counter, ThreadPoolExecutor(PLAYERS) as pool:

        def one(story: Story, desk: RemoteDesk) -> Played:
            pace = Pace(
                calls=lambda ticket: counter.of(desk.name, ticket), quiet_s=4.0, patience_s=60.0, tick_s=0.4, sleep=sleep
            )  # fmt: skip
            return play(story, RemoteDesk(desk.name, desk.address), pace)

        # Stories with many steps first: the others fill the time in which they wait.
        ordered = sorted(stories, key=lambda story: -sum(step.when != "at_once" for step in story.steps))
        futures = [pool.submit(one, story, desk) for story in ordered for desk in desks.values()]
        try:
            played = [future.result() for future in futures]
            _wait_quiet(counter)
        except BaseException:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(played, key=lambda each: each.story.id)


def _wait_quiet(counter: Counter, quiet_s: float = 5.0, patience_s: float = 90.0) -> None:
    until, since, before = time.monotonic() + patience_s, time.monotonic(), -1
    while time.monotonic() < until and time.monotonic() - since < quiet_s:
        if (now := counter.total()) != before:
            since, before = time.monotonic(), now
        time.sleep(0.3)


def _report(played: list[Played], desks: Mapping[str, RemoteDesk], took_s: float) -> bool:
    """The tables and what is not as expected; whether all is."""
    wrong: list[str] = []
    for name in DESKS:
        here = [each for each in played if each.desk.name == name]
        print(f"\n{name}: what was written back\n")
        print(table([row for each in here for row in rows_of(each, desks[name].written)]))
        for each in here:
            wrong += [f"{name}: {each.story.id}: {difference}" for difference in each.differences(desks[name].written)]
    print(f"\n{len(played)} stories played in {took_s:.0f} s, {len(wrong)} expectations missed")
    for line in wrong:
        print(f"  {line}")
    return not wrong


def _say_where(desks: Mapping[str, RemoteDesk], receiver: str, folder: Path, stays: bool) -> None:
    print("\nto look at:" if stays else "\nto look at (this run ends now; `make demo KEEP=1` stays up):")
    for name, desk in desks.items():
        print(f"  {name:<10} {desk.address}/   (tickets as an agent sees them; write as customer or agent)")
    print(f"  {'Deskhand':<10} {receiver}/   (webhooks come in here)")
    print(f"  {'files':<10} {folder}   (config.yaml, database, logs)")


def _stay() -> None:
    print("\nstaying up; Ctrl-C ends it", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    sys.exit(main())

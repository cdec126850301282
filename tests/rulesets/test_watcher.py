"""Files that change while processes run, and what is found at the start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.process.clock import utc_now
from bot.rulesets.watcher import Watcher, take_up_at_start
from bot.scheduler.ticker import Ticker, TickerParts
from bot.store.database.engine import make_engine, reading
from bot.store.rules import rule_versions
from tests.rulesets.rule_file import Files, text

pytestmark = pytest.mark.both_storages


def ticker_of(files: Files) -> Ticker:
    parts = files.run.parts
    return Ticker(TickerParts(config=files.run.config, engine=parts.engine, bell=parts.bell, clock=utc_now, owner="t"))


def test_the_ticker_takes_up_files_that_have_come_to_rest(files: Files) -> None:
    files.take_up()
    ticker = ticker_of(files)
    ticker.tick()
    files.write("# a word\n" + text())
    with reading(files.run.parts.engine) as connection:
        before = rule_versions.active_number(connection)

    ticker.tick()
    files.write("# another word\n" + text())
    ticker.tick()
    with reading(files.run.parts.engine) as connection:
        still = rule_versions.active_number(connection)
    ticker.tick()
    with reading(files.run.parts.engine) as connection:
        active = rule_versions.active(connection)

    assert (before, still) == (1, 1)
    assert active is not None
    assert (active.number, active.author, active.sources[0].text) == (2, "files", "# another word\n" + text())


def _swap_link(path: Path) -> None:
    new = path.with_name("new.yaml")
    new.write_text("# by a link\n" + text(), encoding="utf-8")
    link = path.with_name("link")
    link.symlink_to(new)
    link.replace(path)


def _same_length(path: Path) -> None:
    path.write_text(text().replace("To", "to").replace("Everything", "everything"), encoding="utf-8")


@pytest.mark.parametrize("change", [_swap_link, _same_length, lambda path: path.unlink()])
def test_any_change_of_a_file_is_seen_once(files: Files, change: Callable[[Path], None]) -> None:
    files.take_up()
    watcher = Watcher(files.run.parts.engine, files.run.config, utc_now)
    at_first = [watcher.look() for _ in range(3)]
    change(files.path)

    looks = [watcher.look() for _ in range(4)]

    assert [each.outcome if each else "" for each in at_first] == ["", "same", ""]
    assert [each is None for each in looks] == [True, False, True, True]


def test_a_file_that_the_configuration_names_now_is_taken_up_and_not_lost_again(files: Files) -> None:
    files.take_up()
    watcher = Watcher(files.run.parts.engine, files.run.config, utc_now)
    at_first = [watcher.look() for _ in range(2)]
    second = text(tag="second", stage="draft").replace("id: exports", "id: second")
    files.path.with_name("second.yaml").write_text(second, encoding="utf-8")
    config = files.run.config.path
    named = config.read_text(encoding="utf-8").replace("[rules.yaml]", "[rules.yaml, second.yaml]")
    config.write_text(named, encoding="utf-8")

    added = [watcher.look() for _ in range(2)]
    files.write("# a word\n" + text())
    changed = [watcher.look() for _ in range(2)]
    config.write_text("rules: [", encoding="utf-8")
    broken = [watcher.look() for _ in range(3)]

    assert [each.outcome for each in (*at_first, *added, *changed) if each] == ["same", "taken", "taken"]
    assert [each.changes.added for each in added if each] == [("second",)]
    assert [each.changes.removed for each in changed if each] == [()]
    assert [each.outcome for each in broken if each] == ["same"]


def test_processes_that_start_together_take_the_same_files_up_once(files: Files) -> None:
    def start(_: int) -> str:
        engine = make_engine(files.run.config.database_url)
        try:
            found = take_up_at_start(engine, files.run.config, utc_now)
            return found.outcome if found else "overtaken"
        finally:
            engine.dispose()

    with ThreadPoolExecutor(6) as pool:
        outcomes = Counter(pool.map(start, range(6)))

    with reading(files.run.parts.engine) as connection:
        assert [each.number for each in rule_versions.newest(connection, 9)] == [1]
    assert outcomes == {"taken": 1, "same": 5}

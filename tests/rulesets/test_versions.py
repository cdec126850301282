"""What runs: files are taken up as versions, or refused and why, or taken back; rules in shadow."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.process.clock import utc_now
from bot.rulesets.versions import changes_between, content_hash, diff, newly_live
from bot.rulesets.watcher import take_up_at_start
from bot.store.database.engine import reading
from bot.store.rules import rule_firings, rule_versions
from bot.store.rules.rule_firings import Stop
from rules.files.sources import Source
from tests.harness.deskhand import PROVIDERS, deskhand
from tests.rules.build import rule, rules_of
from tests.rulesets.rule_file import Files, text

pytestmark = pytest.mark.both_storages


UNTESTED = "  - {id: bare, when: {subject: x}, then: [{add_tags: [x]}]}\n"
FAILING = "  - {id: wrong, when: {subject: x}, then: [{add_tags: [x]}], tests: [{matches: {ticket: {subject: y}}}]}\n"
BROKEN = "rules:\n  - id: exports\n    when: {subjct: {has: export}}\n    then: [{add_tags: [x]}]\n"


def test_the_first_rules_of_a_database_run_and_the_same_files_are_no_news(files: Files) -> None:
    first = take_up_at_start(files.run.parts.engine, files.run.config, utc_now)
    again = take_up_at_start(files.run.parts.engine, files.run.config, utc_now)

    assert [each.outcome for each in (first, again) if each] == ["taken", "same"]
    assert [each.number for each in (first, again) if each] == [1, 1]
    assert "export" in files.tags()


def test_a_changed_file_runs_from_the_next_run_on_once_its_backtest_is_there(files: Files) -> None:
    files.take_up()
    assert "export" in files.tags()
    files.write(text(tag="csv"))

    early = files.take_up()
    kept = files.tags()
    files.try_on_the_past(days_ago=8)
    late = files.take_up()
    files.try_on_the_past()
    taken = files.take_up()

    assert (early.outcome, late.outcome, taken.outcome) == ("refused", "refused", "taken")
    assert "rules.yaml:2:5: exports: goes live without a backtest of these very rules: there is none" in early.problems[0]
    assert "older than 7 days" in late.problems[0]
    assert taken.changes.changed == ("exports",)
    assert kept & {"export", "csv"} == {"export"}
    assert files.tags() & {"export", "csv"} == {"csv"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (BROKEN, "rules.yaml:3:12: subjct: no such field, did you mean subject?"),
        (text(more=UNTESTED), "bare: goes live without a test"),
        (text(more=FAILING), "wrong: should match this, but does not"),
        (text()[:-30], "rules.yaml:"),
    ],
)
def test_what_may_not_run_is_refused_with_its_place_and_the_last_good_rules_go_on(files: Files, words: str, told: str) -> None:
    files.take_up()
    files.write(words)
    files.try_on_the_past() if "more" in words else None

    refused = files.take_up()
    code, listed, said = files.command("list")

    assert (refused.outcome, code) == ("refused", 0)
    assert any(told in problem for problem in refused.problems)
    assert "was refused" in said
    assert [each["id"] for each in listed] == ["exports"]
    assert "export" in files.tags()


def test_a_file_that_stays_wrong_is_one_refusal(files: Files) -> None:
    files.take_up()
    files.write(BROKEN)

    numbers = {files.take_up().number for _ in range(3)}

    assert numbers == {2}


def test_a_new_comment_or_test_needs_no_backtest_and_a_draft_does_not_either(files: Files) -> None:
    files.take_up()
    files.write("# for the ticket form\n" + text())
    comment = files.take_up()
    files.write(text(stage="draft", tag="csv"))
    draft = files.take_up()

    assert (comment.outcome, comment.changes.changed) == ("taken", ())
    assert draft.changes.stages == (("exports", "live", "draft"),)
    assert files.tags() & {"export", "csv"} == frozenset()


def test_one_command_takes_a_version_back_and_the_files_wait_until_they_change(files: Files) -> None:
    files.take_up()
    files.write(text(tag="csv"))
    files.try_on_the_past()
    files.take_up()
    assert "csv" in files.tags()

    back = files.back()
    tags = files.tags()
    at_start = take_up_at_start(files.run.parts.engine, files.run.config, utc_now)
    asked = files.take_up(is_asked=True)

    assert (back.number, back.changes.changed) == (3, ("exports",))
    assert tags & {"export", "csv"} == {"export"}
    assert at_start is not None
    assert (at_start.outcome, asked.outcome) == ("taken back before", "taken")
    with reading(files.run.parts.engine) as connection:
        states = [each.state for each in rule_versions.newest(connection, 9)]
    assert states == ["active", "replaced", "withdrawn", "replaced"]


def test_there_must_be_something_to_go_back_to(files: Files) -> None:
    files.take_up()

    with pytest.raises(LookupError, match="nothing ran before"):
        files.back()
    with pytest.raises(LookupError, match="version 1 is the one that runs"):
        files.back(to=1)
    with pytest.raises(LookupError, match="there is no version 7"):
        files.back(to=7)


def test_the_commands_tell_and_change_what_runs(files: Files) -> None:
    files.take_up("the first")
    files.tags()
    files.write(text(tag="csv"))
    refused = files.command("apply", "--reason", "tag by format")
    files.try_on_the_past()
    applied = files.command("apply", "--reason", "tag by format", "--author", "ada")
    versions = files.command("versions")
    diff = files.command("diff", "1", "3")
    back = files.command("rollback", "--reason", "it tagged too much")
    listed = files.command("list")

    assert (refused[0], applied[0], back[0]) == (1, 0, 0)
    assert "refused: what ran before goes on" in refused[2]
    assert [(each["version"], each["state"]) for each in versions[1]] == [(3, "active"), (2, "refused"), (1, "replaced")]
    assert versions[1][0]["reason"] == "tag by format"
    assert "-      - add_tags: [export]" in diff[2]
    assert "+      - add_tags: [csv]" in diff[2]
    assert listed[1][0] | {"at": ""} == {"id": "exports", "stage": "live", "live_7d": 1, "shadow_7d": 0, "held_7d": 0, "at": ""}


def test_a_rule_is_switched_off_and_on_again_by_hand(files: Files) -> None:
    files.take_up()
    off = files.command("disable", "exports", "--reason", "spam wave", "--author", "ada")
    without = files.tags()
    listed = files.command("list")
    too_early = files.command("enable", "exports", "--reason", "over")
    files.try_on_the_past()
    on = files.command("enable", "exports", "--reason", "over")

    assert (off[0], too_early[0], on[0]) == (0, 1, 0)
    assert "export" not in without
    assert listed[1][0]["switched_off"] | {"at": ""} == {
        "at": "",
        "by": "ada",
        "because": "spam wave",
        "ends": "deskhand rules enable exports",
    }
    assert "backtest" in too_early[2]
    assert "export" in files.tags()
    assert files.command("enable", "exports", "--reason", "over")[0] == 1
    assert files.command("disable", "exprots", "--reason", "x")[2].strip() == "exprots: no such rule, did you mean exports?"


def test_a_rule_at_rest_says_how_that_ends_and_may_be_enabled_at_once(files: Files) -> None:
    """It would come back by itself: nobody has to try it on the past first."""
    files.take_up()
    rule = files.run.parts.standing().rules.rule("exports")
    assert rule is not None
    until = utc_now() + timedelta(hours=1)
    with files.run.parts.engine.begin() as connection:
        stop = Stop(
            rule="exports", semantic_hash=rule.semantic_hash, stopped_at=utc_now(), author="deskhand", reason="ran", until=until
        )
        rule_firings.stop(connection, stop)
    files.run.parts.rulebook.forget()
    without, listed = files.tags(), files.command("list")
    on = files.command("enable", "exports", "--reason", "looked at")

    assert "export" not in without
    assert listed[1][0]["rests"] | {"at": ""} == {"at": "", "by": "deskhand", "because": "ran", "ends": until.isoformat()}
    assert on[0] == 0
    assert "export" in files.tags()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_rule_in_shadow_shows_what_it_would_write_and_writes_nothing(tmp_path: Path, provider: str) -> None:
    (tmp_path / "rules.yaml").write_text(text(stage="shadow"), encoding="utf-8")
    with deskhand(tmp_path, provider, rules="rules.yaml") as run:
        files = Files(run, tmp_path)
        files.take_up()
        tags = files.tags()
        [ran] = [row for row in run.newest_runs() if row["shadow"]]
        files.write(text())
        files.try_on_the_past()
        files.take_up()
        live = files.tags()
        listed = files.command("list")

    assert "export" not in tags
    assert [(each["id"], each["fired"], each["would"]) for each in json.loads(ran["shadow"])] == [
        ("exports", True, ["tag:export: add"])
    ]
    assert "export" in live
    assert (listed[1][0]["shadow_7d"], listed[1][0]["live_7d"]) == (1, 1)


def test_rules_go_live_that_did_not_count_before_or_meant_something_else() -> None:
    before = rules_of("rules:\n" + rule("{subject: x}", id="same") + rule("{subject: x}", id="waits", more="stage: shadow"))
    after = rules_of("rules:\n" + "".join(rule("{subject: x}", id=id) for id in ("same", "waits", "new")))

    assert [each.id for each in newly_live(before, after)] == ["waits", "new"]
    assert [each.id for each in newly_live(None, after)] == ["same", "waits", "new"]
    assert newly_live(after, before) == []


def test_changes_name_what_came_went_and_means_something_else() -> None:
    old = "rules:\n" + rule("{subject: x}", id="gone") + rule("{subject: x}", id="other") + rule("{subject: x}", id="stage")
    new = (
        rule("{subject: y}", id="other") + rule("{subject: x}", id="stage", more="stage: draft") + rule("{subject: x}", id="new")
    )

    found = changes_between(rules_of(old), rules_of("rules:\n" + new))

    assert (found.added, found.removed, found.changed) == (("new",), ("gone",), ("other",))
    assert found.stages == (("stage", "live", "draft"),)


def test_a_comment_is_another_content_and_no_change() -> None:
    plain, told = [Source("r.yaml", text())], [Source("r.yaml", "# why\n" + text())]

    assert content_hash(plain, {}) != content_hash(told, {})
    assert content_hash(plain, {}) != content_hash(plain, {"limit": 1})
    assert list(diff(plain, told))[-4:][0] == "+# why"
    assert list(diff(plain, plain)) == []


def test_a_file_that_came_or_went_is_shown_whole() -> None:
    assert list(diff([], [Source("r.yaml", "a\nb\n")]))[2:] == ["@@ -0,0 +1,2 @@", "+a", "+b"]

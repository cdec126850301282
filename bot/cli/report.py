"""`deskhand report`: figures for leads, from what is stored. Each report is a command of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bot.cli.common import config_option, fail, load_or_exit, print_json, say, store_or_exit
from bot.config import Config
from bot.process.clock import utc_now
from bot.reports import draft_use
from bot.reports.draft_use import Row, Use
from bot.reports.share import Share
from bot.reports.table import Table, as_csv, as_html, as_text
from bot.store import draft_outcomes
from bot.store.database.engine import reading

GROUPS = ("team", "language", "issue", "rule", "week")
ALL_GROUPS = (*GROUPS, "agent")  # what is about a person is shown only to who asks for it
_HEAD = ("shown", "judged", "used (95 % interval)", "as is", "light", "heavy", "not used", "rejected", "similarity", "minutes")


@click.group()
def report() -> None:
    """Figures for leads, from what is stored."""


@report.command("drafts")
@click.option("--by", "grouped", type=click.Choice(ALL_GROUPS), multiple=True, help="Group by this alone; may be named again.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Drafts made on this day or later; four weeks ago.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Drafts made before this day; now.")
@click.option("--json", "is_json", is_flag=True, help="JSON on standard output instead of tables.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the tables to this file.")
@click.option("--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a page to this file.")
@config_option
def report_drafts(
    grouped: Sequence[str],
    since: datetime | None,
    until: datetime | None,
    is_json: bool,
    csv_file: Path | None,
    html_file: Path | None,
    config_file: Path,
) -> None:
    """How drafts are used: as they are, edited, not used, rejected and why; by team, language, issue, rule and week.

    `--by agent` goes by who accepted it. "Used" is sent as it is or lightly edited, among the drafts that somebody judged. Days
    are those of working_hours.timezone."""
    config = load_or_exit(config_file)
    zone = _zone(config)
    begin, end = _period(since, until, zone, utc_now())
    with reading(store_or_exit(config), at_leisure=True) as connection:
        outcomes = list(draft_outcomes.made_between(connection, begin, end))
    labels = draft_use.labels(zone)
    groups = {name: draft_use.rows(outcomes, labels[name]) for name in grouped or GROUPS}
    whole, withheld = draft_use.total(outcomes), draft_use.withheld_reasons(outcomes)
    tables = [_table("all", "", [whole]), *(_table(name, name, rows) for name, rows in groups.items())]
    notes = _notes(whole, withheld, begin, end, zone)
    if csv_file:
        _write(csv_file, as_csv(tables))
    if html_file:
        _write(html_file, as_html("How drafts are used", tables, notes))
    if is_json:
        print_json(
            {
                "since": begin.isoformat(),
                "until": end.isoformat(),
                "all": _json(whole),
                "withheld": withheld,
                **{f"by_{name}": [_json(row) for row in rows] for name, rows in groups.items()},
            }
        )
    elif not (csv_file or html_file):
        click.echo(as_text(tables, notes))


def _zone(config: Config) -> tzinfo:
    return ZoneInfo(config.settings.hours.timezone) if config.settings.hours else UTC


def _period(since: datetime | None, until: datetime | None, zone: tzinfo, now: datetime) -> tuple[datetime, datetime]:
    """From midnight to midnight in the team's zone; without an end up to now. Exit 2 where it ends before it begins."""
    end = _midnight(until.date(), zone) if until else now
    begin = _midnight(since.date() if since else end.astimezone(zone).date() - timedelta(weeks=4), zone)
    if begin >= end:
        fail(f"--since {begin:%Y-%m-%d} is not before the end, {end.astimezone(zone):%Y-%m-%d %H:%M}", 2)
    return begin, end


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _table(title: str, label: str, rows: Sequence[Row]) -> Table:
    return Table(title=title, head=(label or "drafts", *_HEAD), body=[_line(row) for row in rows])


def _line(row: Row) -> tuple[str, ...]:
    counts = (row.uses[each] for each in (Use.AS_IS, Use.LIGHT_EDIT, Use.HEAVY_EDIT, Use.NOT_USED, Use.REJECTED))
    alike = f"{row.similarity:.2f}" if row.similarity is not None else "-"
    minutes = f"{row.minutes:g}" if row.minutes is not None else "-"
    return (row.group, str(row.shown), str(row.judged), str(row.accepted), *map(str, counts), alike, minutes)


def _notes(whole: Row, withheld: dict[str, int], begin: datetime, end: datetime, zone: tzinfo) -> list[str]:
    days = f"{begin.astimezone(zone):%Y-%m-%d %H:%M} to {end.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"
    wanted = whole.shown + whole.uses[Use.WITHHELD]
    notes = [
        f"Drafts made from {days}. {wanted} were asked for, {Share(whole.shown, wanted)} of them shown; of the shown ones"
        f" {whole.judged} were judged, {whole.uses[Use.OVERTAKEN]} overtaken (the customer wrote again, or the ticket was over),"
        f" {whole.uses[Use.TAKEN_OVER]} taken over and not answered yet, {whole.uses[Use.OPEN]} are open."
    ]
    if whole.reasons:
        notes.append("Rejected because: " + ", ".join(f"{why} {count}" for why, count in whole.reasons.items()) + ".")
    if withheld:
        notes.append("Not shown because: " + ", ".join(f"{why} {count}" for why, count in [*withheld.items()][:8]) + ".")
    return notes


def _json(row: Row) -> dict[str, Any]:
    used = row.accepted
    return {
        "group": row.group,
        "shown": row.shown,
        "judged": row.judged,
        **{str(use): count for use, count in row.uses.items()},
        "used_share": round(used.value, 4) if used.value is not None else None,
        "used_interval": [round(each, 4) for each in used.interval] if used.interval else None,
        "rejected_because": row.reasons,
        "similarity_median": row.similarity,
        "minutes_median": row.minutes,
    }


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"{file}: cannot be written: {error.strerror}")
    say(f"written: {file}")

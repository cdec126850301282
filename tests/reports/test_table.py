"""A table as text, as a list for a spreadsheet, as a page."""

from __future__ import annotations

import csv
import io

from bot.reports.table import Table, as_csv, as_html, as_text

TABLE = Table(title="by team", head=("team", "shown"), body=[("Tier 1", "12"), ("<b>Billing</b>", "3")])


def test_text_stands_in_columns() -> None:
    assert as_text([TABLE], ["Said below."]) == (
        "by team\nteam            shown\nTier 1             12\n<b>Billing</b>      3\n\nSaid below."
    )


def test_a_spreadsheet_takes_no_name_for_a_formula() -> None:
    table = Table(title="rule", head=("rule", "shown"), body=[("=HYPERLINK(1)", "1"), ("-", "2"), ("-1+1", "3")])

    lines = list(csv.reader(io.StringIO(as_csv([table]))))

    assert lines == [["by", "group", "shown"], ["rule", "'=HYPERLINK(1)", "1"], ["rule", "-", "2"], ["rule", "'-1+1", "3"]]


def test_a_page_shows_names_as_they_are_and_loads_nothing() -> None:
    page = as_html("Drafts & more", [TABLE], ["a < b"])

    assert "<td>&lt;b&gt;Billing&lt;/b&gt;</td>" in page
    assert "<title>Drafts &amp; more</title>" in page
    assert "<p>a &lt; b</p>" in page
    assert not any(each in page for each in ("<script", "http", "src="))

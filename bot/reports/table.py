"""A report's table as text, CSV or one HTML page without scripts or anything from elsewhere."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1d2330;background:#fff}"
    "table{border-collapse:collapse;margin:0 0 2rem;width:100%}caption{text-align:left;font-weight:600;padding:.4rem 0}"
    "th,td{padding:.3rem .7rem;border-bottom:1px solid #d8dce4;text-align:right;white-space:nowrap}"
    "th:first-child,td:first-child{text-align:left;white-space:normal}p{max-width:46rem}.wide{overflow-x:auto}"
    "@media(prefers-color-scheme:dark){body{color:#e4e7ee;background:#14171d}th,td{border-color:#333a47}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`title` above, `head` the columns' names, `body` as many texts a line. The first column is a label, then figures."""

    title: str
    head: Sequence[str]
    body: Sequence[Sequence[str]]


def as_text(tables: Sequence[Table], notes: Sequence[str]) -> str:
    return "\n\n".join([*(_text(each) for each in tables), "\n".join(notes)]).strip()


def as_csv(tables: Sequence[Table]) -> str:
    """One list for all tables: the first column is the table's title. What a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    for place, table in enumerate(tables):
        if place == 0:
            lines.writerow(["by", "group", *table.head[1:]])
        lines.writerows([table.title, *map(_no_formula, line)] for line in table.body)
    return out.getvalue()


def as_html(title: str, tables: Sequence[Table], notes: Sequence[str]) -> str:
    said = "".join(f"<p>{html.escape(each)}</p>" for each in notes)
    shown = "".join(map(_html, tables))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f"<body><h1>{html.escape(title)}</h1>{said}{shown}</body></html>\n"
    )


def _text(table: Table) -> str:
    lines = [[*table.head], *map(list, table.body)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(table.head))]
    shown = ["  ".join(_padded(line, widths)).rstrip() for line in lines]
    return "\n".join([table.title, *shown])


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        each.ljust(width) if place == 0 else each.rjust(width)
        for place, (each, width) in enumerate(zip(line, widths, strict=True))
    ]


def _html(table: Table) -> str:
    head = "".join(f'<th scope="col">{html.escape(each)}</th>' for each in table.head)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(each)}</td>" for each in line) + "</tr>" for line in table.body)
    caption = f"<caption>{html.escape(table.title)}</caption>"
    return f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _no_formula(text: str) -> str:
    return f"'{text}" if text[:1] in {"=", "+", "@", "\t", "\r"} or (text[:1] == "-" and len(text) > 1) else text

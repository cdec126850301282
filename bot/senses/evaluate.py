"""Measure the detectors on labelled data: `python -m bot.senses.evaluate TASK --data FILE [--text COLUMN] [--label COLUMN]`.

TASK is `strip-reply` (columns: the raw mail, the visible reply), or a signal's name (columns: text, the right value).
FILE is .csv or .jsonl, .gz as well. Prints one JSON object; nothing of the texts.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from adapters.ticket import Message, Ticket
from bot.senses import DETECTORS, strip_reply
from rules.files.yaml_file import plain, read_yaml
from rules.values.taxonomy import levels

Pairs = Iterator[tuple[str, str]]


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV or JSON-lines file, gzipped or not."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    lines = io.StringIO(text, newline="")
    if path.name.removesuffix(".gz").endswith(".jsonl"):
        return ({name: str(value) for name, value in json.loads(line).items()} for line in lines if line.strip())
    return iter(csv.DictReader(lines))


def measure_replies(pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """How many visible replies are right, spaces apart; and how long the slowest took."""
    right = rows = 0
    slowest = 0.0
    for raw, reply in pairs:
        begun = time.perf_counter()
        found = strip_reply(raw)
        slowest = max(slowest, time.perf_counter() - begun)
        rows += 1
        right += found.split() == reply.split()
    return {"n": rows, "right": right, "accuracy": _share(right, rows), "slowest_ms": round(slowest * 1000, 1)}


def measure_signal(name: str, pairs: Iterable[tuple[str, str]]) -> dict[str, object]:
    """Accuracy, macro F1 and the figures of each label. A path that is finer than the labels counts as the label above it."""
    pairs = list(pairs)
    wanted = Counter(label for _, label in pairs)
    found: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for text, label in pairs:
        value = str(DETECTORS[name](Ticket(messages=(Message(body_text=text),)), text).value)
        value = next((level for level in reversed(levels(value)) if level in wanted), value)
        found[value] += 1
        right[label] += value == label
    labels = {label: _figures(wanted[label], found[label], right[label]) for label in sorted(wanted)}
    rows = sum(wanted.values())
    f1 = [figures["f1"] for figures in labels.values()]
    return {
        "n": rows,
        "accuracy": _share(sum(right.values()), rows),
        "macro_f1": round(sum(f1) / len(f1), 4) if f1 else 0.0,
        "other_values": {value: count for value, count in sorted(found.items()) if value not in wanted},
        "per_label": labels,
    }


def _figures(wanted: int, found: int, right: int) -> dict[str, float]:
    precision, recall = _share(right, found), _share(right, wanted)
    f1 = round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0
    return {"n": wanted, "precision": precision, "recall": recall, "f1": f1}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


@click.command()
@click.argument("task", type=click.Choice(["strip-reply", *DETECTORS]))
@click.option("--data", "path", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--text", default="text", help="The column with the text.")
@click.option("--label", default="label", help="The column with the right answer.")
@click.option("--where", default="", help="Only rows with this value: `kind=sentences`.")
@click.option("--map", "renamed", multiple=True, help="A label under our name: `negative=frustrated`.")
@click.option("--names", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="YAML, label: our name. Others go.")
def main(task: str, path: Path, text: str, label: str, where: str, renamed: tuple[str, ...], names: Path | None) -> None:
    """Measure a detector on labelled rows."""
    column, _, value = where.partition("=")
    named = dict(each.split("=", 1) for each in renamed)
    rows = [row for row in read_rows(path) if not where or row.get(column) == value]
    if rows and not {text, label} <= set(rows[0]):
        raise click.UsageError(f"the file has the columns {', '.join(rows[0])}: name two with --text and --label")
    if names is not None:
        named |= plain(read_yaml(names, shown_as=names.name))
        rows = [row for row in rows if row[label] in named]
    pairs = ((row[text], named.get(row[label], row[label])) for row in rows)
    click.echo(json.dumps(measure_replies(pairs) if task == "strip-reply" else measure_signal(task, pairs), ensure_ascii=False))


if __name__ == "__main__":
    main()

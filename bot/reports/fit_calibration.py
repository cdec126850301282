"""Learns what scores mean: `python -m bot.reports.fit_calibration --data FILE ...`, after `make senses`.

FILE: labelled tickets (bot/reports/labelled_tickets.py) that the weights were not learned from. Writes the curves of the senses
with sentence vectors or, with `--words-alone`, of those without, beside what the file holds of the other. Needs the extra
`training`; the product only reads the file (bot/senses/calibration.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import numpy as np

from adapters.ticket import Message, Ticket
from bot.reports.labelled_tickets import Labelled, labelled_tickets
from bot.reports.reliability import MEASURED, judged_answer
from bot.senses import DETECTORS, visible_text
from bot.senses.calibration import CURVES, answer_of, logit, sha256_of_weights, way
from bot.senses.learned import vectors
from rules.model.facts import Signal

STRENGTH = 0.5  # the inverse of how much a height of an answer's own costs: few rows move it little
NOW = datetime(2026, 5, 14, 10, tzinfo=UTC)
Weighed = tuple[Labelled, dict[str, Signal]]


@click.command()
@click.option("--data", "paths", required=True, multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=CURVES, show_default=True)
@click.option("--words-alone", is_flag=True, help="As where the sentence encoder is not installed.")
def main(paths: Sequence[Path], out: Path, words_alone: bool) -> None:
    """Fit the curves on these tickets and write them beside those of the other way."""
    if words_alone:
        vectors.PACKAGE = "none"  # before anything was read in this process
    rows = [weighed(each) for path in paths for each in labelled_tickets(path)]
    tree: dict[str, Any] = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {"curves": {}}
    tree |= {"weights_sha256": sha256_of_weights(), "tickets": len(rows)}
    tree["curves"][way()] = fit(rows)
    out.write_text(json.dumps(tree, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    click.echo(f"{out}: curves by {way()}, of {len(rows)} tickets")


def weighed(labelled: Labelled) -> Weighed:
    """A ticket's signals as the detectors weigh them, before any curve."""
    return labelled, _signals(labelled)


def _signals(labelled: Labelled) -> dict[str, Signal]:
    ticket = Ticket(
        subject=labelled.subject, description=labelled.body, messages=(Message(body_text=labelled.body),), read_at=NOW
    )
    text = visible_text(ticket)
    return {name: DETECTORS[name](ticket, text) for name in MEASURED}


def fit(rows: Iterable[Weighed]) -> dict[str, Any]:
    """A curve for each signal: the slope and the heights that make the labels likeliest."""
    kept = list(rows)
    return {name: _curve(name, kept) for name in MEASURED}


def _curve(name: str, rows: Sequence[Weighed]) -> dict[str, Any]:
    from sklearn.linear_model import LogisticRegression

    told = [
        (answer_of(name, signals[name].value), logit(signals[name].score), is_right)
        for ticket, signals in rows
        if (is_right := judged_answer(name, signals[name], ticket)) is not None
    ]
    answers = sorted({answer for answer, _, _ in told})
    signs = np.array([[weight, *(float(answer == each) for each in answers)] for answer, weight, _ in told])
    model = LogisticRegression(C=STRENGTH, max_iter=1_000).fit(signs, [is_right for *_, is_right in told])
    slope, *heights = (round(float(each), 3) for each in model.coef_[0])
    return {
        "slope": max(0.0, slope),
        "start": round(float(model.intercept_[0]), 3),
        "heights": dict(zip(answers, heights, strict=True)),
        "rows": len(told),
    }


if __name__ == "__main__":
    main()

"""Learns the last step on labelled tickets: `python -m bot.reports.fit_calibration --data FILE ...`, after `make senses`.

FILE: labelled tickets (bot/reports/labelled_tickets.py) that the weights were not learned from. Writes how the signs of severity
and mood are weighed (bot/senses/weighing.py) and what all scores mean (bot/senses/calibration.py), of the senses with sentence
vectors or, with `--words-alone`, of those without, beside what the files hold of the other. Severity and mood are calibrated on
answers to tickets that their weighing was not learned from, ten parts in turn. Needs the extra `training`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from bot.senses.conversation import language_of
from bot.senses.detectors import sentiment, severity
from bot.senses.learned import vectors
from bot.senses.ticket_reading import reading
from bot.senses.weighing import WEIGHTS, Weights
from rules.model.facts import Signal

STRENGTH = 0.5  # the inverse of how much a height of an answer's own costs: few rows move it little
STRENGTH_OF_SIGNS = {"severity": 0.04, "sentiment": 0.03}  # the same for the weights of signs
PARTS = 10
NOW = datetime(2026, 5, 14, 10, tzinfo=UTC)
Signs = Mapping[str, float]
Weighed = tuple[Labelled, dict[str, Signal]]


@click.command()
@click.option("--data", "paths", required=True, multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--words-alone", is_flag=True, help="As where the sentence encoder is not installed.")
def main(paths: Sequence[Path], words_alone: bool) -> None:
    """Learn the weighing and the curves from these tickets and write them beside those of the other way."""
    if words_alone:
        vectors.PACKAGE = "none"  # before anything was read in this process
    tickets = [each for path in paths for each in labelled_tickets(path) if each.is_of_a_person]
    signs = {name: [_signs(name, each) for each in tickets] for name in STRENGTH_OF_SIGNS}
    told = [severity.told_of(*_ticket(each)) for each in tickets]
    weighing = _read(WEIGHTS)
    weighing[way()] = {name: _tree(_learn(name, tickets, signs[name])) for name in signs}
    _write(WEIGHTS, weighing)
    rows: list[Weighed] = [(each, {name: _signal(name, each) for name in MEASURED if name not in signs}) for each in tickets]
    for name, found in signs.items():
        for (_, signals), signal in zip(rows, _unseen(name, tickets, found, told), strict=True):
            signals[name] = signal
    tree = _read(CURVES) or {"curves": {}}
    tree |= {"weights_sha256": sha256_of_weights(), "tickets": len(rows)}
    tree["curves"][way()] = {name: _curve(name, rows) for name in MEASURED}
    _write(CURVES, tree)
    click.echo(f"by {way()}, of {len(rows)} tickets: {WEIGHTS.name}, {CURVES.name}")


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def _write(path: Path, tree: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(tree, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _ticket(labelled: Labelled) -> tuple[Ticket, str]:
    messages = (Message(body_text=labelled.body),)
    ticket = replace(Ticket(subject=labelled.subject, description=labelled.body, messages=messages), read_at=NOW)
    return ticket, visible_text(ticket)


def _signal(name: str, labelled: Labelled) -> Signal:
    return DETECTORS[name](*_ticket(labelled))


def _signs(name: str, labelled: Labelled) -> Signs | None:
    """None where the detector weighs nothing."""
    ticket, text = _ticket(labelled)
    if name == "severity":
        told = severity.told_of(ticket, text)
        return severity.signs_of(told) if told else None
    found = reading(text, language_of(ticket, text))
    return None if found.is_empty else sentiment.signs_of(found)


def _learn(name: str, tickets: Sequence[Labelled], signs: Sequence[Signs | None]) -> Weights:
    """Multinomial logistic regression over signs that are brought to the same mean and spread."""
    from sklearn.linear_model import LogisticRegression

    told = [(each, str(ticket.gold[name])) for ticket, each in zip(tickets, signs, strict=True) if each and name in ticket.gold]
    names = list(told[0][0])
    inputs = np.array([[each[sign] for sign in names] for each, _ in told])
    mean, scale = inputs.mean(axis=0), inputs.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=STRENGTH_OF_SIGNS[name], max_iter=2_000)
    model.fit((inputs - mean) / scale, [answer for _, answer in told])
    answers = [str(each) for each in model.classes_]
    return Weights(
        names=names,
        mean=_short(mean),
        scale=_short(scale),
        start=dict(zip(answers, _short(model.intercept_), strict=True)),
        weights={answer: _short(row) for answer, row in zip(answers, model.coef_, strict=True)},
    )


def _unseen(
    name: str, tickets: Sequence[Labelled], signs: Sequence[Signs | None], told: Sequence[severity.Told | None]
) -> list[Signal]:
    """What is answered to each ticket by a weighing that was learned without it."""
    found = [Signal(value=None, score=0.0)] * len(tickets)
    for part in range(PARTS):
        weights = _learn(
            name,
            [each for place, each in enumerate(tickets) if place % PARTS != part],
            [each for place, each in enumerate(signs) if place % PARTS != part],
        )
        for place in range(part, len(tickets), PARTS):
            if each := signs[place]:
                likely, answer = weights.likelihoods(each), ""
                if name == "severity" and (known := told[place]):
                    likely = severity.likelihoods_of(known, likely)
                    answer = severity.step_of(known, likely)
                answer = answer or max(likely, key=lambda mood: likely[mood])
                found[place] = Signal(value=answer, score=likely[answer])
    return found


def _tree(weights: Weights) -> dict[str, Any]:
    return {name: getattr(weights, name) for name in ("names", "mean", "scale", "start", "weights")}


def _short(values: Any) -> list[float]:
    return [round(float(each), 4) for each in values]


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

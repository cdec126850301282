"""What is reached on the development half of the first-day tickets must not be lost. The other half is measured, not tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.senses import judge
from bot.reports.labelled_tickets import labelled_tickets
from bot.reports.sense_figures import Figures, figures
from bot.rulesets.active import all_packs, load_named

DEVELOPMENT = Path(__file__).parent / "development.jsonl"


@pytest.fixture(scope="module")
def found() -> Figures:
    rules = load_named(all_packs(), Path())
    return figures([judge(each, rules) for each in labelled_tickets(DEVELOPMENT)])


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("issue_type", 0.88),
        ("severity", 0.84),
        ("p1 found", 0.85),
        ("security found", 0.80),
        ("security is one", 0.86),
        ("data_loss found", 0.84),
        ("data_loss is one", 0.84),
        ("wishes are some", 0.84),
        ("wishes found", 0.82),
        ("people heard", 0.98),
        ("priority within one", 0.91),
        ("team", 0.91),
        ("priority not lowered by two", 0.96),
    ],
)
def test_the_figure_is_kept(found: Figures, name: str, least: float) -> None:
    value = found.shares[name].value

    assert value is not None
    assert value >= least, found.missed.get(name)

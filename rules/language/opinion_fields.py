"""What a language model adds to the detectors' signals, as fields of their own: `opinion.issues`, `opinion.severity`, …

Rules that do not name them see nothing of it. A rule that does may only add and raise (rules/lint/opinions.py).
"""

from __future__ import annotations

from rules.language.registry import Field, FieldType, signal_field
from rules.model.view import FactValue, View
from rules.values.taxonomy import PATHS, levels

FAMILY = "opinion."
SEVERITIES = ("p1", "p2", "p3", "p4")
MOODS = ("angry", "frustrated", "confused", "neutral", "satisfied")
ISSUES = f"{FAMILY}issues"


def _issues(view: View) -> FactValue:
    found = view.signal(ISSUES)
    paths = found.value if found and isinstance(found.value, tuple) else ()
    return frozenset(level for path in paths for level in levels(path)) if found else None


def opinion_fields(wishes: tuple[str, ...]) -> tuple[Field, ...]:
    """The rows. `wishes`: the words of the field `wishes`. All are unknown where no model was asked or none has answered."""
    none_of_model = "unknown where no model has answered (docs/senses.md)"
    return (
        Field(
            name=ISSUES,
            type=FieldType.SET,
            meaning=f"`issues`, and those that a model adds; {none_of_model}",
            example={"has": "data_loss"},
            read=_issues,
            choices=PATHS,
            is_signal=True,
        ),
        signal_field(
            f"{FAMILY}severity",
            FieldType.CHOICE,
            f"`severity`, which a model raises by one step at most; {none_of_model}",
            ["p1", "p2"],
            SEVERITIES,
        ),
        signal_field(
            f"{FAMILY}sentiment",
            FieldType.CHOICE,
            f"the worse of `sentiment` and the mood that a model sees; {none_of_model}",
            "angry",
            MOODS,
        ),
        Field(
            name=f"{FAMILY}wishes",
            type=FieldType.SET,
            meaning=f"`wishes`, and those that a model adds; {none_of_model}",
            example={"has": "refund"},
            read=signal_field(f"{FAMILY}wishes", FieldType.SET, "", None).read,
            choices=wishes,
            is_signal=True,
        ),
        signal_field(
            f"{FAMILY}language",
            FieldType.TEXT,
            f"`language`, else where detectors are unsure a model's word; {none_of_model}",
            "de",
        ),
        signal_field(
            f"{FAMILY}questions_to_ask",
            FieldType.SET,
            f"`questions_to_ask`, and those that a model adds; {none_of_model}",
            {"empty": False},
        ),
    )

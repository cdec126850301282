"""The heads of the learned weights and their answers, in the order of the columns."""

from __future__ import annotations

from rules.language.fields import WISHES
from rules.values.taxonomy import ISSUES as _ISSUES

__all__ = ["CIRCUMSTANCES", "HARM", "ISSUES", "MOODS", "NONE", "SEVERAL", "SEVERITIES", "SINGLE", "WISHES"]
NONE = "none"
ISSUES = (*(each.path for each in _ISSUES), NONE)
HARM = ("security", "data_loss", "outage")  # issue types whose wait costs most, the gravest first
SEVERITIES = ("p1", "p2", "p3", "p4")
MOODS = ("angry", "frustrated", "confused", "neutral", "satisfied")
CIRCUMSTANCES = (
    *("widespread", "one_person", "work_stopped", "revenue_loss", "deadline", "workaround", "no_hurry", "cosmetic"),
    *("harmless", "recovered", "since_long", "exposed_people", "urgent_words"),
)
# name -> answers; exactly one of a single head's answers holds, each of another's may.
SINGLE = {"issue": ISSUES, "severity": SEVERITIES, "mood": MOODS}
SEVERAL = {"circumstance": CIRCUMSTANCES, "wish": WISHES, "machine": ("machine",), "spam": ("spam",)}

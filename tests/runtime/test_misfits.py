"""Each field of another type is a line in the log once, by its types."""

from __future__ import annotations

from structlog.testing import capture_logs

from adapters.helpdesk import Misfit
from bot.runtime.misfits import MisfitLog


def test_each_field_is_told_once_with_types_and_no_value() -> None:
    told = MisfitLog()
    seats = Misfit(account="acme", field="seats", expected="a number", found="text")

    with capture_logs() as lines:
        for misfit in (seats, seats, Misfit(account="other", field="seats", expected="a number", found="a list"), seats):
            told(misfit)

    assert [(line["event"], line["account"], line["field"], line["expected"], line["found"]) for line in lines] == [
        ("field.of_another_type", "acme", "seats", "a number", "text"),
        ("field.of_another_type", "other", "seats", "a number", "a list"),
    ]

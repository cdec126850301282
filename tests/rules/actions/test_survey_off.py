"""`survey_off`: no satisfaction survey."""

from __future__ import annotations

from rules.actions import survey_off
from rules.model.effects import WantNoSurvey
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_no_survey_is_wanted() -> None:
    assert wish_of(survey_off, {}) == WantNoSurvey()
    assert decided("survey_off").survey_off


def test_it_takes_no_options() -> None:
    assert "Extra inputs are not permitted" in refusal_of(survey_off, when="never")

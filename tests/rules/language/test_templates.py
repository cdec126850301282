"""Placeholders in texts of rules: checked at load, filled for a ticket."""

from __future__ import annotations

from tests.rules.actions.acting import decided


def test_placeholders_read_like_text() -> None:
    then = "add_note: '{company.arr}, {company.renewal_in}, {tags}, {company.is_premium}, {{kept}}'"
    given = {"arr": 120000, "renewal_at": "2026-01-25T12:00:00Z", "is_premium": True}

    decision = decided(then, company=given, ticket={"subject": "x", "tags": ["b", "a"]})

    assert decision.notes[0].text == "120,000, 20 days, a, b, yes, {kept}"

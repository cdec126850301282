"""What the next person is told: five points and the conversation in figures, gaps named."""

from __future__ import annotations

from tests.rules.actions.acting import decided


def test_what_a_ticket_does_not_tell_is_named_as_missing() -> None:
    lines = decided("escalate: {to: the lead}").notes[0].text.splitlines()

    assert lines[2:4] == [
        "2. Steps tried: missing (no public reply yet)",
        "3. Customer: tier missing, sentiment missing · 4. Evidence: missing · 5. Proposed priority: missing",
    ]
    assert lines[4:] == [
        "Conversation: 0 from the customer, 0 public replies, link missing",
        "Account: name missing, figures missing",
    ]

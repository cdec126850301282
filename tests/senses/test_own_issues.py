"""own issues beside the shipped ones: told by example, quoted, before what is harmless and after what is grave."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.ticket import AuthorKind, Direction, Message, Ticket
from bot.senses import DETECTORS, nearest, own_signals, sense
from bot.senses.learned import classifier
from rules.engine.decide import decide
from rules.language.facts_json import facts_from_json
from rules.model.canonical_json import facts_to_json
from rules.model.facts import Facts, Signal
from rules.values.own_issues import OwnIssues
from tests.rules.build import rule, rules_of
from tests.senses.makers import ticket

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
BLOCKS = """
areas:
  kitchen: {words: [printer]}
  desk: {words: [monitor], examples: [The table is booked twice]}
issues:
  kitchen.silent:
    type: bug
    area: kitchen
    examples:
      - Orders do not come out of the kitchen printer
      - The kitchen gets no tickets from the till
      - In der Küche werden keine Bons gedruckt
  billing.tips.missing:
    examples:
      - The tips of our waiters are missing from the payout
      - Tips were not transferred to the staff
      - Das Trinkgeld fehlt in der Auszahlung
    phrases: [no gratuities]
"""
OWN = rules_of(BLOCKS).own_issues
SILENT = "Orders do not come out of our kitchen printer today."


def signals(of: Ticket | str, own: OwnIssues = OWN) -> dict[str, Signal]:
    return sense(ticket(of) if isinstance(of, str) else of, NOW, own=own)


def test_the_evidence_is_the_sentence_and_the_example_that_it_is_near() -> None:
    found = signals(f"Hello team, nice to meet you. {SILENT} Regards")

    assert found["issue"].value == "kitchen.silent"
    assert "“Orders do not come out of our kitchen printer today”" in found["issue"].why
    assert "is near ‘Orders do not come out of the kitchen printer’" in found["issue"].why
    assert (found["issue_type"].value, found["product_area"].value) == ("bug", "kitchen")
    assert set(found["issues"].value if isinstance(found["issues"].value, tuple) else ()) >= {"kitchen.silent", "bug"}


def test_another_language_finds_it_too() -> None:
    assert signals("Heute werden in unserer Küche keine Bons gedruckt.")["issue"].value == "kitchen.silent"


@pytest.mark.parametrize(
    ("text", "grave"),
    [
        ("All our data is gone, everything was deleted last night and nobody can find it.", "data_loss"),
        ("Somebody hacked our account and changed the password, we are locked out.", "security"),
    ],
)
def test_what_is_graver_stays_first(text: str, grave: str) -> None:
    found = signals(f"{text} {SILENT}")

    assert found["issue_type"].value == grave
    assert isinstance(found["issues"].value, tuple)
    assert "kitchen.silent" in found["issues"].value


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password and cannot reset it.",
        "Please send me the invoice of our subscription for March.",
        "The manager app crashes as soon as I open it.",
    ],
)
def test_what_is_clearly_a_shipped_issue_stays_one(text: str) -> None:
    with_own, without = signals(text), sense(ticket(text), NOW)

    assert [with_own[name] for name in ("issue", "issue_type", "issues")] == [
        without[name] for name in ("issue", "issue_type", "issues")
    ]


def test_a_phrase_is_enough_unless_it_is_denied() -> None:
    said = signals("This month there were no gratuities on the sheet, as I see.")

    assert (said["issue"].value, said["issue"].score) == ("billing.tips.missing", 0.8)
    assert "is near ‘no gratuities’" in said["issue"].why


def test_a_short_answer_keeps_the_teams_issue() -> None:
    asked = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Since when?")
    later = Ticket(messages=(Message(body_text=SILENT), asked, Message(body_text="Since Monday.")))

    assert signals(later)["issue"].value == "kitchen.silent"
    assert signals(later)["issue"].why.startswith("said earlier: ")


def test_nothing_changes_where_a_team_has_none() -> None:
    assert signals(SILENT, rules_of("rules:\n" + rule("{subject: x}")).own_issues).keys() == DETECTORS.keys()


def test_the_signals_that_change_are_the_same_as_in_a_whole_look() -> None:
    alone = own_signals(ticket(SILENT), NOW, OWN)

    assert alone == {name: each for name, each in signals(SILENT).items() if name in alone}
    assert "product_area" in alone


def test_a_run_is_decided_again_without_the_encoder_and_without_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = "rules:\n" + rule("{all: [{issue: kitchen.silent}, {product_area: kitchen}]}")
    facts = Facts(ticket=ticket(SILENT), now=NOW, signals=signals(SILENT))
    stored: Any = facts_to_json(facts)

    for module in (classifier, nearest):
        monkeypatch.setattr(module, "vectors_of_the_shipped", lambda: 1 / 0)
    again = decide(rules_of(BLOCKS + asks), facts_from_json(stored))

    assert again.rules[0].matched
    assert again == decide(rules_of(BLOCKS + asks), facts)

"""The attack tickets are what they claim to be: many, in several languages and places, and the hostile model obeys them."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path

from sandbox.model_answers import hostile, read_prompt

TICKETS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "fixtures" / "hostile" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
]


def test_there_are_forty_attacks_with_ids_of_their_own() -> None:
    assert len({ticket["id"] for ticket in TICKETS}) == len(TICKETS) >= 40


def test_attacks_come_in_many_languages_and_positions() -> None:
    positions = {"body", "subject", "quoted", "user_name", "html", "html_comment", "zero_width", "fence", "attachment_name"}

    assert len({ticket["language"] for ticket in TICKETS}) >= 8
    assert positions <= set(Counter(ticket["position"] for ticket in TICKETS))


def test_hidden_attacks_hide() -> None:
    hidden = [ticket for ticket in TICKETS if ticket["position"] == "zero_width"]

    assert hidden
    assert all(any(unicodedata.category(char) == "Cf" for char in ticket["body"]) for ticket in hidden)


def test_hostile_model_says_more_than_it_should_on_each() -> None:
    for ticket in TICKETS:
        body = {"messages": [{"role": "system", "content": "ref-abc123"}, {"role": "user", "content": ticket["body"]}]}
        answer = json.dumps(hostile(read_prompt(body)))

        assert "attacker.example" in answer, ticket["id"]
        assert "ref-abc123" in answer, ticket["id"]

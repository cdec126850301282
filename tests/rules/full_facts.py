"""Facts with something in nearly every field."""

from __future__ import annotations

from datetime import timedelta

from adapters.ticket import Agent, Company, EventType, Message, Person, Priority, Team, Ticket
from rules.model.facts import Facts, OwnWords, RuleState, Signal
from tests.rules.build import NOW

FULL = Facts(
    ticket=Ticket(
        subject="Größe ✓",
        tags=frozenset({"b", "a"}),
        custom={
            "when": NOW.isoformat(),
            "text": "2026-01-01T00:00:00Z",
            "n": 5,
            "f": 5.0,
            "many": ("x", "y"),
            "none": None,
            "yes": True,
        },
        requester=Person(name="Rita", custom={"since": NOW.isoformat()}),
        company=Company(name="Other"),
        assignee=Agent(name="Anna"),
        team=Team(name="Tier 1"),
        messages=(Message(external_id="1", body_text="a", created_at=NOW - timedelta(microseconds=1), raw={"x": [1, None]}),),
        priority=Priority.HIGH,
        created_at=NOW - timedelta(hours=1, microseconds=3),
        raw={"vendor": True},
    ),
    now=NOW,
    events=frozenset({EventType.CUSTOMER_REPLIED, EventType.TAGS_CHANGED}),
    changes={"tags": (["a"], ["a", "b"]), "priority": (None, "high")},
    signals={"sentiment": Signal(value="angry", score=0.7, why="caps"), "churn_words": Signal(value=("cancel",)), "x": Signal()},
    own_words=OwnWords(first="a", newest="b", quoted="c"),
    clocks={"first_response_used": 0.5, "state": "ok"},
    counts={"similar_open": 2},
    in_working_time=False,
    is_first_sight=False,
    toggled=frozenset({"t"}),
    state={"r": RuleState(rule="r", semantic_hash="h", held=True, message_id="1", fired=2, fired_at=(NOW,))},
)

"""Rule sets that run in a circle, each from a seed."""

from __future__ import annotations

import random

# field -> (how a condition asks for a value, how an action sets it, values, a ticket that has it)
FIELDS = {
    "priority": ("priority: {}", "set_priority: {}", ("low", "high", "urgent", "normal"), "priority: {}"),
    "status": ("status: {}", "set_status: {}", ("open", "pending", "solved", "on_hold"), "status: {}"),
    "team": ("team: {}", "assign_team: {}", ("Senior", "Billing", "Onboarding", "Second"), "team: {{name: {}}}"),
    "custom": (
        "custom.stage: {}",
        "set_field: {{field: stage, value: {}}}",
        ("one", "two", "three", "four"),
        "custom: {{stage: {}}}",
    ),
}


def rule(id: str, when: str, then: str, ticket: str) -> str:
    return (
        f"  - id: {id}\n    on: [ticket.created, ticket.updated]\n    when: {{{when}}}\n    then: [{{{then}}}]\n"
        f"    tests:\n      - matches: {{ticket: {{{ticket}}}}}\n      - ignores: {{events: [other]}}\n"
    )


def drawn(seed: int) -> tuple[random.Random, str, list[str]]:
    """The field that a circle is about, and the values that it goes through."""
    draw = random.Random(seed)
    field = draw.choice(list(FIELDS))
    values = FIELDS[field][2]
    return draw, field, draw.sample(values, draw.randint(2, 4))


def circle(seed: int) -> tuple[str, list[str]]:
    """Two to four rules in any order, each setting what the next one waits for, the last what the first does."""
    draw, field, steps = drawn(seed)
    asks, sets, _, has = FIELDS[field]
    names = [f"r{number}" for number in range(len(steps))]
    made = [
        rule(name, asks.format(here), sets.format(there), has.format(here))
        for name, here, there in zip(names, steps, [*steps[1:], steps[0]], strict=True)
    ]
    draw.shuffle(made)
    return "rules:\n" + "".join(made), names

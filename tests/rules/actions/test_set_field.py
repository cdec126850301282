"""`set_field`: a value of its own kind, or a text that is filled."""

from __future__ import annotations

from tests.rules.actions.acting import decided


def test_a_custom_field_takes_numbers_and_filled_texts() -> None:
    decision = decided(
        "set_field: {field: seats, value: 5}, set_field: {field: who, value: '{requester.name}'}".replace("}, ", "}}, {").join(
            ["{", "}"]
        ),
        requester={"name": "Rita"},
    )

    assert decision.fields == {"seats": 5, "who": "Rita"}

"""`set_field`: a value of its own kind, or a text that is filled."""

from __future__ import annotations

import pytest

from rules.actions import set_field
from rules.model.effects import WantField
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_a_custom_field_takes_numbers_and_filled_texts() -> None:
    decision = decided(
        "set_field: {field: seats, value: 5}, set_field: {field: who, value: '{requester.name}'}".replace("}, ", "}}, {").join(
            ["{", "}"]
        ),
        requester={"name": "Rita"},
    )

    assert decision.fields == {"seats": 5, "who": "Rita"}


@pytest.mark.parametrize("value", [True, 5, 5.5, "text"])
def test_a_value_keeps_its_kind(value: object) -> None:
    wish = wish_of(set_field, {"field": "seats", "value": value})

    assert wish == WantField("seats", value)  # type: ignore[arg-type]
    assert type(wish.value) is type(value)


def test_a_field_is_named_by_its_slug() -> None:
    assert "field" in refusal_of(set_field, field="Product Area", value="x")
    assert "finite" in refusal_of(set_field, field="seats", value=float("inf"))

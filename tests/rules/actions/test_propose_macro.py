"""`propose_macro`: a macro is shown by its name."""

from __future__ import annotations

from rules.actions import propose_macro
from rules.model.decision import MacroWish
from tests.rules.actions.acting import decided, refusal_of, wish_of


def test_a_macro_is_proposed_by_its_name_with_braces_written_twice() -> None:
    assert wish_of(propose_macro, {"macro": "VIP {{acknowledgement}}"}) == MacroWish(rule="r", macro="VIP {acknowledgement}")


def test_its_name_may_stand_alone() -> None:
    assert [each.macro for each in decided("propose_macro: Welcome").macros] == ["Welcome"]


def test_a_macro_without_a_name_is_refused() -> None:
    assert "macro" in refusal_of(propose_macro, macro="")

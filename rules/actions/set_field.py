"""set_field: fill a custom field of the ticket. `field` is its slug from the account's mapping in the configuration.

A text may hold placeholders.

    then:
      - set_field: {field: product_area, value: exports}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, Strict, StringConstraints

from rules.actions._base import ActionOptions, RuleRef, Scope, Template
from rules.model.effects import WantField
from rules.model.facts import Facts

SHORTHAND = ""
SCOPE = Scope.STATE


class Options(ActionOptions):
    field: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    value: (
        Annotated[bool, Strict()] | Annotated[int, Strict()] | Annotated[float, Strict(), Field(allow_inf_nan=False)] | Template
    )


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantField:
    value = options.value
    return WantField(options.field, rule.fill(value) if isinstance(value, str) else value)

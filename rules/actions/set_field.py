"""set_field: fill a custom field of the ticket. `field` is its slug from the account's mapping in the configuration.

A text may hold placeholders.

    then:
      - set_field: {field: product_area, value: exports}
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Strict, StringConstraints

from rules.actions._base import ActionOptions, RuleRef, Scope, Text, template_if_text
from rules.model.effects import WantField
from rules.model.facts import Facts

SHORTHAND = ""
SCOPE = Scope.STATE


class Options(ActionOptions):
    field: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
    # The placeholders of a text are checked on the whole: else the other types would each complain of it, too.
    value: Annotated[
        Annotated[bool, Strict()] | Annotated[int, Strict()] | Annotated[float, Strict(), Field(allow_inf_nan=False)] | Text,
        AfterValidator(template_if_text),
    ]


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantField:
    value = options.value
    return WantField(options.field, rule.fill(value) if isinstance(value, str) else value)

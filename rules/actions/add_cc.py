"""add_cc: put e-mail addresses in copy. A placeholder may name one, such as the customer success manager.

then:
  - add_cc: "{company.csm}"
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

from rules.actions._base import ActionOptions, NameTemplate, RuleRef, Scope, listed
from rules.model.effects import Blocked, WantCopies
from rules.model.facts import Facts

SHORTHAND = "emails"
SCOPE = Scope.STATE


class Options(ActionOptions):
    emails: Annotated[tuple[NameTemplate, ...], BeforeValidator(listed)]


def effect(options: Options, facts: Facts, rule: RuleRef) -> WantCopies:
    emails = [rule.fill(email).strip().casefold() for email in options.emails]
    if wrong := next((email for email in emails if not _ADDRESS.match(email)), None):
        raise Blocked(f"not an e-mail address: {len(wrong)} characters from {', '.join(options.emails)}")
    return WantCopies(frozenset(emails))


_ADDRESS = re.compile(r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+$")

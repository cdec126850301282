"""What rules can do: one module a word. The file's name is the word in YAML, its docstring the documentation.

A module has `Options` (pydantic, unknown keys refused), `SHORTHAND` (the option that a bare value stands for, or ""), `SCOPE`
and `effect(options, facts, rule)`, which returns what it wants and touches nothing. A new word is a new file and nothing else.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from adapters.ticket import Json
from rules.actions._base import ActionOptions, Effect, RuleRef, Scope
from rules.model.effects import Wish
from rules.model.facts import Facts

__all__ = ["Action", "ActionWord", "action_words"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWord:
    name: str
    options: type[ActionOptions]
    shorthand: str
    scope: Scope
    effect: Effect
    doc: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action of one rule, its options checked. `written` is what stands in the file, for the trace."""

    word: ActionWord
    options: ActionOptions
    path: str
    written: Json = None

    @property
    def name(self) -> str:
        return self.word.name

    @property
    def per(self) -> str:
        """`flip`, `ticket` or `message`: how often it may fire (rules/engine/decide.py)."""
        return "flip" if self.word.scope is Scope.STATE else str(getattr(self.options, "per", "ticket"))

    def effect(self, facts: Facts, rule: RuleRef) -> tuple[Wish, ...]:
        """Raises Blocked."""
        wish = self.word.effect(self.options, facts, rule)
        return tuple(wish) if isinstance(wish, Iterable) else (wish,)


@cache
def action_words() -> Mapping[str, ActionWord]:
    """Every action by its word, in alphabetical order."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.name.startswith("_"))
    return {name: _word(name, importlib.import_module(f"{__name__}.{name}")) for name in names}


def _word(name: str, module: ModuleType) -> ActionWord:
    return ActionWord(
        name=name,
        options=module.Options,
        shorthand=module.SHORTHAND,
        scope=module.SCOPE,
        effect=module.effect,
        doc=module.__doc__ or "",
    )

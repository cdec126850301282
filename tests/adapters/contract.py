"""What every adapter proves, whatever its provider: each check is a function of one `Ground`, named after what holds.

A new provider adds a `Bench` to test_contract.py and passes all of `CHECKS`; broken.py has the mistakes that each check must
catch, so that no check is there for show.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import isfunction, signature
from types import ModuleType

from tests.adapters import contract_door, contract_reading, contract_writing
from tests.adapters.ground import Ground

Check = Callable[[Ground], None]


def _checks_of(module: ModuleType) -> list[Check]:
    """The functions that the module itself defines over a ground, in their order."""
    own = [each for each in vars(module).values() if isfunction(each) and each.__module__ == module.__name__]
    return [each for each in own if list(signature(each).parameters) == ["ground"]]


CHECKS: tuple[Check, ...] = tuple(
    check for module in (contract_door, contract_reading, contract_writing) for check in _checks_of(module)
)

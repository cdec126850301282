"""Custom fields whose values have another type than mapped: one line in the log for each field, by types and never by values."""

from __future__ import annotations

import threading

from adapters.helpdesk import Misfit
from bot.log import get_logger

log = get_logger("fields")


class MisfitLog:
    """Tells of each field once in a process: it is the same on every ticket."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._guard = threading.Lock()

    def __call__(self, misfit: Misfit) -> None:
        place = (misfit.account, misfit.field)
        with self._guard:
            if place in self._told:
                return
            self._told.add(place)
        log.warning(
            "field.of_another_type",
            account=misfit.account,
            field=misfit.field,
            expected=misfit.expected,
            found=misfit.found,
            then="unknown to rules; deskhand doctor compares the types",
        )


MISFITS = MisfitLog()

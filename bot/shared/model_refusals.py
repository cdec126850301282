"""What a model's endpoint is known to refuse, kept in the database: RQ works each job in a process of its own, which forgets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from adapters.ticket import Json
from bot.config import ModelSettings
from bot.drafts.llm.endpoint_refusals import OPTIONS, REMEMBERED_S, key_of
from bot.log import get_logger
from bot.shared.reference_cache import SharedCache

log = get_logger("drafting")
_NO_ACCOUNT = ""  # of no helpdesk


class SharedRefusals:
    """The client's memory (bot.drafts.llm.endpoint_refusals.Refusals), of all workers. Without a database nothing is known."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._cache = SharedCache(engine, _NO_ACCOUNT, REMEMBERED_S, clock)

    def known(self, settings: ModelSettings) -> frozenset[str]:
        try:
            kept = self._cache.get(_name(settings), REMEMBERED_S)
        except SQLAlchemyError as error:
            log.warning("model.refusals_unknown", why=type(error).__name__)
            return frozenset()
        return frozenset(OPTIONS) & frozenset(kept if isinstance(kept, list) else ())

    def learn(self, settings: ModelSettings, refused: frozenset[str]) -> None:
        log.info("model.refuses", model=settings.name, options=",".join(sorted(refused)))
        try:
            self._cache.put(_name(settings), list[Json](sorted(refused)))
        except SQLAlchemyError as error:
            log.warning("model.refusals_not_kept", why=type(error).__name__)


def _name(settings: ModelSettings) -> str:
    return f"model-{hashlib.sha256(repr(key_of(settings)).encode()).hexdigest()[:16]}"

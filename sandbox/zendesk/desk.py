"""The stand-in Zendesk: its verbs (verbs.py) behind its API (api.py)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.core_gate import build
from sandbox.zendesk import api
from sandbox.zendesk.verbs import ZendeskVerbs


class ZendeskDesk(ZendeskVerbs):
    def app(self) -> Any:
        return build(self, self._add_api)

    def _add_api(self, app: Flask) -> None:
        api.add(app, self)

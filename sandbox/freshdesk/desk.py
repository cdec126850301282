"""The stand-in Freshdesk: its verbs (verbs.py) behind its API (routes.py)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.core_gate import build
from sandbox.freshdesk.routes import blueprint
from sandbox.freshdesk.verbs import FreshdeskVerbs


class FreshdeskDesk(FreshdeskVerbs):
    def app(self) -> Any:
        return build(self, self._add_api)

    def _add_api(self, app: Flask) -> None:
        app.register_blueprint(blueprint(self))

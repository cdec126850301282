"""The stand-in Intercom: its verbs (verbs.py) behind its API (routes.py)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from sandbox.core_gate import build
from sandbox.intercom.routes import blueprint, unknown_paths
from sandbox.intercom.verbs import IntercomVerbs


class IntercomDesk(IntercomVerbs):
    def app(self) -> Any:
        return build(self, self._add_api)

    def _add_api(self, app: Flask) -> None:
        app.register_blueprint(blueprint(self))
        unknown_paths(app, self)

"""What an agent would see of a stand-in: the list of tickets and each ticket, with forms to write as anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

if TYPE_CHECKING:
    from sandbox.desk import Desk


def add(app: Flask, desk: Desk) -> None:
    """Add the pages to `app`."""

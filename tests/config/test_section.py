"""Every section refuses what it does not know, and stays as it was read."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.config.section import Section


class Door(Section):
    width: int = 1


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Door.model_validate({"widht": 2})


def test_a_section_cannot_be_changed() -> None:
    door = Door(width=2)

    with pytest.raises(ValidationError, match="frozen"):
        door.width = 3

"""What Zendesk says of each kind of write."""

from __future__ import annotations

from typing import get_args, get_type_hints

from adapters.writes import Support, Write
from adapters.zendesk.capabilities import CAPABILITIES


def test_every_write_kind_has_its_capability() -> None:
    union, _discriminator = get_args(Write)
    kinds = {get_args(get_type_hints(each)["kind"])[0] for each in get_args(union)}

    assert set(CAPABILITIES) == kinds


def test_every_fallback_says_what_happens_instead() -> None:
    assert all(row.fallback for row in CAPABILITIES.values() if row.support is not Support.YES)

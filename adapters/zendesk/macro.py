"""Which placeholders of a macro came out empty. Zendesk renders `Hi {{ticket.requester.first_name}},` as `Hi ,` without a word.

https://support.zendesk.com/hc/en-us/articles/4408886858138 (placeholders)
"""

from __future__ import annotations

import re

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]{1,200}?)\s*\}\}")
_LOGIC = "{%"


def missing_placeholders(template: str, rendered: str) -> tuple[str, ...]:
    """Names of the placeholders that have no value in `rendered`, in order of the template.

    The fixed texts between placeholders are looked for one after the other; what lies between two is the value. Where they
    cannot be found (Liquid logic, rewritten text) nobody can tell, and every placeholder counts as missing.
    """
    pieces = _PLACEHOLDER.split(template)
    fixed, names = [_squeezed(piece) for piece in pieces[0::2]], pieces[1::2]
    if not names and _LOGIC not in template:
        return ()
    values = None if _LOGIC in template else _values(fixed, _squeezed(rendered))
    if values is None:
        return tuple(dict.fromkeys(names)) or (_LOGIC,)
    empty = (name for name, value in zip(names, values, strict=True) if not value.strip() or _PLACEHOLDER.search(value))
    return tuple(dict.fromkeys(empty))


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _values(fixed: list[str], rendered: str) -> list[str] | None:
    """What stands between the fixed texts, or None if they are not all there. Two placeholders side by side share a value."""
    if not rendered.startswith(fixed[0]):
        return None
    place = len(fixed[0])
    values: list[str] = []
    side_by_side = 1
    for number, piece in enumerate(fixed[1:], start=1):
        is_last = number == len(fixed) - 1
        if not piece and not is_last:
            side_by_side += 1
            continue
        end = len(rendered) - len(piece) if is_last else rendered.find(piece, place)
        if end < place or not rendered.startswith(piece, end):
            return None
        values += [rendered[place:end]] * side_by_side
        place, side_by_side = end + len(piece), 1
    return values

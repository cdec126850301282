"""What the doctor asks of the mapped custom fields: are they there, and of the type that the configuration says?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.custom_values import EXPECTED, FITS
from adapters.errors import AdapterError
from adapters.helpdesk import FieldMapping, Helpdesk
from bot.cli.doctor.checks import Finding


def look_at_fields(helpdesk: Helpdesk) -> Iterator[Finding]:
    """A field of another type is unknown on every ticket, or on each whose text is no number or date: rules that ask for it do
    not hold. Nothing is asked where the account maps none."""
    fields = helpdesk.account.fields
    if not fields:
        return
    what = f"fields of {helpdesk.account.name}"
    try:
        there = helpdesk.field_types()
    except AdapterError as error:
        yield Finding(what, True, f"not compared with the helpdesk: {error}", is_warning=True)
        return
    wrong = [words for each in fields if (words := _wrong(each, there))] if there else []
    if wrong:
        yield Finding(what, True, "; ".join(wrong), is_warning=True)


def _wrong(mapping: FieldMapping, there: Mapping[str, str]) -> str:
    """What is wrong with a mapping, or ""."""
    named = f"{mapping.slug} ({mapping.vendor})"
    if mapping.vendor not in there:
        return f"{named} is not there: look at `vendor`"
    kind = there[mapping.vendor]
    if kind in FITS[mapping.type]:
        return ""
    if not kind:
        return f"{named} is of a kind that cannot be read: it stays unknown"
    effect = "values that are not are unknown" if kind in ("text", "enum") else "its values are unknown"
    return f"{named} is `{kind}` there and mapped as `{mapping.type}`, {EXPECTED[mapping.type]}: {effect}; write `type: {kind}`"

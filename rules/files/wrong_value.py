"""pydantic's errors in words for whoever wrote the file: what was wanted, never what was found, which may be a secret."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic_core import ErrorDetails

# https://docs.pydantic.dev/latest/errors/validation_errors/ names the types; `{ge}` is of an error's context.
_WORDS: Mapping[str, str] = {
    "missing": "this is missing",
    "int_type": "wanted a whole number",
    "int_parsing": "wanted a whole number",
    "int_parsing_size": "wanted a whole number, a smaller one",
    "int_from_float": "wanted a whole number",
    "float_type": "wanted a number",
    "float_parsing": "wanted a number",
    "finite_number": "wanted a number, not infinity",
    "bool_type": "wanted true or false",
    "bool_parsing": "wanted true or false",
    "string_type": "wanted text, in quotation marks where it looks like a number or a date",
    "string_too_short": "wanted {min_length} letters or more",
    "string_too_long": "wanted {max_length} letters at most",
    "string_pattern_mismatch": "wanted text of the form {pattern}",
    "greater_than": "wanted more than {gt}",
    "greater_than_equal": "wanted {ge} or more",
    "less_than": "wanted less than {lt}",
    "less_than_equal": "wanted {le} at most",
    "multiple_of": "wanted a multiple of {multiple_of}",
    "too_short": "wanted {min_length} or more of them",
    "too_long": "wanted {max_length} of them at most",
    "list_type": "wanted a list",
    "tuple_type": "wanted a list",
    "set_type": "wanted a list",
    "frozen_set_type": "wanted a list",
    "iterable_type": "wanted a list",
    "dict_type": "wanted {{name: value}}",
    "mapping_type": "wanted {{name: value}}",
    "model_type": "wanted {{name: value}}",
    "model_attributes_type": "wanted {{name: value}}",
    "dataclass_type": "wanted {{name: value}}",
    "invalid_key": "wanted a name as text",
    "none_required": "wanted nothing here",
    "path_type": "wanted a path",
    "date_type": "wanted a day such as 2027-01-31",
    "date_parsing": "wanted a day such as 2027-01-31",
    "date_from_datetime_parsing": "wanted a day such as 2027-01-31",
    "date_from_datetime_inexact": "wanted a day such as 2027-01-31, without a time",
    "datetime_type": "wanted a time such as 2027-01-31T09:30:00+00:00",
    "datetime_parsing": "wanted a time such as 2027-01-31T09:30:00+00:00",
    "datetime_from_date_parsing": "wanted a time such as 2027-01-31T09:30:00+00:00",
    "timezone_aware": "wanted a time with its zone, such as 2027-01-31T09:30:00+00:00",
}
_CHOICES = ("enum", "literal_error")


def in_words(error: ErrorDetails) -> str:
    """What was wanted. Our own validators' messages stay as they are, and so does what pydantic says of rarer mistakes."""
    about = error.get("ctx", {})
    if choices := choices_of(error):
        return f"wanted {' or '.join(choices)}" if len(choices) < 3 else f"wanted one of {', '.join(choices)}"
    if about.get("min_length") == 1:
        return "wanted something, and there is nothing"
    if (words := _WORDS.get(error["type"])) is not None:
        return words.format_map(about)
    return error["msg"].removeprefix("Value error, ")


def choices_of(error: ErrorDetails) -> list[str]:
    """The values that are allowed, where there are only some."""
    expected = error.get("ctx", {}).get("expected", "") if error["type"] in _CHOICES else ""
    return re.findall(r"'([^']+)'", str(expected))

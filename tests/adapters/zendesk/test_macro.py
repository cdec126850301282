"""Which placeholders of a macro came out empty."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.zendesk.macro import missing_placeholders


@pytest.mark.parametrize(
    ("template", "rendered", "missing"),
    [
        ("Hi {{name}}, ok", "Hi Clara, ok", ()),
        ("Hi {{ name }}, ok", "Hi , ok", ("name",)),
        ("{{name}}", "", ("name",)),
        ("No placeholder", "No placeholder", ()),
        ("Hi {{a}} {{b}}!", "Hi Clara Customer!", ()),
        ("Hi {{a}}{{b}}!", "Hi !", ("a", "b")),
        ("{{a}} and {{a}}", "x and x", ()),
        ("Hi {{name}},\n\nok", "Hi  Clara,\r\n\r\nok", ()),
        ("Hi {{name}}", "Hi {{name}}", ("name",)),
        ("Hi {{name}}, ok", "Something else", ("name",)),
        ("Hi {% if x %}{{name}}{% endif %}", "Hi Clara", ("name",)),
        ("Hi {% if x %}you{% endif %}", "Hi you", ("{%",)),
        ("{{greeting}}\n\nTail", "Dear Clara\n\nTail", ()),
        ("{{greeting}}\n\nTail", "Tail", ("greeting",)),
    ],
)
def test_placeholders_without_a_value_are_named(template: str, rendered: str, missing: tuple[str, ...]) -> None:
    assert missing_placeholders(template, rendered) == missing


@given(st.text(alphabet="ab {}\n", max_size=40), st.text(alphabet="ab {}\n", max_size=40))
def test_any_template_and_text_are_compared(template: str, rendered: str) -> None:
    missing_placeholders(template, rendered)


@given(st.lists(st.text(alphabet="xyz", min_size=1, max_size=5), min_size=1, max_size=4))
def test_values_that_are_there_are_never_missing(values: list[str]) -> None:
    template = "Begin " + ", then ".join(f"{{{{v{n}}}}}" for n in range(len(values))) + " end."
    rendered = "Begin " + ", then ".join(values) + " end."

    assert missing_placeholders(template, rendered) == ()

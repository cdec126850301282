"""adapters/raw.py: wrong shapes name their place, and nothing hostile gets through or takes long."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import PayloadUnexpected
from adapters.raw import MAX_DEPTH, Raw, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=12,
)
READERS = ("text", "whole", "number", "flag", "identifier", "time")


def test_a_wrong_shape_names_path_and_type_but_not_the_value() -> None:
    payload = Raw({"detail": {"id": ["my password"]}})

    with pytest.raises(PayloadUnexpected) as caught:
        payload["detail"]["id"].whole()

    assert str(caught.value) == "$.detail.id: wanted a whole number, found a list"


def test_a_missing_place_is_named_with_nothing_found() -> None:
    with pytest.raises(PayloadUnexpected, match=r"\$\.a\.b: wanted text, found nothing"):
        Raw({})["a"]["b"].text()


def test_a_default_stands_for_absent_null_and_empty() -> None:
    payload = Raw({"null": None, "empty": ""})

    assert [payload[name].text(default="-") for name in ("null", "empty", "absent")] == ["-", "-", "-"]


@pytest.mark.parametrize(("value", "wanted"), [("42", "42"), (42, "42"), ("01HX-a_b", "01HX-a_b")])
def test_an_id_is_text_whatever_it_came_as(value: object, wanted: str) -> None:
    assert Raw(value).identifier() == wanted


@pytest.mark.parametrize("value", ["../1", "1?x=2", "a b", "1/2", "é", "x" * 65, 1.5, True, ["1"], {"id": 1}])
def test_an_id_that_could_change_a_path_is_refused(value: object) -> None:
    with pytest.raises(PayloadUnexpected):
        Raw(value).identifier()


@pytest.mark.parametrize("value", [None, "", "0", 0])
def test_empty_and_zero_are_no_id(value: object) -> None:
    assert Raw(value).identifier(default=None) is None


@pytest.mark.parametrize("value", ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", 1767323045, "1767323045"])
def test_times_are_aware_and_utc(value: object) -> None:
    assert Raw(value).time() == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_nanoseconds_are_read_as_far_as_they_go() -> None:
    assert Raw("2026-01-02T03:04:05.123456789Z").time() == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)


@pytest.mark.parametrize("value", ["nan", "yesterday", -1e400, "9" * 400, True, [], "2026-13-01"])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(PayloadUnexpected, match="wanted a time"):
        Raw(value).time()


@pytest.mark.parametrize("value", ["nan", "inf", float("inf"), True, "ten", [1]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(PayloadUnexpected, match="wanted a number"):
        Raw(value).number()


@pytest.mark.parametrize("body", [b'{"id": 1, "id": 2}', b"[NaN]", b"[Infinity]", b"[1e999]", b"[" + b"9" * 41 + b"]"])
def test_json_that_could_mean_two_things_is_refused(body: bytes) -> None:
    with pytest.raises(PayloadUnexpected):
        read_json(body)


def test_other_bytes_than_utf8_are_refused_and_a_byte_order_mark_is_not() -> None:
    with pytest.raises(PayloadUnexpected, match="UTF-8"):
        read_json('{"a": "ü"}'.encode("latin-1"))

    assert read_json(b'\xef\xbb\xbf{"a": 1}')["a"].whole() == 1


def test_deep_nesting_is_refused_quickly() -> None:
    began = time.thread_time()

    with pytest.raises(PayloadUnexpected, match="nested deeper"):
        read_json(b"[" * 100_000 + b"]" * 100_000)

    assert time.thread_time() - began < 1


def test_brackets_inside_text_are_no_nesting() -> None:
    assert read_json(json.dumps({"a": '[{"' * 100}).encode())["a"].text().startswith('[{"')


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert read_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH).value is not None


def test_text_without_an_end_costs_one_pass() -> None:
    began = time.thread_time()

    with pytest.raises(PayloadUnexpected, match="not JSON"):
        read_json(b'"' + b'\\"' * 500_000)

    assert time.thread_time() - began < 1


def test_text_that_no_database_keeps_is_replaced() -> None:
    read = read_json(rb'{"a": "x\ud800y", "b\u0000": ["\u0000"], "c": "\ud83d\ude00"}').value

    assert read == {"a": "x�y", "b�": ["�"], "c": "😀"}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_json(body)
    except PayloadUnexpected as error:
        assert error.path == "$"


@given(JSON)
def test_any_json_is_read_as_it_was_written(value: object) -> None:
    try:
        read = read_json(json.dumps(value).encode())
    except PayloadUnexpected as error:
        assert "digits" in error.problem or "nested" in error.problem
        return

    json.dumps(read.value).encode()
    assert "\\u" in json.dumps(value) or read.value == value


@given(JSON, st.sampled_from(READERS))
def test_a_reader_gives_its_type_or_names_the_place(value: object, reader: str) -> None:
    try:
        getattr(Raw({"x": value})["x"], reader)()
    except PayloadUnexpected as error:
        assert error.path == "$.x"


@given(JSON)
def test_walking_never_fails(value: object) -> None:
    place = Raw(value)["a"]["b"]

    assert not place.is_there or isinstance(value, dict)
    assert place.path == "$.a.b"

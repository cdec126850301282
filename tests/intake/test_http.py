"""A request's headers and body as WSGI has them, and answers as JSON."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from bot.intake.http import BodyCut, Headers, answer, come_again, is_readable_type, read_body


def environ(body: bytes, length: int | None = None, **more: Any) -> dict[str, Any]:
    announced = {} if length is None else {"CONTENT_LENGTH": str(length)}
    return {"wsgi.input": io.BytesIO(body), **announced, **more}


def test_headers_go_by_their_names_in_any_letters() -> None:
    headers = Headers({"HTTP_X_SECRET": "s", "CONTENT_TYPE": "application/json", "wsgi.input": None})

    assert (headers["X-Secret"], headers.get("content-type"), headers.get("x-none")) == ("s", "application/json", None)
    assert "x-secret" in headers
    assert sorted(headers) == ["content-type", "x-secret"]
    assert len(headers) == 2


def test_a_body_of_its_length_is_read_and_no_byte_more() -> None:
    assert read_body(environ(b"abcdef", 3), 10) == b"abc"


def test_a_body_over_the_cap_is_not_read() -> None:
    given = environ(b"a" * 11, 11)

    assert read_body(given, 10) is None
    assert given["wsgi.input"].tell() == 0
    assert read_body(environ(b"a" * 11, **{"wsgi.input_terminated": True}), 10) is None


def test_a_body_that_ends_early_is_cut() -> None:
    with pytest.raises(BodyCut):
        read_body(environ(b"ab", 3), 10)


def test_without_a_length_only_a_body_with_an_end_is_read() -> None:
    assert read_body(environ(b"abc"), 10) == b""
    assert read_body(environ(b"abc", **{"wsgi.input_terminated": True}), 10) == b"abc"


@pytest.mark.parametrize(
    ("content_type", "is_read"),
    [
        ("application/json", True),
        ("Application/JSON; charset=UTF-8", True),
        ('application/json; charset="utf-8"', True),
        ("application/json; charset=utf-16", False),
        ("text/plain", False),
        ("", False),
    ],
)
def test_a_type_and_a_coding_that_are_read(content_type: str, is_read: bool) -> None:
    assert is_readable_type(content_type, frozenset({"application/json"})) is is_read


def test_an_answer_is_json_with_its_status() -> None:
    said: list[Any] = []
    made = answer(202, "stored", id="d1")

    body = b"".join(made.give(lambda status, headers: said.extend([status, dict(headers)])))

    assert json.loads(body) == {"status": 202, "id": "d1"}
    assert said == ["202 Accepted", {"Content-Type": "application/json", "Content-Length": str(len(body))}]


def test_who_shall_come_again_is_told_when() -> None:
    made = come_again("the database is away", 20)

    assert (made.status, made.reason) == (503, "unavailable")
    assert ("Retry-After", "20") in made.headers

"""The fuzzer's short form, what it once found, and that it does find things."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.fuzz import Seen, Wish, attack, receiver, send_raw, told_in, tried
from tests.chaos.letters import REFUSED, STORED, Case, case, signed, wild_bytes, wild_letter
from tests.harness.nightly import size

HEAD = b"POST /webhooks/zendesk HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def test_a_few_seconds_of_it_find_nothing(tmp_path: Path) -> None:
    shown = attack(Wish(seed=8, seconds=size(3, 10), cases=size(150, 500)), tmp_path)

    assert shown.is_ok, "\n".join(shown.notes)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with receiver(tmp_path_factory.mktemp("receiver")) as (port, _):
        yield port


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n", 400),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;x\r\nab", 400),
        (HEAD + b"Transfer-Encoding: gzip\r\n\r\nabc", 400),
        (HEAD + b"Content-Length: 100\r\n\r\nabc", 400),
        (HEAD + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
    ],
)
def test_what_it_once_found(port: int, data: bytes, status: int) -> None:
    assert send_raw(port, data) == status


def test_an_answer_that_should_not_be_is_found(port: int) -> None:
    letter = signed("zendesk", b'{"id": "ev-1"}', secret="guessed")
    seen = Seen()

    tried(port, Case(number=7, kind="forged", letters=(letter,), answers=(STORED,)), seen)

    assert [each.partition(" answered")[0] for each in seen.wrong] == ["7: forged, step 0:"]
    assert seen.refused == {hashlib.sha256(letter.body).hexdigest()}


def test_a_traceback_in_the_log_is_found(tmp_path: Path) -> None:
    log = tmp_path / "webhooks.log"
    log.write_text("event=delivery.kept\nTraceback (most recent call last):\n", encoding="utf-8")

    assert told_in(log) == ["the log holds 'Traceback' 1 times"]


def test_a_number_always_makes_the_same_thing() -> None:
    assert [wild_bytes(5, number) for number in range(50)] == [wild_bytes(5, number) for number in range(50)]
    assert [wild_letter(5, number).method for number in range(50)] == [wild_letter(5, number).method for number in range(50)]
    assert [case(5, number).kind for number in range(50)] == [case(5, number).kind for number in range(50)]


def test_a_forged_letter_is_never_a_true_one() -> None:
    """The corpus itself must not be wrong: what it calls forged differs from what the vendor would send."""
    for number in range(400):
        found = case(3, number)
        if found.kind in ("forged", "changed"):
            [letter] = found.letters
            assert found.answers == (REFUSED,)
            assert letter.headers != signed(letter.provider, letter.body).headers

"""F23: signature headers given twice, and two lengths for one body."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.receiver_setup import ReceiverSetup, each_helpdesk, real_door, statuses
from tests.harness.deskhand import PROVIDERS
from tests.harness.nursery import Nursery


@pytest.fixture(scope="module")
def receivers(nursed: Nursery, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, ReceiverSetup]]:
    made: dict[str, ReceiverSetup] = {}
    contexts = [(name, real_door(nursed, tmp_path_factory.mktemp(name), name)) for name in PROVIDERS]
    try:
        for name, context in contexts:
            made[name] = context.__enter__()
        yield made
    finally:
        for _, context in contexts[: len(made)]:
            context.__exit__(None, None, None)


@each_helpdesk
def test_F23_a_header_of_the_proof_given_twice_is_a_bad_request(receivers: dict[str, ReceiverSetup], provider: str) -> None:
    found = receivers[provider]
    body = found.delivery()
    proof = found.desk.sign(body)
    plain = {**found.proof(body), "Content-Length": str(len(body)), "Connection": "close"}
    before = found.rows()

    answers = {
        (name, each): statuses(found.say(found.head(plain, (name, each)), body))
        for name, value in proof.items()
        for each in (value, "another")
    }

    assert set(map(tuple, answers.values())) == {(400,)}, answers
    assert found.rows() == before
    assert found.counted("signature_repeated") >= len(answers)


@pytest.mark.parametrize(
    "lengths",
    [
        [("Content-Length", "{length}"), ("Transfer-Encoding", "chunked")],
        [("Content-Length", "{length}"), ("Content-Length", "5")],
        [("Content-Length", "{length}"), ("Content-Length", "{length}")],
        [("Content-Length", "+{length}")],
        [("Content-Length", "-1")],
        [("Content-Length", "{length}, {length}")],
        [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")],
        [("Transfer-Encoding", "xchunked")],
        [("Content_Length", "5"), ("Transfer-Encoding", "identity")],
    ],
    ids=lambda each: " ".join(f"{name[:1]}:{value}" for name, value in each),
)
def test_F23_two_lengths_for_one_body_are_a_bad_request(
    receivers: dict[str, ReceiverSetup], lengths: list[tuple[str, str]]
) -> None:
    found = receivers["zendesk"]
    body = found.delivery()
    said = [(name, value.format(length=len(body))) for name, value in lengths]
    before = found.rows()

    # a stranger's second request hides behind the first
    answers = statuses(found.say(found.head(found.proof(body), *said), b"0\r\n\r\n", body))

    assert answers
    assert answers[0] in (400, 501)
    assert 500 not in answers
    assert 202 not in answers
    assert found.rows() == before


def test_F23_headers_that_only_differ_in_a_line_below_are_not_the_same(receivers: dict[str, ReceiverSetup]) -> None:
    """`X_Zendesk_…` would become the same name further in: it is dropped at the door."""
    found = receivers["zendesk"]
    body = found.delivery()
    proof = {name.replace("-", "_"): value for name, value in found.desk.sign(body).items()}
    plain = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}

    assert statuses(found.say(found.head({**plain, **proof}), body)) == [401]


def test_F23_headers_without_end_are_refused(receivers: dict[str, ReceiverSetup]) -> None:
    found = receivers["zendesk"]
    many = [(f"X-Header-{number}", "x" * 100) for number in range(2000)]

    assert statuses(found.say(found.head({"Content-Length": "0"}, *many))) == [431]
    assert statuses(found.say(found.head({"Content-Length": "0", "X-Long": "x" * 20_000}))) == [431]


def test_F23_what_was_refused_is_not_in_the_log(receivers: dict[str, ReceiverSetup]) -> None:
    found = receivers["freshdesk"]
    secret = found.desk.sign(b"")["X-Deskhand-Secret"]

    said = found.say(found.head({"Content-Length": "0", "X-Deskhand-Secret": f"{secret}\x01"}))

    assert statuses(said) == [400]
    assert secret.encode() not in said
    assert secret not in found.log()

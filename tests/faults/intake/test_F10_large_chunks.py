"""F10: a body of 50 MB in chunks that announces nothing."""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path

from tests.faults.intake.test_F09_large_body import held_bytes
from tests.faults.receiver_setup import MOST_BYTES, ReceiverSetup, real_door, statuses, until_closed
from tests.harness.nursery import Nursery

LARGE = 50_000_000


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def head_of_chunks(found: ReceiverSetup, body: bytes) -> bytes:
    return found.head({**found.proof(body), "Transfer-Encoding": "chunked"})


def test_F10_is_cut_at_the_cap_and_the_connection_closed(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        found.knock(found.delivery())
        before, taken = held_bytes(found), 0
        with closing(found.dial()) as connection:
            connection.sendall(head_of_chunks(found, b"{}"))
            with suppress(ConnectionError, TimeoutError):
                connection.settimeout(0.5)
                for _ in range(LARGE // 10_000):
                    connection.sendall(chunk(b" " * 10_000))
                    taken += 10_000
            connection.settimeout(10)
            said = until_closed(connection)  # to its end: it was closed

        assert statuses(said) == [413]
        assert b"Connection: close" in said
        assert taken < LARGE
        assert held_bytes(found) - before < 2_000_000
        assert found.rows() == {"pending": 1}


def test_F10_one_huge_chunk_is_cut_too(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        said = found.say(head_of_chunks(found, b"{}"), b"%x\r\n" % LARGE, b" " * (MOST_BYTES + 1))

        assert statuses(said) == [413]


def test_F10_chunks_within_the_cap_are_read(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        body = found.delivery()
        pieces = [body[at : at + 7] for at in range(0, len(body), 7)]

        said = found.say(head_of_chunks(found, body), *(chunk(each) for each in pieces), b"0\r\n\r\n")

        assert statuses(said) == [202]
        assert found.rows() == {"pending": 1}


def test_F10_what_is_no_chunk_is_refused(nursed: Nursery, tmp_path: Path) -> None:
    with real_door(nursed, tmp_path, "zendesk") as found:
        head = head_of_chunks(found, b"{}")
        broken = [b"zz\r\n{}\r\n0\r\n\r\n", b"2\r\n{}XX0\r\n\r\n" + b"0\r\n\r\n", b"-2\r\n{}\r\n0\r\n\r\n", b"2" * 200]

        answers = [statuses(found.say(head, each)) for each in broken]

        assert answers == [[400]] * len(broken)
        assert found.rows() == {}

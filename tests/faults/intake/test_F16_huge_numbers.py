"""F16: ticket ids and numbers beyond all size, NaN and Infinity."""

from __future__ import annotations

from pathlib import Path

from tests.faults.receiver_setup import answers_to, door, each_helpdesk, with_ticket

NUMBERS = [
    "1" + "0" * 400,
    "9" * 20_000,
    "-" + "9" * 20_000,
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e999",
    "1e-999",
    "1.5e308",
]


@each_helpdesk
def test_F16_as_a_ticket_id_is_refused(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()

        answers = answers_to(found, [with_ticket(provider, body, each) for each in NUMBERS])

        assert answers == [400] * len(NUMBERS)
        assert found.rows() == {}


@each_helpdesk
def test_F16_anywhere_else_it_is_refused_too_and_never_an_error_of_ours(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        body = found.delivery()
        hostile = [each for each in NUMBERS if each not in ("1e-999", "1.5e308")]

        answers = answers_to(found, [body[:-1] + f', "x": [{each}]}}'.encode() for each in hostile])

        assert answers == [400] * len(hostile)
        assert found.rows() == {}

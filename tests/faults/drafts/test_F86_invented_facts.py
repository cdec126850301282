"""F86: a draft names links, numbers or people that nobody gave it: taken out, or shown to the agent as something to check."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.model import Call
from tests.faults.model_setup import Mind, mind, mode, saying

TAKEN_OUT = [
    ("Visit https://evil.example.net/pay for more.", "evil", "a link was taken out"),
    ("Visit evil-pages.com/pay for more.", "evil", "a link was taken out"),
    ("Write to boss@evil.example.net for more.", "evil", "an address was taken out"),
    ("Call +49 30 5550199 for more.", "5550199", "a phone number was taken out"),
    ("Transfer it to DE89 3704 0044 0532 0130 00 please.", "0532", "an account number was taken out"),
]
LINES = [
    ("It costs 49.90 EUR a month.", "amount not found in ticket or sources: 49.90 EUR"),
    ("Your order ORD-99812 was found.", "number not found in ticket or sources: ORD-99812"),
    ("It arrives on 2027-03-09.", "date not found in ticket or sources: 2027-03-09"),
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind")) as made:
        yield made


@pytest.mark.parametrize(("sentence", "foreign", "line"), TAKEN_OUT)
def test_F86_what_could_do_harm_by_itself_is_taken_out(asked: Mind, sentence: str, foreign: str, line: str) -> None:
    with mode("inventing", saying(sentence)) as how:
        ticket = asked.ask(how)

    assert foreign not in asked.assert_draft(ticket)
    assert foreign not in asked.note(ticket)
    assert line in asked.note(ticket)


@pytest.mark.parametrize(("sentence", "line"), LINES)
def test_F86_what_a_person_can_judge_gets_a_line(asked: Mind, sentence: str, line: str) -> None:
    with mode("inventing", saying(sentence)) as how:
        ticket = asked.ask(how)

    asked.assert_draft(ticket)
    assert line in asked.note(ticket)


def test_F86_what_the_article_says_stays_without_a_line(asked: Mind) -> None:
    ticket = asked.ask()

    assert "Settings" in asked.assert_draft(ticket)
    assert "Check before sending" not in asked.note(ticket)


def test_F86_sources_that_do_not_exist_are_not_cited(asked: Mind) -> None:
    def citing(call: Call) -> str:
        return saying("This is explained elsewhere, too.")(call).replace('"A1"]}]', '"A77", "Z9"]}]')

    with mode("citing", citing) as how:
        ticket = asked.ask(how)

    asked.assert_draft(ticket)
    assert not [each for each in ("A77", "Z9") if each in asked.note(ticket)]

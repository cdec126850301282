"""Signs of machines and of people, and how they are weighed against each other."""

from __future__ import annotations

import time

import pytest

from adapters.ticket import Channel, Message, Ticket
from bot.senses.lexicon import tree
from bot.senses.machine_signs import ENOUGH, Sign, signs_of, verdict, words_of_a_person
from tests.harness.cpu_time import cpu_seconds_since

AWAY = "I am out of the office until Monday. In urgent cases please contact Ann."


def weights(subject: str, body: str) -> dict[str, float]:
    ticket = Ticket(subject=subject, channel=Channel.EMAIL, messages=(Message(body_text=body),))
    return {sign.why: sign.weight for sign in signs_of(ticket, f"{subject}\n\n{body}")}


def test_a_ticket_without_any_phrase_has_no_signs() -> None:
    assert weights("Export", "How do I export? It fails with an error.") == {}


def test_signs_add_up_and_those_of_the_verdict_are_told_the_heaviest_first() -> None:
    signs = [Sign(0.3, "little"), Sign(0.8, "much"), Sign(-0.2, "against")]

    assert verdict(signs) == (0.9, "much, little")
    assert verdict([*signs, Sign(-1.5, "a person")]) == (-0.6, "a person, against")


def test_a_learned_guess_is_never_enough_and_never_against_a_person() -> None:
    assert verdict([], 1.0)[0] < ENOUGH
    assert verdict([Sign(0.8, "x")], 1.0)[0] >= ENOUGH
    assert verdict([Sign(1.2, "x"), Sign(-0.5, "asks")], 1.0) == verdict([Sign(1.2, "x"), Sign(-0.5, "asks")])
    assert verdict([Sign(1.1, "x")], 0.0)[0] < ENOUGH


@pytest.mark.parametrize("lonely", ["away", "left", "announces", "receipt", "bounce"])
def test_no_kind_of_sentence_is_enough_by_itself(lonely: str) -> None:
    phrases = tree("auto_reply")["labels"][f"machine.{lonely}"][0]["en"]

    for phrase in phrases:
        found = weights("Question", f"{phrase.replace('*', '').replace('_', '')}, and so I tried it in two other browsers here")
        assert sum(found.values()) < ENOUGH, phrase


def test_all_of_a_machine_is_found_in_what_it_says() -> None:
    found = weights("Re: [#4711] Export", AWAY)

    assert set(found) == {
        "a ticket number of others",
        "says that somebody is away",
        "says who answers meanwhile",
        "answers our mail",
        "says nothing else",
    }


def test_each_sign_of_a_person_is_found() -> None:
    found = weights("Export", AWAY + " Is it done? It does not work. Please check it. I tried it in two other browsers here.")

    assert {why.partition(":")[0] for why, weight in found.items() if weight < 0} == {
        "asks",
        "tells of a fault",
        "wants something",
        "says other things",
    }


def test_what_a_person_says_is_left_of_a_notice() -> None:
    assert words_of_a_person(f"{AWAY} Somebody else reads all our invoices.").strip() == "Somebody else reads all our invoices."


def test_beside_a_mail_servers_code_only_a_fault_is_a_persons() -> None:
    bounce = "Your message could not be delivered. Diagnostics for whoever runs the server follow here. 550 5.1.1 User unknown."

    assert words_of_a_person(bounce) == ""
    assert words_of_a_person(f"{bounce} It does not work.").strip() == "It does not work."


def test_hostile_text_costs_its_beginning_only() -> None:
    begun = time.process_time()

    weights("Automatic reply: " * 10_000, "I am out of the office, but. " * 20_000)

    assert cpu_seconds_since(begun) < 1

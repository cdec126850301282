"""A ticket's first words as a vector: near to whoever tells the same, silent where nothing is told."""

from __future__ import annotations

import pytest

from adapters.ticket import Message, Ticket
from bot.facts import ticket_meaning
from bot.facts.ticket_meaning import Meaning, likenesses, meaning_of


def ticket(subject: str, *said: str) -> Ticket:
    return Ticket(subject=subject, messages=tuple(Message(external_id=str(n), body_text=each) for n, each in enumerate(said)))


def of(subject: str, *said: str) -> Meaning:
    found = meaning_of(ticket(subject, *said))
    assert found is not None
    return found


CODE = of("No login code", "I wait for the six digits on my phone, and no text message comes.")


@pytest.mark.parametrize(
    ("first", "same", "other"),
    [
        (
            CODE,
            of("locked out!!", "Your SMS with the verification number does not show up, so I cannot get into my account."),
            of("Login of a colleague", "Please remove the login of Tom, who has left our company."),
        ),
        (
            of("Export schlägt fehl", "Der CSV-Export bricht bei der Hälfte mit einem Fehler ab."),
            of("Daten", "Guten Tag, wenn ich unsere Daten als CSV exportiere, kommt nach der Hälfte eine Fehlermeldung."),
            of("Export planen", "Wie stelle ich ein, dass der CSV-Export jeden Montag von selbst läuft?"),
        ),
    ],
)
def test_tickets_that_tell_the_same_are_nearer_than_those_with_words_in_common(
    first: Meaning, same: Meaning, other: Meaning
) -> None:
    to_same, to_other = likenesses(first, [same.numbers, other.numbers])

    assert to_same > to_other + 0.1


def test_the_same_words_are_the_same_and_nobody_is_certain() -> None:
    assert [0.9 < each < 1 for each in likenesses(CODE, [CODE.numbers, CODE.numbers])] == [True, True]
    assert likenesses(CODE, []) == []


def test_english_goes_to_the_encoder_for_english_and_the_rest_to_the_one_for_all() -> None:
    german = of("Anmeldung", "Ich kann mich seit heute früh nicht mehr anmelden.")
    again = of("Login", "Seit heute früh komme ich nicht mehr in mein Konto.")
    assert CODE.maker != german.maker == again.maker
    assert (CODE.maker[:3], german.maker[:3]) == ("en:", "de:")
    assert len(CODE.numbers) < len(german.numbers)


def test_the_first_words_count_without_a_signature_and_whatever_is_said_later() -> None:
    said = "I wait for the six digits on my phone, and no text message comes."

    assert of("No login code", said, "It came now, thank you for your help with the order.") == CODE
    assert of("No login code", f"{said}\n\n-- \nJo Field\nFern Street 12") == CODE


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("", ""),
        ("Help!!", "Hello?"),
        ("4711", "12345 67890 12345 67890 12345"),
    ],
)
def test_what_says_too_little_is_like_nothing(subject: str, said: str) -> None:
    assert meaning_of(ticket(subject, said)) is None


def test_what_nobody_has_said_is_like_nothing() -> None:
    """At Intercom a conversation may begin with words of ours."""
    assert meaning_of(Ticket(subject="News", description="We have released a new version of our shop today.")) is None


def test_half_a_letter_is_read_past() -> None:
    assert meaning_of(ticket("No login code \ud83d", "I wait for the six digits, and no text message comes.")) is not None


def test_without_encoders_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticket_meaning, "encoder", lambda: None)
    monkeypatch.setattr(ticket_meaning, "english_encoder", lambda: None)

    assert meaning_of(ticket("Nobody has read this", "A text of which no vector was made before.")) is None

"""A draft's tone: no politeness by reflex, capitals where sentences begin, and what names its matter stays."""

from __future__ import annotations

import pytest

from bot.drafts.tone.manners import mannered, with_capital
from bot.drafts.types import Sentence
from tests.drafts.makers import ask, ticket


def shown(*texts: str, intent: str = "how_to", language: str = "en", name: str = "Clara Chief") -> list[str]:
    sentences = tuple(Sentence(text=each) for each in texts)
    return [each.text for each in mannered(sentences, ask(ticket(name=name), language=language, intent=intent), language)]


@pytest.mark.parametrize(
    "reflex",
    [
        "thank you for writing, and I am sorry for the trouble.",
        "Thank you for contacting us.",
        "Thanks for reaching out!",
        "I am sorry for the inconvenience.",
        "We apologize for any inconvenience caused.",
        "A colleague looks at your message and answers here.",
        "One of our agents will review your request shortly.",
        "vielen Dank für Ihre Nachricht, die Unannehmlichkeiten tun uns leid.",
        "Eine Kollegin sieht sich Ihr Anliegen an und antwortet hier.",
        "merci pour votre message, nous sommes désolés pour ce désagrément.",
        "Un collègue examine votre demande et vous répond ici.",
        "gracias por su mensaje, lamentamos las molestias.",
        "Un compañero revisa su caso y le responde aquí.",
        "grazie per il suo messaggio, ci scusiamo per il disagio.",
    ],
)
def test_a_reflex_is_left_out(reflex: str) -> None:
    assert shown("Hello Clara,", reflex, "Open Settings.") == ["Hello Clara,", "Open Settings."]


@pytest.mark.parametrize(
    "sentence",
    [
        "I am sorry that the export fails at row 812.",
        "Thank you for the exact times.",
        "Thank you, the 200 tells us that your endpoint is reachable.",
        "Our billing team checks both payments.",
        "Please write back if anything is unclear.",
    ],
)
def test_what_names_its_matter_stays(sentence: str) -> None:
    assert shown("Hello Clara,", sentence) == ["Hello Clara,", sentence]


def test_an_apology_stays_where_something_went_wrong() -> None:
    assert shown("Hello Clara,", "I am sorry for the trouble.", intent="outage") == [
        "Hello Clara,",
        "I am sorry for the trouble.",
    ]


def test_thanks_before_the_matter_are_taken_off_it() -> None:
    assert shown("Hello Clara,", "thank you for your message, the export is in Settings.")[1] == "The export is in Settings."


def test_sentences_begin_with_a_capital_but_for_german_after_the_greeting() -> None:
    assert shown("Hello Clara,", "open Settings.")[1] == "Open Settings."
    german = shown("Guten Tag,", "Das Team prüft es.", "das dauert.", language="de")
    assert german == ["Guten Tag,", "das Team prüft es.", "Das dauert."]


@pytest.mark.parametrize(
    "text", ["iPhone 15 is supported.", "config.yaml holds it.", "https://help.example.com", "a_b is a name", "1. Open"]
)
def test_names_that_begin_small_stay_small(text: str) -> None:
    assert with_capital(text) == text


def test_the_words_of_a_source_are_not_taken_for_politeness() -> None:
    quoted = (Sentence(text="Hello,"), Sentence(text="Thank you for your message.", sources=("M1",)))

    assert [each.text for each in mannered(quoted, ask(), "en")] == ["Hello,", "Thank you for your message."]

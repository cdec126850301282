"""What a drafter is asked and what it gives: languages, lines, JSON."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.ticket import Attachment, Message, Person, Ticket
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import DraftAsk, Sentence, compose, is_step, to_json, withheld
from rules.model.facts import Signal
from tests.drafts.makers import NOW, SHELF, ask


def test_lists_and_greeting_stand_on_lines_of_their_own() -> None:
    texts = ["Hello,", "this is how.", "1. One.", "2. Two.", "That is all.", "Really."]

    assert (
        compose(tuple(Sentence(text=each) for each in texts))
        == "Hello,\n\nthis is how.\n\n1. One.\n2. Two.\n\nThat is all. Really."
    )


def test_a_draft_prints_as_json_with_the_stable_keys() -> None:
    printed = to_json(OfflineDrafter(SHELF).draft(ask()), note="<p></p>")

    assert {"text", "language", "sentences", "withheld", "reason", "note"} <= set(printed)
    assert json.loads(json.dumps(printed)) == printed


@pytest.mark.parametrize(
    ("wish", "detected", "ticket", "locale", "language"),
    [
        ("fr", "de", "es", "it", "fr"),
        ("", "de", "es", "it", "de"),
        ("", "und", "es", "it", "es"),
        ("", "und", "", "pt_BR", "pt"),
        ("", "und", "", "", "en"),
        ("DE-AT", "en", "", "", "de"),
    ],
)
def test_the_language_is_the_agents_wish_then_detected_then_known(
    wish: str, detected: str, ticket: str, locale: str, language: str
) -> None:
    of = Ticket(language=ticket, requester=Person(locale=locale))

    asked = DraftAsk(ticket=of, now=NOW, signals={"language": Signal(value=detected)}, language=wish)

    assert asked.wanted_language == language


def test_what_is_asked_is_the_question_else_the_newest_words_else_the_description() -> None:
    of = Ticket(subject="Export", description="As described", messages=(Message(body_text="How?"),))

    assert DraftAsk(ticket=of, now=NOW, question="Why?").asked == "Why?"
    assert DraftAsk(ticket=of, now=NOW).asked == "How?"
    assert DraftAsk(ticket=replace(of, messages=()), now=NOW).asked == "As described"
    assert DraftAsk(ticket=Ticket(subject="Export"), now=NOW).asked == "Export"


def test_an_earlier_question_is_not_asked_again_by_a_message_without_words() -> None:
    picture = Message(attachments=(Attachment(name="screen  shot.png"), Attachment()))
    of = Ticket(subject="Reset", description="How?", messages=(Message(body_text="How?"), picture))

    assert (DraftAsk(ticket=of, now=NOW).asked, DraftAsk(ticket=of, now=NOW).files) == ("", ("screen shot.png", "unnamed file"))
    assert DraftAsk(ticket=Ticket(subject="Reset"), now=NOW).files == ()


def test_no_draft_keeps_its_reason_language_and_intent() -> None:
    found = withheld("nothing fits", ask(language="de", intent="billing"), drafter="model", model="m")

    assert (found.withheld, found.reason, found.text) == (True, "nothing fits", "")
    assert (found.language, found.intent, found.drafter, found.model) == ("de", "billing", "model", "m")
    assert withheld("nothing fits").language == "en"


@pytest.mark.parametrize(
    ("line", "step"), [("1. Open", True), ("12) Open", True), ("- Open", True), ("2026 was", False), ("", False)]
)
def test_steps_are_known_by_their_first_word(line: str, step: bool) -> None:
    assert is_step(line) is step

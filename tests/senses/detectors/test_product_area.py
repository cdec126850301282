"""product_area: of the issue, else by the area's words, else by its examples, else unknown."""

from __future__ import annotations

from functools import partial

import pytest

from adapters.ticket import AuthorKind, Direction, Message, Ticket
from bot.senses import visible_text
from bot.senses.detectors.product_area import detect
from rules.values.own_issues import NO_OWN_ISSUES
from tests.rules.build import rules_of
from tests.senses.makers import signal, ticket, value

OWN = rules_of("""
areas:
  kitchen: {words: [printer, drucker*]}
  tables: {words: [reservation], examples: [The table is booked twice, Ein Tisch wurde doppelt vergeben, Wir haben keinen Tisch]}
  pay: {words: [card reader]}
issues:
  kitchen.silent:
    type: bug
    area: kitchen
    examples: [The kitchen gets no tickets from the till, Nothing arrives in the kitchen, Die Küche bekommt keine Bons]
""").own_issues
area = partial(detect, own=OWN)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The kitchen gets no tickets from the till today.", "kitchen"),
        ("Which paper does the printer at the bar need?", "kitchen"),
        ("Unsere Druckerpapiere sind leer, welche bestellen wir?", "kitchen"),
        ("One table was booked twice on Saturday evening.", "tables"),
        ("The card reader is near the printer. Can the card reader and the reader be moved, and the reservation?", "pay"),
        ("I have forgotten my password.", None),
        ("", None),
    ],
)
def test_the_area_is_what_most_tells_of(text: str, found: str | None) -> None:
    assert value(area, text) == found


def test_the_evidence_says_what_it_rests_on() -> None:
    assert signal(area, ticket("Is there paper for the printer?")).why == "words found: printer"
    assert "kitchen.silent “The kitchen gets no tickets" in signal(area, ticket("The kitchen gets no tickets at all.")).why


def test_several_words_are_surer_than_one() -> None:
    one, two = ticket("The printer is new."), ticket("The printer, or Drucker, is new.")

    assert signal(area, one).score < signal(area, two).score


def test_a_short_answer_keeps_the_area() -> None:
    asked = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Which one?")
    later = Ticket(messages=(Message(body_text="Is there paper for the printer?"), asked, Message(body_text="The new one.")))

    assert area(later, visible_text(later)).value == "kitchen"


def test_advertisement_and_a_team_without_areas_have_none() -> None:
    seller = "We can rank your website first, SEO services, buy backlinks for your printer shop now!"

    assert value(partial(detect, own=NO_OWN_ISSUES), "The printer is new.") is None
    assert area(Ticket(subject=seller, is_spam=True), seller).value is None

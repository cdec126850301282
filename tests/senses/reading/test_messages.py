"""Readings of a ticket's messages, with what the ticket says of them."""

from __future__ import annotations

import unicodedata

import pytest

from adapters.ticket import AuthorKind, Channel, Direction, Message, Person, Ticket
from bot.senses.reading import own_words_of, read_first, read_newest, visible_text
from rules.model.facts import OwnWords

SAID = "Press Export.\nIf you want a refund, tell us its number."
ANSWER = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text=SAID)
HEADING = "On Mon, Mar 2, 2026 at 10:00 AM Support <s@desk.example> wrote:"
QUOTED = f"Works, thanks!\n\n{HEADING}\n> Press Export. If you want a refund, tell us.\n"


def asked(text: str = "How?", **more: str) -> Message:
    return Message(body_text=text, **more)  # type: ignore[arg-type]


def test_visible_text_has_the_subject_of_a_first_message_only() -> None:
    assert visible_text(Ticket(subject="Export", messages=(asked(),))) == "Export\n\nHow?"
    assert visible_text(Ticket(subject="Export", messages=(asked(), asked("And why?")))) == "And why?"


def test_visible_text_leaves_out_lines_that_the_customer_quotes() -> None:
    assert visible_text(Ticket(messages=(asked("> Is everything down?\nNo, only the export."),))) == "No, only the export."


def test_a_chat_message_is_taken_as_it_stands() -> None:
    body = "It says:\n> error 5\n-- \nso what?"

    assert visible_text(Ticket(channel=Channel.CHAT, messages=(asked(body),))) == body


def test_rules_see_own_words_and_what_is_quoted_apart() -> None:
    own = own_words_of(Ticket(messages=(asked(), ANSWER, asked(QUOTED))))

    assert own == OwnWords(newest="Works, thanks!", quoted="Press Export. If you want a refund, tell us.")


def test_a_body_that_is_all_own_words_is_not_repeated() -> None:
    assert own_words_of(Ticket(messages=(asked("It  fails.\n\n\nAgain."),))) == OwnWords()
    assert own_words_of(Ticket(description="It fails.")) == OwnWords()


def test_a_description_of_its_own_is_the_first_message() -> None:
    ticket = Ticket(description="It fails.\n\nBest\nJo Field", messages=(asked("Another text"),))

    assert (read_first(ticket).own, read_newest(ticket).own) == ("It fails.", "Another text")


def test_a_description_is_read_with_the_markup_of_its_message() -> None:
    html = "<p>Works.</p><p hidden>cancel</p>"
    ticket = Ticket(description="Works.\n\ncancel", messages=(asked("Works.\n\ncancel", body_html=html),))

    assert (own_words_of(ticket).first, own_words_of(ticket).newest) == ("Works.", "Works.")


def test_the_ticket_says_who_asks_and_who_wrote_before() -> None:
    chat = "(10:02) Acme: Cancel it?\n(10:03) Jo Field: No."
    ticket = Ticket(requester=Person(name="Jo Field"), messages=(asked(chat),))
    thread = Ticket(messages=(asked(), ANSWER, asked("12.\n\nIf you want a refund, tell us its number.")))

    assert read_newest(ticket).own == "No."
    assert read_newest(thread).own == "12."
    assert (read_newest(ticket).is_first, read_newest(thread).is_first, read_first(thread).is_first) == (True, False, True)


def test_nothing_is_read_where_nothing_is_there() -> None:
    assert (visible_text(Ticket()), own_words_of(Ticket())) == ("", OwnWords())


def test_of_a_long_story_its_beginning_and_its_end_are_told() -> None:
    said = visible_text(
        Ticket(messages=(asked("We like it. " * 3_000 + "Now cancel it."), asked("We like it. " * 3_000 + "Now cancel it.")))
    )

    assert len(said) < 16_000
    assert (said[:10], said[-14:]) == ("We like it", "Now cancel it.")


def test_an_outage_amid_a_long_story_is_told() -> None:
    outage = "Since noon production is down for all our customers and nobody can work."
    story = "\n".join(f"We like what number {number} does for us." for number in range(800))

    assert outage in visible_text(Ticket(messages=(asked(f"{story}\n{outage}\n{story}"),)))


@pytest.mark.parametrize("letter", ["\ufdfa", "\u3300", "\ufb03"])
def test_signs_that_stand_for_many_letters_are_bounded_as_what_they_stand_for(letter: str) -> None:
    said = visible_text(Ticket(subject=letter * 5_000, messages=(asked(letter * 15_000),)))

    assert len(unicodedata.normalize("NFKC", said)) < 17_000

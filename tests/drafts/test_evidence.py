"""Quotes for whoever takes a ticket over: the customer's own words, whole where they fit, and what was tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.ticket import Attachment, AuthorKind, Direction, Message, Ticket
from bot.drafts.evidence import evidence, tried
from bot.senses import sense

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def asked(body: str, subject: str = "A subject", *more: Message) -> Ticket:
    return Ticket(subject=subject, messages=(Message(external_id="1", body_text=body), *more))


def answered(body: str) -> Message:
    return Message(external_id="2", body_text=body, direction=Direction.OUT, author_kind=AuthorKind.AGENT)


def quoted(ticket: Ticket, most_words: int = 26) -> tuple[str, ...]:
    return evidence(ticket, sense(ticket, NOW), most_words)


def test_numbers_times_and_what_a_detector_found_are_evidence() -> None:
    body = "Since this morning all 4,200 contacts have disappeared. Nobody deleted them. We have a campaign at 2 pm. HELP!"

    found = quoted(asked(body))

    assert "“Since this morning all 4,200 contacts have disappeared”" in found
    assert "“We have a campaign at 2 pm”" in found


@pytest.mark.parametrize(
    "body",
    [
        "every API call returns 503",
        "die Rechnung R-2026-118 über 349,00 EUR wurde zweimal abgebucht",
        "我们的订单 88123 失败了",
        "the page says: Error: cannot read property x of undefined",
        "Something is odd",
    ],
)
def test_a_short_message_is_quoted_whole(body: str) -> None:
    assert quoted(asked(body)) == (f"“{body}”",)


def test_the_quotes_stand_in_the_order_of_the_text_and_keep_to_their_room() -> None:
    body = " ".join(f"In sentence {number} there are {number} lines of it." for number in range(9))

    found = quoted(asked(body), 20)

    assert len(found) == 2
    assert list(found) == sorted(found)
    assert sum(len(each.split()) for each in found) <= 20


def test_a_long_sentence_is_cut_at_words_and_says_so() -> None:
    body = f"{'Well then as I was saying to my colleague ' * 3} order 4711 was charged {'over and over again ' * 10}"

    [found] = quoted(asked(body), 9)

    assert found.startswith("“… ")
    assert found.endswith(" …”")
    assert "4711" in found


def test_a_line_that_is_wrapped_within_a_sentence_is_no_end() -> None:
    assert quoted(asked("If this is not fixed by Friday we will cancel our\nsubscription.")) == (
        "“If this is not fixed by Friday we will cancel our subscription”",
    )


def test_the_greeting_and_what_tells_nothing_are_left_out() -> None:
    found = quoted(asked("Hello all,\n\nThe export fails with error 500.\n\nBest wishes and a nice week"))

    assert found == ("“The export fails with error 500”",)


def test_what_a_detector_found_is_quoted_without_the_thanks_before_it() -> None:
    ticket = asked("Thank you. By the way, our account was hacked and all invoices are gone since this morning.", "Re: Invoice")

    assert quoted(ticket) == ("“By the way, our account was hacked and all invoices are gone since this morning”",)


def test_quoted_history_is_no_evidence_of_this_message() -> None:
    message = "It still fails.\n\nOn Monday, Anna wrote:\n> error 503 was seen at 09:40"

    assert not any("503" in each for each in quoted(asked("First", "x", Message(external_id="3", body_text=message))))


def test_attachments_are_named() -> None:
    ticket = asked("See the screenshot.")
    files = tuple(Attachment(name=f"screen {number}.png") for number in range(6))

    found = quoted(replace(ticket, messages=(replace(ticket.messages[0], attachments=files),)))

    assert found[-1] == "attached: screen 0.png, screen 1.png, screen 2.png, screen 3.png and 2 more"


def test_missing_is_said_only_where_there_is_nothing() -> None:
    assert quoted(asked("", "")) == ("missing",)
    assert quoted(asked("", "All is gone")) == ("“All is gone”",)


def test_what_was_tried_is_our_last_answer_without_its_greeting() -> None:
    first = answered("Hello Ivan, please clear the cache of your browser.")

    assert tried(asked("It fails")) == ""
    assert tried(asked("It fails", "x", first)) == "“please clear the cache of your browser”"
    assert tried(asked("It fails", "x", first, answered("Guten Tag Herr Gross,\n\nbitte neu anmelden.\n\nViele Grüße"))) == (
        "2 replies, the last: “bitte neu anmelden”"
    )


@pytest.mark.parametrize("greeting", ["Hello", "Hi team!", "Please help!"])
def test_a_greeting_is_no_evidence_where_more_is_said(greeting: str) -> None:
    ticket = asked(f"{greeting}\nIt is about what I wrote to your colleague. Please see there.\nThank you")

    assert evidence(ticket, {}, 14) == ("“It is about what I wrote to your colleague”",)
    assert evidence(asked(greeting), {}) == (f"“{greeting}”",)

"""strip_reply: what the customer wrote, without history and signature, in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.ticket import Channel, Message, Ticket
from bot.senses.reply_text import strip_reply, visible_text

ATTRIBUTIONS = [
    "On Mon, 2 Nov 2026 at 10:15, Anna Agent <anna.agent@example.com> wrote:",
    "On 2 Nov 2026, at 10:15, Anna Agent wrote:",
    "Am 02.11.2026 um 10:15 schrieb Anna Agent <anna.agent@example.com>:",
    "Anna Agent <anna.agent@example.com> schrieb am Mo., 2. Nov. 2026, 10:15:",
    "Le lun. 2 nov. 2026 à 10:15, Anna Agent <anna.agent@example.com> a écrit :",
    "El lun, 2 nov 2026 a las 10:15, Anna Agent (<anna.agent@example.com>) escribió:",
    "Op ma 2 nov. 2026 om 10:15 schreef Anna Agent <anna.agent@example.com>:",
    "Il giorno lun 2 nov 2026 alle ore 10:15 Anna Agent <anna.agent@example.com> ha scritto:",
    "Em seg., 2 de nov. de 2026 às 10:15, Anna Agent <anna.agent@example.com> escreveu:",
    "пн, 2 нояб. 2026 г. в 10:15, Anna Agent <anna.agent@example.com> написал:",
    "Den mån 2 nov. 2026 kl 10:15 skrev Anna Agent <anna.agent@example.com>:",
    "On Mon, 2 Nov 2026 at 10:15, Anna Agent via Example Support <\nanna.agent@example.com> wrote:",
    "-----Original Message-----",
    "-----Ursprüngliche Nachricht-----",
    "-------- Message original --------",
    "From: Anna Agent <anna.agent@example.com>\nSent: Monday, 2 November 2026\nTo: Otto\nSubject: Re: Help",
    "________________________________\nVon: Anna Agent\nGesendet: Montag, 2. November 2026\nAn: Otto\nBetreff: AW: Hilfe",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_history_below_an_attribution_is_cut(attribution: str) -> None:
    mail = f"It still fails for me.\n\n{attribution}\n\n> Have you tried again?\n> Anna\n"

    assert strip_reply(mail) == "It still fails for me."


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nOtto Ops\nNorthwind",
        "Best regards,\nOtto",
        "Mit freundlichen Grüßen\nOtto Ops",
        "Cordialement,\nOtto",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Get Outlook for iOS",
    ],
)
def test_signature_is_cut(signature: str) -> None:
    assert strip_reply(f"It still fails for me.\n\n{signature}\n") == "It still fails for me."


def test_a_list_with_hyphens_is_no_signature() -> None:
    text = "What I did:\n\n- opened Settings\n- pressed Export\n\nNothing happened."

    assert strip_reply(text) == text


def test_thanks_at_the_end_without_a_name_stays() -> None:
    assert strip_reply("It works now\n\nthanks") == "It works now\n\nthanks"


def test_a_sentence_with_a_date_is_no_attribution() -> None:
    text = "On 2 November 2026 I wrote to you.\nNobody answered until 10:15 today."

    assert strip_reply(text) == text


def test_an_answer_below_the_quote_is_found() -> None:
    mail = "On Mon, 2 Nov 2026 at 10:15, Anna Agent wrote:\n> Which page?\n\nThe page with the reports."

    assert strip_reply(mail) == "The page with the reports."


def test_nothing_but_history_gives_nothing() -> None:
    assert strip_reply("On Mon, 2 Nov 2026 at 10:15, Anna Agent wrote:\n> Which page?\n") == ""


def test_visible_text_has_the_subject_of_a_first_message_only() -> None:
    first = Ticket(subject="Export", messages=(Message(body_text="How?"),))
    second = Ticket(subject="Export", messages=(Message(body_text="How?"), Message(body_text="And why?")))

    assert visible_text(first) == "Export\n\nHow?"
    assert visible_text(second) == "And why?"


def test_visible_text_leaves_out_lines_that_the_customer_quotes() -> None:
    body = "> Is everything down?\nNo, only the export."

    assert visible_text(Ticket(messages=(Message(body_text=body),))) == "No, only the export."


def test_a_chat_message_is_taken_as_it_stands() -> None:
    body = "It says:\n> error 5\n-- \nso what?"

    assert visible_text(Ticket(channel=Channel.CHAT, messages=(Message(body_text=body),))) == body


HOSTILE = [
    "On " * 20_000,
    ("On On On " * 100 + "\n") * 20,
    "\n" * 60_000,
    " \n" * 30_000,
    "> " * 30_000,
    ">\n" * 30_000,
    "From:\n" * 5_000,
    "From: a\n" * 5_000,
    "Am " * 20_000,
    "Disclaimer: " * 5_000,
    "CAUTION: mail mail " * 3_000,
    "-" * 60_000,
    "_" * 60_000,
    "- a\n" * 15_000,
    "Sent from my " * 5_000,
    "Best regards,\n" * 5_000,
    "On 1:00 wrote " * 5_000,
    "x@y.z wrote: " * 5_000,
    "Le " + "a" * 60_000 + " a écrit :",
    "\u00a0" * 60_000,
    "a" * 1_000_000,
    "On Mon at 10:15 " + "\n" * 9 + "wrote:\n" * 8_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_mail_costs_little_time(text: str) -> None:
    begun = time.process_time()

    strip_reply(text)

    assert time.process_time() - begun < 4


PIECES = st.sampled_from(
    [
        "On ",
        "Am ",
        "wrote:",
        "schrieb",
        "> ",
        ">",
        "\n",
        "\n\n",
        "From: ",
        "To: x",
        "-- ",
        "- ",
        "_" * 32,
        "Best regards,",
        "2026",
        "10:15",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | st.text(max_size=12), max_size=60).map("".join))
def test_any_mail_gives_text_no_longer_than_it(text: str) -> None:
    visible = strip_reply(text)

    assert len(visible) <= len(text)

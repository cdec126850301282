"""The reader as a whole: whose words they are, in messages as messy as life, in bounded time."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.senses.reading import Context, Role, own_words, read, strip_reply
from bot.senses.reading.reader import UNKNOWN, split
from tests.harness.cpu_time import cpu_seconds_since
from tests.senses.reading.samples import context_of, reading_of, samples, wrong_in

HISTORY = "On Mon, 2 Nov 2026 at 10:15, Anna Agent wrote:\n> Which page?\n"


@pytest.mark.parametrize("sample", [*samples("mails"), *samples("more_mails"), *samples("later_mails")])
def test_own_words_stay_and_others_go(sample: dict[str, Any]) -> None:
    long = sample.get("repeat", {"text": "", "times": 0})

    reading = read(sample["text"].replace("{repeat}", long["text"] * long["times"]), context_of(sample))

    assert wrong_in(reading.own, sample) == []


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nOtto Ops\nNorthwind",
        "Best regards,\nOtto",
        "Mit freundlichen Grüßen\nOtto Ops",
        "Cordialement,\nOtto",
        "Sent from my iPhone",
        "Sent from my iPhone\nOtto",
        "Von meinem iPhone gesendet",
        "Get Outlook for iOS",
    ],
)
def test_a_signature_is_cut_unless_it_is_all_there_is(signature: str) -> None:
    assert strip_reply(f"It still fails for me.\n\n{signature}\n") == "It still fails for me."
    assert strip_reply(signature).split() == signature.split()


@pytest.mark.parametrize(
    "text",
    [
        "What I did:\n\n- opened Settings\n- pressed Export\n\nNothing happened.",
        "It works now\n\nthanks",
        "On 2 November 2026 I wrote to you.\nNobody answered until 10:15 today.",
        "It works.\nThanks,\nbut please do explain to all of us why it was down for so long.",
        "> Which page?\nThe reports.\n> Since when?\nToday.",
        "From: me to you, with love",
        "Date: tomorrow?",
        "> a\n> b",
    ],
)
def test_what_only_looks_like_history_or_a_signature_stays(text: str) -> None:
    assert strip_reply(text) == text


def test_an_answer_below_the_quote_is_found() -> None:
    assert strip_reply(f"{HISTORY}\nThe page with the reports.") == "The page with the reports."


def test_nothing_but_history_gives_nothing() -> None:
    assert strip_reply(HISTORY) == ""


def test_in_a_first_message_what_is_quoted_counts_where_nothing_else_is_there() -> None:
    assert (reading_of(HISTORY, is_first=True).own, reading_of(HISTORY, is_first=False).own) == ("Which page?", "")


def test_quoted_lines_that_are_answered_stay_in_the_reply_and_are_nobodys_own_words() -> None:
    mail = "> Is everything down?\nNo, only the export."

    assert (strip_reply(mail), own_words(mail)) == (mail, "No, only the export.")


def test_each_part_has_its_role() -> None:
    mail = "Hello Ann,\n\nit fails:\n```\nx = 1\n```\nBest\nJo\n\n" + HISTORY + "\nThe reports.\n[image: screen.png]"

    assert [part.role for part in read(mail).parts] == [
        *(Role.GREETING, Role.OWN, Role.CODE, Role.SIGNATURE),
        *(Role.HEADING, Role.QUOTE, Role.ANSWER, Role.ATTACHMENT),
    ]


def test_a_chat_is_taken_as_it_stands() -> None:
    said = "It says:\n> error 5\n-- \nso what?"

    assert reading_of(said, is_chat=True).own == said


def test_the_end_of_a_huge_message_is_read() -> None:
    log = "".join(f"2026-03-02 10:00:{n % 60:02} worker INFO step {n} done\n" for n in range(40_000))

    own = own_words(f"See the log.\n{log}\nPlease cancel our contract.")

    assert own.startswith("See the log.")
    assert own.endswith("Please cancel our contract.")


def test_a_fault_costs_the_reading_and_not_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.senses.reading.reader.to_lines", lambda text: 1 / 0)

    assert read("It fails in a way of its own.").own == "It fails in a way of its own."


LINES = """On 2 Mar 2026 x <a@b.c> wrote:
-----Original Message-----
---------- Forwarded message ---------
From: a@b.c
To: b
> a
>
--
Best regards
Jo
Sent from my iPhone
this email is confidential
PS: x
```
| a | b |
x = 1;
(10:02) Bot: hello there
Name: a
Message: b
[image: a.png]
2026-03-02 10:00:00 INFO x
own words here""".splitlines()
PIECES = ("\n", " \n", "> ", "-", "_", "\u00a0", "<", "(", ":", "ä", "文", "\u202b", "From:", "wrote:", "On ", "Sent from my ")
HOSTILE = [
    *(f"{line}\n" * 3_000 for line in LINES),
    *(piece * 60_000 for piece in PIECES),
    *("\n".join(pair) * 1_500 for pair in pairwise(LINES[:4])),
    "".join(f"{line}\n\n" for line in LINES) * 150,
    "Le " + "a" * 60_000 + " a écrit :",
    "a" * 1_000_000,
    "On Mon at 10:15 " + "\n" * 9 + "wrote:\n" * 8_000,
    "From: a@b.c Sent: 1 To: x Subject: y\n" * 2_500,
    "this email is confidential. " * 5_000,
    "2026-03-02 10:00:00 INFO x\n" * 100_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_mail_costs_little_time(text: str) -> None:
    begun = time.process_time()

    split(text, Context(is_first=True, subject="Fwd: x", earlier=("own words here\n" * 400,)))

    assert cpu_seconds_since(begun) < 4


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from([*LINES, "", " "]) | st.text(max_size=12), max_size=40), st.sampled_from([None, True, False]))
def test_any_lines_are_read_without_a_fault_and_nothing_is_made_up(lines: list[str], is_first: bool | None) -> None:
    text = "\n".join(lines)

    reading = split(text, Context(is_first=is_first, author="Jo", earlier=("own words here, and more of them",)))

    assert len(reading.visible) <= len(text)
    assert len(reading.own) <= len(text)


def test_nothing_is_known_where_nothing_is_said() -> None:
    assert (split("", UNKNOWN).own, split("\n\n").visible) == ("", "")

"""Headings of older mails, as mail programs of many languages write them; and sentences that only look like one."""

from __future__ import annotations

from itertools import product

import pytest

from bot.senses.reading import Context, read
from bot.senses.reading.headings import has_prefix, header_parts, heading_at
from bot.senses.reading.lines import to_lines
from tests.senses.reading.samples import tree

OWN = "It still fails for me."
HEADINGS = tree("headings")
UNKNOWN, REPLY = Context(), Context(is_first=False, subject="Re: case")
QUOTED = "> OLDTEXT one\n> OLDTEXT two\n"


def wrapped(heading: str) -> str:
    """The heading over two lines, as plain text breaks it."""
    at = heading.find(" ", len(heading) // 2)
    return heading if at < 0 else f"{heading[:at]}\n{heading[at + 1 :]}"


@pytest.mark.parametrize(("heading", "context"), list(product(HEADINGS["attributions"], (UNKNOWN, REPLY))))
def test_the_words_end_at_an_attribution(heading: str, context: Context) -> None:
    for mail in (
        f"{OWN}\n\n{heading}\n\n{QUOTED}",
        f"{OWN}\n{heading}\n{QUOTED}",
        f"{OWN}\n\n{wrapped(heading)}\n\n{QUOTED}",
        f"{OWN}\n\n> {heading}\n>\n{QUOTED}",
        f"{OWN}\n\n{heading}\n\nOLDTEXT one\nOLDTEXT two.\n",
    ):
        assert read(mail, context).own == OWN, mail


@pytest.mark.parametrize("block", HEADINGS["blocks"], ids=lambda block: block[0])
def test_the_words_end_at_a_block_of_headers(block: list[str]) -> None:
    addressed = [block[0] + " <s@desk.example>", *block[2:]]
    bold = ["*" + each.replace(":", ":*", 1) for each in block]

    for headers, context in ((block, REPLY), (block, UNKNOWN), (bold, REPLY), (addressed, UNKNOWN)):
        assert read(f"{OWN}\n\n" + "\n".join(headers) + "\n\nOLDTEXT one\n", context).own == OWN


@pytest.mark.parametrize("divider", HEADINGS["dividers"])
def test_the_words_end_at_a_divider(divider: str) -> None:
    headers = "From: Support\nSent: Monday\nTo: Jo\nSubject: x\n\n"

    assert read(f"{OWN}\n\n{divider}\n{headers}OLDTEXT one\n").own == OWN


@pytest.mark.parametrize("divider", [each for each in HEADINGS["dividers"] if "_" not in each])
def test_a_divider_needs_no_headers_below_it(divider: str) -> None:
    assert read(f"{OWN}\n\n{divider}\n\nOLDTEXT one\n").own == OWN


def test_a_divider_in_words_that_no_list_has_is_one_with_headers_below() -> None:
    mail = f"{OWN}\n\n----- Ursprungstext -----\nVon: Anna\nAn: Otto\n\nOLDTEXT"

    assert read(mail).own == OWN


@pytest.mark.parametrize(
    "text",
    [
        "On 3 March 2026 I wrote to you:",
        "Am 3.3.2026 um 10:00 habe ich Ihnen geschrieben:",
        "On 3/3/2026 your bot said:",
        "From: Berlin\nTo: Hamburg\nDate: 5 May",
        "Subject: Installation\nDate: 5 May 2026\nPlace: Hamburg",
        "Original message",
        "The manual of 2026 says:",
        "On 3 March 2026 the technician wrote:",
        "From: 9:00\nTo: 17:00\nSubject: opening hours",
    ],
)
def test_what_a_person_writes_is_no_heading(text: str) -> None:
    lines = to_lines(f"{text}\nand so it goes on.")

    found = heading_at(lines, 0, UNKNOWN)

    assert found is None or not found.is_sure


def test_a_headers_name_may_mean_more_than_one_thing() -> None:
    said = {line: header_parts(to_lines(line)[0]) for line in ("Von: Anna", "**De :** Anna", "Fact: x", "no colon")}

    assert said == {
        "Von: Anna": {"from"},
        "**De :** Anna": {"from"},
        "Fact: x": frozenset(),
        "no colon": frozenset(),
    }


@pytest.mark.parametrize(
    ("subject", "is_reply", "is_forward"),
    [
        ("Re: down", True, False),
        ("[ext] AW: WG: Ausfall", True, True),
        ("WG: Ausfall", False, True),
        ("RE[2]: down", True, False),
        ("Report: down", False, False),
        ("down", False, False),
    ],
)
def test_prefixes_of_a_subject(subject: str, is_reply: bool, is_forward: bool) -> None:
    assert (has_prefix(subject, "reply_prefixes"), has_prefix(subject, "forward_prefixes")) == (is_reply, is_forward)

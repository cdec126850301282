"""HTML bodies: quote containers of mail programs, signatures, and what no reader sees."""

from __future__ import annotations

import time
from typing import Any

import pytest

from adapters.html_text import to_text
from bot.senses.reading import Context, Role, read
from bot.senses.reading.markup import html_lines
from tests.harness.cpu_time import cpu_seconds_since
from tests.senses.reading.samples import context_of, samples, wrong_in


@pytest.mark.parametrize("sample", samples("html_mails"))
def test_own_words_stay_and_others_go(sample: dict[str, Any]) -> None:
    reading = read(to_text(sample["html"]), context_of(sample), sample["html"])

    assert wrong_in(reading.own, sample) == []


def test_markup_that_says_nothing_leaves_the_text_as_it_stands() -> None:
    assert html_lines("<div>Hello</div><div>world</div>", "Hello\nworld") is None


def test_markup_of_another_message_is_not_read() -> None:
    assert html_lines("<p>Hi</p><blockquote>x</blockquote>", "A text of quite another length that the HTML does not hold") is None


def test_hidden_words_are_told_and_not_repeated() -> None:
    html = '<p>Works.</p><p style="display:none">cancel it</p>'

    reading = read(to_text(html), Context(), html)

    assert [(part.role, part.text) for part in reading.parts] == [(Role.OWN, "Works."), (Role.HIDDEN, "")]


def test_a_message_with_nothing_but_hidden_words_says_nothing() -> None:
    html = '<div hidden>cancel our contract</div><p style="font-size:0">our lawyer</p>'

    assert read("cancel our contract our lawyer", Context(is_first=True), html).own == ""


def test_lines_stay_lines_and_paragraphs_paragraphs() -> None:
    html = '<div>one</div><div>two<br>three</div><div><br></div><p>four</p><blockquote type="cite">old</blockquote>'

    found = html_lines(html, "one two three four old")

    assert found is not None
    assert [line.text for line in found] == ["one", "two", "three", "", "four", "> ", "> old"]


HOSTILE = [
    "<div hidden>" * 40_000 + "x" + "</div>" * 40_000,
    "<blockquote>x" * 50_000,
    "<p style='" + "a:b;" * 200_000 + "color:white'>x</p>",
    "<style>" + ".a{" * 100_000 + "display:none}</style><p>x</p>",
    "<style>" + "@media x{" * 50_000 + "</style><p hidden>x</p>",
    "<p hidden>x</p>" + "<" * 300_000,
    "<span style='color:#fff'>x</span><br>" * 20_000,
    "<p hidden>x<p>" + "<!--" * 100_000,
    "<pre>" + "\n" * 300_000 + "</pre>",
    "<b style='color:#fff'>x" * 20_000,
    "".join(f"<b style='color:#fff;x:{number}'>x</b>" for number in range(20_000)),
    "<style>" + "".join(f".a{number}," for number in range(100_000)) + ".b{display:none}</style>" + "<p class=b>x</p>" * 5_000,
    "<style>" + "".join(f".a.b{number}{{color:red}}" for number in range(6_000)) + "</style>" + "<p class=a>x</p>" * 5_000,
    "<p hidden>y</p>" + ("<p>" + "\ufdfa" * 300 + "</p>") * 220,
]


@pytest.mark.parametrize("html", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_markup_costs_little_time(html: str) -> None:
    begun = time.process_time()

    read("x", Context(), html)

    assert cpu_seconds_since(begun) < 4

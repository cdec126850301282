"""Bodies as text and back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.html_text import to_html, to_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain\nlines &amp; all", "plain\nlines & all"),
        ("<p>Hello <b>you</b></p><p>Second<br>line</p>", "Hello you\n\nSecond\nline"),
        ("<ul><li>one</li><li>two</li></ul>", "* one\n  * two"),
        ("<p>1 &lt; 2 &#x1F525;</p>", "1 < 2 🔥"),
        ("<script>alert(1)</script><p>safe</p>", "safe"),
        ("<head><style>p {color: red} b {}</style></head><!-- a > b --><p>safe</p>", "safe"),
        ("\x00<p>a</p>", "a"),
        ("<", "<"),
    ],
)
def test_a_reader_sees_the_words(html: str, text: str) -> None:
    assert to_text(html) == text


@pytest.mark.parametrize(
    "html", ["<div>" * 20_000 + "deep" + "</div>" * 20_000, "<p>x</p>" * 200_000, "<" * 1_000_000, "&" * 1_000_000]
)
def test_hostile_markup_costs_little_and_loses_no_words(html: str) -> None:
    started = time.thread_time()

    text = to_text(html)

    assert text[:1] in ("d", "x", "<", "&")
    assert time.thread_time() - started < 5


@settings(max_examples=200, deadline=None)
@given(text=st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs", "Cf")), max_size=40))
def test_what_we_write_reads_as_it_was(text: str) -> None:
    assert to_text(to_html(text)).split() == text.split()

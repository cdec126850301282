"""What a note cannot show whole is withheld, and a stored text counts as shown only with its hash."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.note import reply_block
from bot.drafts.showable import HASH, MAX_CHECKS, MAX_REPLY, as_shown, showable, shown_hash, was_shown
from bot.drafts.types import Draft, Sentence

DRAFT = Draft(text="Hello,\n\nopen Settings.\n\n1. Press Export.\n2. Choose CSV.", sentences=(Sentence(text="Hello,"),))


class Reply(HTMLParser):
    """What an agent reads, or copies, of a reply's block."""

    def __init__(self, block: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(block)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += {"p": "\n\n" if self.text else "", "br": "\n"}.get(tag, "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_draft_that_fits_is_left_as_it_is() -> None:
    assert showable(DRAFT) is DRAFT


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (replace(DRAFT, text="a" * (MAX_REPLY + 1)), "4001 characters"),
        (replace(DRAFT, check_before=tuple(map(str, range(MAX_CHECKS + 1)))), "13 things"),
        (replace(DRAFT, text="Hello\x00there"), "cannot show"),
        (replace(DRAFT, text="Hello,\n\n\n\nthere"), "cannot show"),
        (replace(DRAFT, text="Hello\r\nthere"), "cannot show"),
        (replace(DRAFT, text="\nHello"), "cannot show"),
    ],
)
def test_a_draft_that_a_note_cannot_show_whole_is_withheld(draft: Draft, reason: str) -> None:
    found = showable(draft)

    assert found.withheld
    assert reason in found.reason
    assert (found.text, found.sentences, found.check_before) == ("", (), ())


def test_a_withheld_draft_keeps_its_reason() -> None:
    assert showable(Draft(withheld=True, reason="the model refused")).reason == "the model refused"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab .<>&\"'\n\r\t\x00\x85é", max_size=40))
def test_a_text_that_passes_reads_back_out_of_its_note_byte_for_byte(text: str) -> None:
    draft = showable(replace(DRAFT, text=as_shown(text)))

    assert not draft.withheld
    assert Reply(reply_block(draft.text)).text == draft.text


def test_only_the_text_with_the_stored_hash_was_shown() -> None:
    stored = {HASH: shown_hash("Hello")}

    assert was_shown("Hello", stored)
    assert not was_shown("Hello ", stored)
    assert not was_shown("Hello", {})
    assert not was_shown("Hello", None)

"""How much of a draft is in what was sent: words kept, facts changed; quotes and greetings do not count."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.similarity import Use, band_of, compare, essence

DRAFT = (
    "Hello Clara,\n\nOpen Settings and choose Data. Press Export and choose CSV. Wait for the link, it comes within 10 minutes."
)


@pytest.mark.parametrize(
    ("sent", "use"),
    [
        (DRAFT, Use.AS_IS),
        (f"<p>Hi Clara,</p>{DRAFT.split(chr(10))[2]}<p>Best regards,</p><p>Anna</p>", Use.AS_IS),
        (DRAFT.replace("10 minutes", "half an hour at most"), Use.LIGHT_EDIT),
        (
            "Open Settings and choose Data. Press Export there. The rest is in our guide.",
            Use.HEAVY_EDIT,
        ),
        ("Thank you, I call you this afternoon.", Use.NOT_USED),
        ("", Use.NOT_USED),
    ],
)
def test_a_sent_reply_is_measured_against_the_draft(sent: str, use: Use) -> None:
    assert compare(DRAFT, sent).band is use


def test_quoted_history_does_not_count_as_used() -> None:
    quoted = "I call you.\n\nOn 2 Nov 2026, Anna wrote:\n> " + DRAFT.replace("\n", "\n> ")

    assert compare(DRAFT, quoted).band is Use.NOT_USED


def test_an_edit_of_a_fact_is_counted() -> None:
    assert compare(DRAFT, DRAFT.replace("10", "90")).fact_edits == 2


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
def test_similarity_is_a_share_and_has_its_band(draft: str, sent: str) -> None:
    measured = compare(draft, sent)

    assert 0 <= measured.similarity <= 1
    assert measured.band is band_of(measured.similarity) or abs(measured.similarity - 0.5) < 0.5


@pytest.mark.parametrize(
    ("similarity", "use"), [(1, Use.AS_IS), (0.95, Use.AS_IS), (0.7, Use.LIGHT_EDIT), (0.3, Use.HEAVY_EDIT), (0.29, Use.NOT_USED)]
)
def test_each_band_begins_at_its_number(similarity: float, use: Use) -> None:
    assert band_of(similarity) is use


def test_html_quotes_greeting_and_signature_are_not_the_essence() -> None:
    sent = "<p>Hi Clara,</p><p>Open  it.<br>Now.</p><p>Best regards,</p><p>Anna</p><blockquote>old</blockquote>"

    assert essence(sent) == "Open it.\nNow."
    assert essence("Hi Clara,") == "Hi Clara,"


def test_kept_and_added_sentences_are_told_apart() -> None:
    measured = compare(
        "Open Settings now. Press the Export button.", "Open Settings now. We will call you back on Monday. All is well."
    )

    assert (measured.kept, measured.from_draft) == (0.5, 0.333)
    assert measured.length_ratio > 1

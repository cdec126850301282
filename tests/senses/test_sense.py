"""sense: all signals of a ticket, whatever it holds and whichever detector fails."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import Message, Person, Ticket
from bot.senses import DETECTORS, sense
from bot.senses.letters import with_whole_letters
from rules.model.facts import Signal

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)  # halves of surrogate pairs too


HALVES = "Please \ud800 cancel my plan \udfff today, nothing works at all."


def test_half_a_surrogate_pair_costs_itself_and_no_signal() -> None:
    person = Person(external_id="1", name="Jo\udcff", emails=("jo\ud800@example.com",))
    message = Message(body_text=HALVES, author_name="\udbff", body_html=f"<p>{HALVES}</p>")
    whole = Ticket(subject="Help", description=HALVES, tags=frozenset({"a\ud800"}), requester=person, messages=(message,))

    signals = sense(whole, NOW)

    assert set(signals) == set(DETECTORS)
    assert signals["wants_cancel"].value is True
    for each in signals.values():
        each.why.encode("utf-8")


def test_a_ticket_of_whole_letters_stays_itself() -> None:
    whole = Ticket(subject="Hölp 😀", custom={"a": ("x", "ü")}, tags=frozenset({"ä"}))

    assert with_whole_letters(whole) is whole


def test_every_signal_has_a_value_a_score_and_a_why() -> None:
    signals = sense(Ticket(subject="Help"), NOW)

    assert set(signals) == set(DETECTORS)
    assert all(0 <= signal.score <= 1 and signal.why for signal in signals.values())


def test_a_failing_detector_costs_only_its_own_signal() -> None:
    def broken(ticket: Ticket, text: str) -> Signal:
        raise ValueError("no")

    signals = sense(Ticket(subject="Help"), NOW, {"broken": broken, "is_spam": DETECTORS["is_spam"]})

    assert set(signals) == {"is_spam"}


@settings(max_examples=40, deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_any_text_gives_every_signal(subject: str, body: str) -> None:
    signals = sense(Ticket(subject=subject, messages=(Message(body_text=body),)), NOW)

    assert set(signals) == set(DETECTORS)

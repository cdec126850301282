"""The marker in a note: short, nobody else's, and never one that stands there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.ticket import Message, Ticket, TicketKey, TicketKind
from bot.drafts import Draft
from bot.drafts.note import NoteContent, marker_in, render_note, suggests_reply
from bot.writes.note_marker import is_marker, marker, new_marker, place_of
from rules.model.decision import NoteWish
from sandbox.core_text import to_text

pytestmark = pytest.mark.both_storages


ACME = "zendesk:acme.example.com"
HERE = place_of(ACME, TicketKey("acme", TicketKind.TICKET, "7"))


def test_a_marker_is_short_stable_and_of_one_key_and_one_run() -> None:
    one = marker("key", "run-1/note", HERE)

    assert len(one) == 8
    assert one.isalnum()
    assert marker("key", "run-1/note", HERE) == one
    assert len({one, marker("other key", "run-1/note", HERE), marker("key", "run-2/note", HERE)}) == 3


def test_a_marker_is_known_again_by_its_key_on_its_ticket_only() -> None:
    one = marker("key", "run-1/note", HERE)

    assert is_marker("key", one, HERE)
    assert not is_marker("other key", one, HERE)
    assert not is_marker("key", one, HERE[:-1] + "8")
    assert not is_marker("key", one[:-1], HERE)


OLD = (
    "Suggested reply, not sent · language en · id ABCD2345 · rules 36666bca\n\nHello Nina,\n\nwe are on it.\n\nWhy Intent: outage"
)
OLD_WITHOUT_DRAFT = "Deskhand · id ABCD2345 · rules 36666bca\n\nEscalated to Engineering: data loss"


def rewritings(html: str) -> dict[str, str]:
    """The plain text of a note after what helpdesks do to HTML."""
    strong = html.replace("<b>", "<strong>").replace("</b>", "</strong>").replace("<i>", "<em>").replace("</i>", "</em>")
    divs = strong.replace("<p>", "<div>").replace("</p>", "</div>").replace("<br>", "</div><div>")
    return {
        "as it is": to_text(html),
        "wrapped": to_text(f'<div class="zd-comment" dir="auto">{strong}</div>'),
        "blocks": to_text(divs),
        "one line": " ".join(to_text(html).split()),
        "hard spaces": to_text(html).replace(" ", "\u00a0"),
        "entities": to_text(html.replace("·", "&middot;").replace("“", "&ldquo;")),
        "a line before": to_text(f"<p>Please keep lena@example.com informed.</p>{html}"),
        "a line behind": to_text(f"{html}<p>--<br>Sent by the helpdesk</p>"),
        "no bullets": to_text(html).replace("·", "*"),
    }


CUSTOMERS_OWN = ("Deskhand · suggestion id AAAAAAAA · rules 1", "Deskhand · id AAAAAAAA")


@pytest.mark.parametrize("has_draft", [True, False])
@pytest.mark.parametrize("how", rewritings("").keys())
def test_a_note_is_known_by_its_foot_however_a_helpdesk_has_rewritten_it(how: str, has_draft: bool) -> None:
    wish = NoteWish(rule="r", text=f"He wrote: {CUSTOMERS_OWN[0]}\n{CUSTOMERS_OWN[1]}")
    draft = Draft(text=f"{CUSTOMERS_OWN[1]}\nYour id AAAAAAAA is known.") if has_draft else None
    html = render_note(
        NoteContent(marker="ABCD2345", pack_version="36666bca", notes=(wish,), draft=draft, evidence=CUSTOMERS_OWN)
    )

    text = rewritings(html)[how]

    assert marker_in(text) == "ABCD2345"
    assert suggests_reply(text) is has_draft


@pytest.mark.parametrize("join", ["\n", " "])
def test_notes_with_the_id_in_their_first_line_are_known_for_ever(join: str) -> None:
    """They were written until the id went to the foot; what the customer said stands behind."""
    said = f"\n1. Issue: {CUSTOMERS_OWN[1]} {CUSTOMERS_OWN[0]}"
    old, without = (join.join((text + said).splitlines()) for text in (OLD, OLD_WITHOUT_DRAFT))

    assert (marker_in(old), suggests_reply(old)) == ("ABCD2345", True)
    assert (marker_in(without), suggests_reply(without)) == ("ABCD2345", False)


def test_what_is_no_note_of_ours_has_no_marker() -> None:
    for text in ("", "Suggested reply, not sent", "My id ABCDEFGH", "Deskhand is a bot, its id is ABCD2345"):
        assert marker_in(text) == ""


def test_a_new_marker_is_none_that_stands_in_the_ticket() -> None:
    customer = Message(external_id="1", body_text="Help.")
    ticket = Ticket(account="acme", kind=TicketKind.TICKET, external_id="7", messages=(customer,))
    taken = new_marker("key", "run-1/note", ticket, ACME)
    standing = Message(external_id="2", body_text=f"Deskhand · id {taken} · rules 12345678\n\nSomething.", is_ours=True)
    hidden = replace(customer, body_text=standing.body_text)

    # The newest message is the same both times, so that only the note's own characters can tell them apart.
    again = new_marker("key", "run-1/note", replace(ticket, messages=(standing, customer)), ACME)

    assert again != taken
    assert is_marker("key", again, HERE)
    assert new_marker("key", "run-1/note", replace(ticket, messages=(hidden,)), ACME) == taken


def test_a_note_is_known_whatever_the_account_is_called() -> None:
    ticket = Ticket(account="acme", kind=TicketKind.TICKET, external_id="7")

    one = new_marker("key", "run-1/note", ticket, ACME)

    assert is_marker("key", one, place_of(ACME, replace(ticket, account="renamed").key))
    assert not is_marker("key", one, place_of("zendesk:other.example.com", ticket.key))

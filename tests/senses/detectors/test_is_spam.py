"""is_spam: the helpdesk's word, or several phrases together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.ticket import AuthorKind, Direction, Message, Ticket
from bot.senses import visible_text
from bot.senses.detectors import issue
from bot.senses.detectors.is_spam import detect
from bot.senses.detectors.spam_words import SURE_SPAM, spam_weight
from bot.senses.ticket_reading import TicketReading, reading
from rules.files.yaml_file import plain, read_yaml
from tests.senses.makers import signal, ticket

WRITTEN = plain(read_yaml(Path(__file__).parent / "spam_or_customer.yaml"))


def written(kind: str) -> list[Any]:
    return [pytest.param(ticket(row["body"], row["subject"]), id=f"{row['language']}: {row['subject']}") for row in WRITTEN[kind]]


@pytest.mark.parametrize("sent", written("spam"))
def test_advertisement_and_fraud_are_found(sent: Ticket) -> None:
    assert signal(detect, sent).value is True


@pytest.mark.parametrize("sent", written("customers"))
def test_a_customer_of_those_who_sell_such_things_is_none(sent: Ticket) -> None:
    assert signal(detect, sent).value is False


def test_advertisement_of_many_languages_is_among_those() -> None:
    assert len({row["language"] for row in WRITTEN["spam"]}) >= 12


def test_whoever_an_agent_answered_is_no_spam() -> None:
    answer = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Hello")
    spam = Message(body_text="Dear webmaster, we offer SEO services")

    assert signal(detect, Ticket(messages=(spam,))).value is True
    assert signal(detect, Ticket(messages=(answer, spam))).value is False


ADVERTISED = "Dear webmaster, we sell backlinks: we can rank your website, SEO services"
HARM_AND_QUOTE = [
    (
        "Hacked",
        'Our shop account was hacked at night. Attackers replaced every page by: "You have won! Claim your prize now, act now"',
    ),
    (
        "Seite gehackt",
        "Jemand hat unsere Seite gehackt. Auf jeder Seite steht jetzt: Sie haben gewonnen! Klicken Sie hier, Casino Bonus.",
    ),
    (
        "Compte piraté",
        "Quelqu'un a piraté notre compte et envoie à nos clients : « Vous avez gagné ! Réclamez votre prix, bonus casino »",
    ),
]


@pytest.mark.parametrize(("subject", "body"), HARM_AND_QUOTE)
def test_whoever_tells_of_a_harm_and_quotes_an_advertisement_is_a_customer(subject: str, body: str) -> None:
    sent = ticket(body, subject)

    assert spam_weight(visible_text(sent))[0] >= SURE_SPAM
    assert signal(detect, sent).value is False


def test_what_is_advertised_in_a_quote_alone_is_judged_by_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the learned guess takes the whole for advertisement."""
    text = f'Somebody hacked our account and changed the password. They send this: "{ADVERTISED}"'

    def fooled(said: str, language: str) -> TicketReading:
        found = reading(said, language)
        return replace(found, whole={**found.whole, "spam": {"spam": 0.9 if "webmaster" in said else 0.1}})

    monkeypatch.setattr("bot.senses.detectors.spam_words.reading", fooled)

    assert signal(detect, ticket(text)).value is False
    assert signal(detect, ticket(text.replace('"', ""))).value is True


@pytest.mark.parametrize("is_answered", [False, True])
@pytest.mark.parametrize("is_marked", [False, True])
@pytest.mark.parametrize(
    "body",
    [*(body for _, body in HARM_AND_QUOTE), ADVERTISED, "Hi"],
)
def test_what_it_is_about_says_the_same(body: str, is_marked: bool, is_answered: bool) -> None:
    answer = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Hello")
    sent = Ticket(is_spam=is_marked, messages=(*((answer,) if is_answered else ()), Message(body_text=body)))

    is_spam = signal(detect, sent).value

    assert [signal(each, sent).value == "spam" for each in (issue.detect, issue.detect_type)] == [is_spam, is_spam]
    assert is_spam is (is_marked or (not is_answered and "backlinks" in body))


def test_the_helpdesks_own_mark_is_enough() -> None:
    found = signal(detect, Ticket(is_spam=True, messages=(Message(body_text="How do I export?"),)))

    assert (found.value, found.score) == (True, 1.0)


def test_a_single_hint_is_no_verdict_but_less_sure() -> None:
    hint, none = (signal(detect, ticket(body)) for body in ("Is there a special offer?", "How do I export?"))

    assert (hint.value, none.value) == (False, False)
    assert hint.score < none.score


@pytest.mark.parametrize(
    "body",
    [
        "Geld? Sofortdarlehen bis 200.000 Euro, ohne Auskunft, heute noch auf dem Konto. Schreiben Sie uns auf WhatsApp.",
        "Je vous propose 5 000 abonnés authentiques pour 25 euros, livraison en 24 heures, paiement par PayPal.",
    ],
)
def test_a_sure_learned_guess_is_enough_where_nothing_is_a_customers_own(body: str) -> None:
    assert signal(detect, ticket(body)).value is True


@pytest.mark.parametrize(
    "body",
    [
        "We make zinc hinges in Ningbo and since the update our catalogue page does not open any more in your shop software.",
        "Meine Bank verlangt für das Darlehen eine Bestätigung, dass ich bei Ihnen Kunde bin. Können Sie mir die schicken?",
        "Nos abonnés ne reçoivent plus la lettre du vendredi depuis trois semaines, 5 000 adresses sont concernées.",
        "I got a mail that my mailbox is 98 % full and that I should confirm my password. Is that really from you?",
    ],
)
def test_a_customer_with_the_same_words_is_none(body: str) -> None:
    assert signal(detect, ticket(body)).value is False

"""What the customer wants, told from its denial, from others' wishes and from other things of that name."""

from __future__ import annotations

import pytest

from bot.senses import visible_text
from bot.senses.wishes import wishes_of
from tests.senses.makers import ticket


def wanted(text: str) -> set[str]:
    of = ticket(text)
    return {name for name, wish in wishes_of(of, visible_text(of)).items() if wish.is_there}


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("Please cancel our subscription at the end of the month.", "cancel"),
        ("Bitte kündigen Sie unseren Vertrag zum Jahresende.", "cancel"),
        ("Quisiera dar de baja mi suscripción.", "cancel"),
        ("契約を解約したいです。手続きを教えてください。", "cancel"),
        ("I want my money back for the last two months.", "refund"),
        ("Ich möchte mein Geld zurück.", "refund"),
        ("Vorrei il rimborso di quanto pagato.", "refund"),
        ("Please call me back today, my number is 555 0100.", "callback"),
        ("Bitte rufen Sie mich zurück.", "callback"),
        ("I want to speak to your manager about this.", "manager"),
        ("Je veux parler à votre responsable.", "manager"),
        ("If this is not solved by Friday, my lawyer will contact you.", "legal"),
        ("Please erase all personal data that you hold about me.", "privacy"),
        ("We are comparing you with two other vendors at the moment.", "alternatives"),
        ("We would like to move to a smaller plan.", "downgrade"),
        ("I am not sure that we will renew in June.", "renewal_doubt"),
        ("We only open the calendar, the rest is dead weight to us, so put us on something cheaper.", "downgrade"),
        ("The board has put your line on its list and wants to know what we pay it for.", "leadership_asks"),
        ("Hardly anybody here opens it any more, it is money for nothing.", "no_value"),
    ],
)
def test_a_wish_is_found(text: str, wish: str) -> None:
    assert wish in wanted(text)


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("I don't want to cancel, I have a question.", "cancel"),
        ("Ich will nicht kündigen, nur die Adresse ändern.", "cancel"),
        ("Why did you cancel my subscription?", "cancel"),
        ("How do I cancel my meeting with Anna tomorrow?", "cancel"),
        ("The cancel button of the export does nothing.", "cancel"),
        ("My customer wants a refund, where do I enter that in your shop system?", "refund"),
        ("Thank you, the refund has arrived.", "refund"),
        ("The callback URL of our webhook answers 404.", "callback"),
        ("I am a manager at Globex and need access to the reports.", "manager"),
        ("The manager role cannot see the reports.", "manager"),
        ("Hi, this is Sue from accounting.", "legal"),
        ("We run a tennis court booking site.", "legal"),
        ("Where do I change the legal name of our company?", "legal"),
        ("How do I delete a project?", "privacy"),
        ("Please move me to the bigger plan from April.", "downgrade"),
        ("We would like to upgrade our subscription to the professional plan.", "downgrade"),
        ("Nous passons à la formule supérieure, merci de changer notre contrat.", "downgrade"),
        ("Wir brauchen zusätzliche Lizenzen und den größeren Tarif.", "downgrade"),
    ],
)
def test_what_only_sounds_like_it_is_none(text: str, wish: str) -> None:
    assert wish not in wanted(text)


def test_nothing_is_wanted_by_nothing() -> None:
    assert wanted("") == set()

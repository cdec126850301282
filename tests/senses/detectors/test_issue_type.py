"""issue_type: which of the twelve types a text is about, in four languages."""

from __future__ import annotations

import pytest

from adapters.ticket import Message, Ticket
from bot.senses.detectors.issue_type import detect
from tests.senses.makers import signal, value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The whole site is down since this morning", "outage"),
        ("Seit heute früh ist das System nicht erreichbar", "outage"),
        ("Le service est en panne", "outage"),
        ("El servicio está caído", "outage"),
        ("I was charged twice, please send me a refund", "billing"),
        ("Ich wurde doppelt belastet und möchte eine Rückerstattung", "billing"),
        ("Je n'ai pas reçu ma facture", "billing"),
        ("Necesito un reembolso", "billing"),
        ("How do I change the logo?", "how_to"),
        ("Wie kann ich das Logo ändern?", "how_to"),
        ("I forgot my password and am locked out", "account_access"),
        ("Ich kann mich nicht anmelden, mein Passwort geht nicht", "account_access"),
        ("The export button shows an error message", "bug"),
        ("Die App stürzt beim Öffnen ab", "bug"),
        ("It would be great if you had a dark mode", "feature_request"),
        ("Der Webhook zu unserem CRM liefert nichts", "integration"),
        ("I found an XSS vulnerability in your login page", "security"),
        ("Ich habe eine Sicherheitslücke gefunden", "security"),
        ("All our records have disappeared", "data_loss"),
        ("Toutes nos données ont disparu", "data_loss"),
        ("I want to cancel my subscription", "cancellation"),
        ("Hiermit kündige ich den Vertrag", "cancellation"),
        ("Je souhaite résilier mon contrat", "cancellation"),
        ("Quiero cancelar mi suscripción", "cancellation"),
        ("We offer SEO services and backlinks for your website", "spam"),
        ("Good morning to you", "other"),
    ],
)
def test_issue_type_is_found(text: str, kind: str) -> None:
    assert value(detect, text) == kind


def test_a_clear_outage_is_sure_enough_for_rules() -> None:
    ticket = Ticket(subject="Everything is down", messages=(Message(body_text="Nobody can log in."),))

    assert signal(detect, ticket).score >= 0.7

"""What answers a question is offered to both drafters, what only shares its words is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.ticket import Message, Person, Ticket
from bot.config import ModelSettings
from bot.drafts.article_search import ArticleIndex
from bot.drafts.llm.chat_completion import Answered, Messages
from bot.drafts.llm.model_drafter import ModelDrafter
from bot.drafts.source_fit import codes_of, fitting, reports_fault, speaks_of_fault, special_matters
from bot.drafts.types import Article, DraftAsk
from bot.senses import sense
from tests.drafts.makers import MACRO, NOW, ask, ticket

SHELF = ArticleIndex.load(Path(__file__).parents[2] / "sandbox" / "articles")


def asked(subject: str, body: str, locale: str = "en") -> DraftAsk:
    of = Ticket(
        subject=subject, messages=(Message(external_id="1", body_text=body),), requester=Person(name="Jo Field", locale=locale)
    )
    return DraftAsk(ticket=of, now=NOW, signals=sense(of, NOW))


@pytest.mark.parametrize(
    ("subject", "body", "matter"),
    [
        ("All our contacts are gone", "Since this morning all 4,200 contacts have disappeared. Nobody deleted them.", "loss"),
        ("Projekte weg", "Seit heute früh sind alle Projekte verschwunden, niemand hat etwas gelöscht.", "loss"),
        ("Datos", "Nuestros contactos han desaparecido de la papelera.", "loss"),
        ("Someone logged in to my account", "My account was used from Vietnam. Please reset the password.", "takeover"),
        ("Compte piraté", "Mon compte a été piraté, quelqu'un a changé le mot de passe.", "takeover"),
        ("Fremder Zugriff", "In meinem Konto hat sich jemand aus Brasilien angemeldet.", "takeover"),
        ("Delete my data", "Under GDPR article 17 I want you to delete all personal data and deleted records.", "privacy"),
        ("Löschung", "Nach der DSGVO verlange ich die Löschung meiner Daten.", "privacy"),
        ("Mes données", "Conformément au RGPD, effacez mes données personnelles.", "privacy"),
        ("Chargeback", "My lawyer will contact you about the payment and the refund.", "legal"),
        ("This is ridiculous", "I want to speak to your manager NOW about my password.", "anger"),
        ("Login", "My password was changed yesterday and it was not by me, somebody is in my account.", "takeover"),
        ("Cuenta", "Me llegó un aviso de que entraron en mi cuenta desde Rusia. ¿Cómo restablezco la contraseña?", "takeover"),
        ("Facture", "C'est la cinquième fois que je demande ma facture, vous vous moquez de moi ! C'est honteux !", "anger"),
        ("Cancel", "Cancel our subscription today. I am furious, this is a useless service!", "leaving"),
    ],
)
def test_a_matter_that_needs_a_person_gets_no_how_to(subject: str, body: str, matter: str) -> None:
    of = asked(subject, body)

    found = fitting(of, SHELF)

    assert matter in special_matters(f"{subject}\n{body}", of)
    assert found.articles == ()
    assert "a matter for a person" in found.why


def test_an_article_about_that_very_matter_fits_it() -> None:
    found = fitting(asked("Security report", "I found a vulnerability and would like to report it. What do you need?"), SHELF)

    assert [each.article.id for each in found.articles] == ["report-vulnerability"]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Wrong VAT on invoices", "Our accountant needs corrected invoices this week, otherwise we stop paying."),
        ("VAT number", "Our accountant needs the VAT number of your company."),
        ("Map shows the wrong city", "The map shows Berlin instead of Bern. I want my money back, this is useless."),
        ("😡", '😡😡😡 🔥 "quote" \\ back\\slash'),
        ("Webhook stopped", "It says 200 when I send a test, but real events still do not arrive."),
        ("API key rejected", "Every call to /v2/records returns 401 with our key."),
        ("Import fails", "The import of contacts from our CSV stops at row 812 with the error E42."),
        ("USt-ID", "Unsere Buchhalterin braucht die Rechnung mit der richtigen USt-ID."),
        ("TVA", "Notre comptable a besoin de votre numéro de TVA."),
        ("IVA", "La factura tiene el IVA equivocado, necesitamos una corregida."),
    ],
)
def test_words_in_common_by_chance_are_no_answer(subject: str, body: str) -> None:
    assert fitting(asked(subject, body), SHELF).articles == ()


def test_a_fault_that_the_article_speaks_of_is_answered() -> None:
    found = fitting(asked("Reset mail", "I asked for a password reset twice but the e-mail never arrives."), SHELF)

    assert found.articles[0].article.id == "reset-password"


def test_a_macro_that_only_repeats_the_subject_does_not_fit() -> None:
    of = ticket("The printer ate the blue folder.", "Blue folder in the printer")
    echo = MACRO.__class__(macro=MACRO.macro, text='Hello,\n\nwe look at "Blue folder in the printer" now and write again.')

    assert fitting(ask(of, previews=(echo,), articles=()), SHELF).previews == ()


def test_the_model_is_asked_only_with_what_fits() -> None:
    prompts: list[str] = []

    def complete(settings: ModelSettings, messages: Messages, ends_at: float) -> Answered:
        prompts.append(str(messages[1]["content"]))
        return Answered(text='{"language": "en", "sentences": [{"text": "Open the bin in the left menu.", "sources": ["A3"]}]}')

    drafter = ModelDrafter(ModelSettings(base_url="https://m.example/v1", name="m", timeout_s=50), SHELF, complete=complete)

    no_fit = drafter.draft(asked("Delete my data", "Under GDPR I want you to delete all personal data and all deleted records."))
    other = drafter.draft(asked("Export", "How can I export all our contacts to a CSV file?"))

    assert no_fit.withheld
    assert len(prompts) == 1
    assert "Restore deleted" not in prompts[0]
    assert other.withheld  # what it cited was not offered


@pytest.mark.parametrize(
    "looking",
    [
        "I could not find it in the settings.",
        "I can't find the button.",
        "We are not sure where to click.",
        "Ich habe den Knopf nicht gefunden.",
        "Je ne trouve pas le bouton.",
        "No encuentro el botón.",
    ],
)
def test_who_looks_for_something_reports_no_fault(looking: str) -> None:
    assert not reports_fault(f"How do I export my data?\n{looking}")
    assert reports_fault(f"{looking} And the export fails.")


def test_a_question_how_is_answered_by_the_article_that_says_how() -> None:
    said = "Hello,\n\nhow do I export my contacts as a CSV file? I could not find it in the settings.\n\nThank you, Jo"

    found = fitting(asked("How do I export my data?", said), SHELF)

    assert found.articles[0].article.id == "export-data"


def test_an_article_that_only_denies_something_speaks_of_no_fault() -> None:
    assert not speaks_of_fault("The export fails.", "A downgrade hides what the smaller plan does not have, the export as well.")
    assert speaks_of_fault("The export fails.", "If the export does not work, try it again at night.")


def test_a_customer_s_name_hides_no_matter() -> None:
    of = asked("Export", "How do I export my data as CSV? This is a GDPR request to delete all my personal data.")
    named = replace(of, ticket=replace(of.ticket, requester=Person(name="GDPR personal data", locale="en")))

    assert fitting(named, SHELF).articles == ()


@pytest.mark.parametrize("body", ["The invite button crashes the page.", "Pressing Invite does nothing and shows an error."])
def test_a_crash_is_no_way_of_asking_how(body: str) -> None:
    assert fitting(asked("Add a user", f"How do I add a user? {body}"), SHELF).articles == ()


def test_an_article_without_text_is_no_answer() -> None:
    empty = Article(id="a", title="Download your invoices", text="# Invoices\n![Screenshot](x.png)")
    full = Article(id="b", title="Download your invoices", text="# Download an invoice\n1. Open Billing.\n2. Press Download.")

    found = fitting(asked("Invoice", "How do I download my invoices?"), ArticleIndex([empty, full]))

    assert [each.article.id for each in found.articles] == ["b"]


def test_many_contacts_are_no_error_s_code() -> None:
    assert codes_of("We have 450 contacts and 4,290 records.") == frozenset()
    assert codes_of("It answers 429, see E-1234.") == {"429", "E-1234"}

"""What a question and an article have in common beside words: the issue that both are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.ticket import Message, Person, Ticket
from bot.drafts import kinship as kinships
from bot.drafts.article_search import ArticleIndex
from bot.drafts.kinship import PATHS, kinship, likenesses, matter, read_ahead
from bot.drafts.source_fit import fitting
from bot.drafts.types import DraftAsk
from bot.senses import sense
from bot.senses.learned.classifier import read
from tests.drafts.makers import NOW

SHELF = ArticleIndex.load(Path(__file__).parents[2] / "sandbox" / "articles")
ARTICLES = {each.id: each for each in SHELF.articles}


def asked(language: str, subject: str, body: str) -> DraftAsk:
    of = Ticket(subject=subject, messages=(Message(external_id="1", body_text=body),), requester=Person(locale=language))
    return DraftAsk(ticket=of, now=NOW, signals=sense(of, NOW))


def test_both_are_near_where_they_are_about_the_same_issue() -> None:
    of = matter("Our bookkeeper wants last month's bill from me and I cannot see where to get it.", "en")

    invoices, webhooks = kinship(of, ARTICLES["factures"]), kinship(of, ARTICLES["connect-webhooks"])

    assert invoices.near > 0.5 > webhooks.near + 0.2
    assert all(0 <= each <= 1 for found in (invoices, webhooks) for each in (found.near, found.own))


def test_articles_that_were_read_ahead_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    read_ahead(SHELF.articles)
    question = "Where are our invoices?"
    of = matter(question, "en")
    monkeypatch.setattr(
        kinships, "read", lambda texts, by: read(texts, by) if list(texts) == [question] else pytest.fail("read again")
    )

    assert all(kinship(of, each).near >= 0 for each in SHELF.articles)


def test_a_story_without_the_article_s_words_is_nearest_to_its_passages() -> None:
    told = "Since my holiday I cannot remember what I typed here every morning, and the page only shakes its head at me."

    found = likenesses(told, "en", SHELF.articles)

    assert max(found, key=lambda each: found[each].together) == "reset-password"
    assert {ARTICLES[each].language for each in found} == {"en"}


def test_other_languages_and_a_missing_encoder_compare_nothing_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert likenesses("Ich komme nicht mehr hinein.", "de", SHELF.articles) == {}
    monkeypatch.setattr(kinships, "english_encoder", lambda: None)
    assert likenesses("I cannot get in any more.", "en", SHELF.articles) == {}


def test_the_issue_that_the_senses_found_is_the_question_s_own() -> None:
    assert matter("Hello", "en", "billing.refund.request").path == "billing.refund.request"
    assert matter("How do I get my money back?", "en", "our_own.issue").path in PATHS


@pytest.mark.parametrize(
    ("language", "subject", "body", "article"),
    [
        (
            "fr",
            "Où est notre facture ?",
            "Bonjour, notre comptable me réclame la facture de novembre et je ne sais pas où la trouver dans l'application.",
            "factures",
        ),
        ("es", "¿Dónde está?", "Hola, nuestro contable me pide la factura de noviembre y no sé dónde encontrarla.", "facturas"),
        (
            "de",
            "Anmeldung",
            "Hallo, ich hab mein Kennwort vergessen. Wie komme ich wieder rein? Gruß, Sven",
            "passwort-zuruecksetzen",
        ),
        ("en", "no mail coming", "I clicked the forgotten thing on the sign-in screen, nothing has shown up.", "reset-password"),
    ],
)
def test_a_story_around_a_question_costs_no_article(language: str, subject: str, body: str, article: str) -> None:
    assert [each.article.id for each in fitting(asked(language, subject, body), SHELF).articles][:1] == [article]


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Payment terms", "Our procurement asks for payment within 60 days instead of 30. Is that possible?"),
        ("Print", "How do I print a map with a scale bar on A3 paper?"),
        ("Old address", "I have left the firm whose mailbox I signed up with. Can you take gina@example.com for my account?"),
    ],
)
def test_what_is_only_near_the_issue_finds_none(subject: str, body: str) -> None:
    assert fitting(asked("en", subject, body), SHELF).articles == ()

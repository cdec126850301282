"""The finer levels of what a ticket is about: the table, the word lists, and what is found in four languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.senses.detectors import issue_type
from bot.senses.detectors.issue import detect
from bot.senses.lexicon import lexicon, tree
from rules.values.taxonomy import ISSUES, PATHS, TYPES, levels, support_tier
from tests.senses.makers import signal, ticket, value

LANGUAGES = ("en", "de", "fr", "es")


def test_the_table_has_thirty_issues_and_more_each_of_three_levels() -> None:
    paths = [each.path for each in ISSUES]

    assert len(paths) >= 30
    assert len(set(paths)) == len(paths)
    assert {path.count(".") for path in paths} == {2}
    assert {each.issue_type for each in ISSUES} == set(TYPES) - {"spam"}
    assert all(each.meaning and len(path) <= 120 for each, path in zip(ISSUES, paths, strict=True))
    assert set(TYPES) == {"spam", "other", "privacy", *lexicon("issue_type").labels}


def test_every_issue_has_words_in_every_language_and_no_word_is_without_an_issue() -> None:
    listed = tree("issue")["labels"]

    assert set(listed) <= set(PATHS)
    assert {each.path for each in ISSUES if each.issue_type != "privacy"} <= set(listed)
    lacking = [
        (path, language) for path, groups in listed.items() for language in LANGUAGES if not any(language in g for g in groups)
    ]
    assert lacking == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Our invoice shows the wrong amount, it is higher than agreed.", "billing.invoice.wrong_amount"),
        ("Where is my invoice for October?", "billing.invoice.missing"),
        ("I was charged twice for the same month.", "billing.charge.double"),
        ("Please refund the last payment.", "billing.refund.request"),
        ("I still have not received my refund.", "billing.refund.waiting"),
        ("The payment was declined again.", "billing.payment.failed"),
        ("An invoice, please.", "billing.invoice"),
        ("Something about billing.", "billing"),
        ("I forgot my password and the reset link does not come.", "account_access.password.reset"),
        ("I cannot log in.", "account_access.login.fails"),
        ("The app crashes when I open a project.", "bug.crash.closes"),
        ("There is an error message when I save.", "bug.error.message"),
        ("It is broken: the export as CSV stopped working.", "bug.files.export_fails"),
        ("Production is down, nobody can log in, nothing works.", "outage.service.all_down"),
        ("The webhooks of the integration do not arrive.", "integration.webhook.not_received"),
        ("Your API answers 429, too many requests.", "integration.api.rate_limit"),
        ("I found an XSS vulnerability in your form.", "security.report.vulnerability"),
        ("My account was hacked.", "security.account.taken_over"),
        ("I accidentally deleted a project, please restore it.", "data_loss.deleted.by_mistake"),
        ("All our records have disappeared.", "data_loss.missing.disappeared"),
        ("Please close my account.", "cancellation.account.close"),
        ("We will not renew the contract.", "cancellation.renewal.stop"),
        ("How do I export my contacts to Excel?", "how_to.files.export_import"),
        ("How do I change the colours?", "how_to.use.function"),
        ("Would be great if the list was easier to use, it is only a suggestion.", "feature_request.change.improvement"),
        ("Do you plan a dark mode, is it on the roadmap?", "feature_request.roadmap.when"),
        ("Where is my order? The parcel should have arrived.", "other.order.delivery"),
        ("Hello there.", "other"),
        ("Die Rechnung ist zu hoch, der Betrag stimmt nicht.", "billing.invoice.wrong_amount"),
        ("Sie haben mir den Betrag doppelt abgebucht.", "billing.charge.double"),
        ("Ich warte auf die Erstattung meiner Zahlung.", "billing.refund.waiting"),
        ("Mein Konto ist gesperrt, ich kann mich nicht anmelden.", "account_access.login.locked"),
        ("Die Anwendung stürzt ständig ab.", "bug.crash.closes"),
        ("Wir kündigen den Vertrag.", "cancellation.subscription.end"),
        ("J'ai été débité deux fois ce mois-ci.", "billing.charge.double"),
        ("J'ai oublié mon mot de passe.", "account_access.password.reset"),
        ("L'application plante au démarrage.", "bug.crash.closes"),
        ("Le site est en panne, personne ne peut se connecter.", "outage.service.all_down"),
        ("Me han cobrado dos veces este mes.", "billing.charge.double"),
        ("He olvidado mi contraseña.", "account_access.password.reset"),
        ("¿Cómo puedo exportar los datos a Excel?", "how_to.files.export_import"),
        ("Quiero cerrar mi cuenta.", "cancellation.account.close"),
    ],
)
def test_what_it_is_about_is_told_as_fine_as_the_words_are(text: str, path: str) -> None:
    found = signal(detect, ticket(text))

    assert found.value == path
    assert 0 < found.score <= 1
    assert found.why


def test_two_issues_of_the_same_weight_leave_what_they_have_in_common() -> None:
    assert value(detect, "The import and the export are broken.") == "bug.files"
    assert value(detect, "A bug: the app crashes, and the list is slow.") == "bug"


def _phrases(name: str) -> list[str]:
    groups = [group for groups in tree(name)["labels"].values() for group in groups]
    said = [phrase for group in groups for language in LANGUAGES for phrase in group.get(language, [])]
    return [phrase.replace("*", "").replace("_", "the") for phrase in said]


@given(st.lists(st.sampled_from([*_phrases("issue"), *_phrases("issue_type")]), max_size=6))
def test_the_first_level_is_the_issue_type_whatever_is_said(phrases: list[str]) -> None:
    text = ", ".join(phrases)

    found = value(detect, text)

    assert found in PATHS
    assert levels(str(found))[0] == value(issue_type.detect, text)


@pytest.mark.parametrize(
    ("path", "tier"), [("security.data", 3), ("bug", 2), ("billing.invoice.missing", 1), ("spam", None), ("x", None)]
)
def test_an_issue_has_its_tier_of_support_at_any_level(path: str, tier: int | None) -> None:
    assert support_tier(path) == tier

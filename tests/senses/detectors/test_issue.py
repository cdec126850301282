"""What a ticket is about: the table, several issues a ticket with the gravest first, and a conversation that keeps its issue."""

from __future__ import annotations

import pytest

from adapters.ticket import AuthorKind, Direction, Message, Ticket
from bot.senses.detectors.issue import detect, detect_all, detect_type
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


def test_every_listed_word_has_an_issue() -> None:
    assert set(tree("issue")["labels"]) <= set(PATHS)


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
def test_the_type_is_found(text: str, kind: str) -> None:
    assert value(detect_type, text) == kind


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Our invoice shows the wrong amount, it is higher than agreed.", "billing.invoice.wrong_amount"),
        ("Where is my invoice for October?", "billing.invoice.missing"),
        ("I was charged twice for the same month.", "billing.charge.double"),
        ("Please refund the last payment.", "billing.refund.request"),
        ("You promised me my money back three weeks ago and it still has not arrived.", "billing.refund.waiting"),
        ("The payment was declined again.", "billing.payment.failed"),
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
        ("Die zugesagte Erstattung ist nach drei Wochen noch immer nicht auf meinem Konto.", "billing.refund.waiting"),
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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("サービスが停止しています。誰もログインできません。", "outage"),
        ("系统打不开了，全公司都登录不了。", "outage"),
        ("Tutti i nostri dati sono spariti stanotte.", "data_loss"),
        ("Todos os nossos pedidos de maio sumiram do sistema.", "data_loss"),
        ("Al onze facturen zijn weg sinds de update.", "data_loss"),
        ("Ktoś zalogował się na moje konto z innego kraju.", "security"),
        ("Jag ser en annan kunds fakturor i min lista.", "security"),
        ("다른 고객의 주문 내역이 제 계정에 보입니다.", "security"),
        ("Не могу войти, пишет неверный пароль.", "account_access"),
        ("Please delete all personal data that you hold about me, under article 17 GDPR.", "privacy"),
        ("Ich verlange Auskunft über alle Daten, die Sie über mich gespeichert haben (Art. 15 DSGVO).", "privacy"),
    ],
)
def test_grave_matters_are_found_in_languages_without_lists(text: str, kind: str) -> None:
    assert value(detect_type, text) == kind


@pytest.mark.parametrize(
    ("text", "not_so"),
    [
        ("Could you send us your ISO 27001 certificate and the list of your sub-processors?", "data_loss"),
        ("When do I get my security deposit back?", "security"),
        ("How do I cancel my 3 pm meeting in the calendar?", "cancellation"),
        ("I deleted a test project on purpose, all fine. Does it still count for our plan?", "data_loss"),
        ("Wo stelle ich die Abwesenheitsnotiz ein?", "outage"),
    ],
)
def test_a_word_alone_decides_nothing(text: str, not_so: str) -> None:
    assert value(detect_type, text) != not_so


def test_a_question_on_certificates_is_no_incident() -> None:
    found = value(detect, "For our audit: are you certified for ISO 27001, and in which country is our data stored?")

    assert found == "security.question.compliance"


@pytest.mark.parametrize(
    ("text", "first", "also"),
    [
        ("All our records are gone. Please cancel our contract.", "data_loss", "cancellation"),
        (
            "How do I change the logo? By the way, since today I can see the invoices of another company in my list.",
            "security",
            "how_to",
        ),
        (
            "Wir bräuchten noch die Rechnung vom Mai. Außerdem ist seit heute früh nichts erreichbar, niemand kann arbeiten.",
            "outage",
            "billing",
        ),
    ],
)
def test_several_issues_are_kept_and_the_gravest_comes_first(text: str, first: str, also: str) -> None:
    found = value(detect_all, text)

    assert isinstance(found, tuple)
    assert found[0].startswith(first)
    assert any(path.startswith(also) for path in found)
    assert value(detect_type, text) == first


def test_each_issue_is_told_with_the_sentence_that_tells_it() -> None:
    found = signal(detect_all, ticket("All our records are gone. Please cancel our contract."))

    assert "“All our records are gone”" in found.why
    assert "“Please cancel our contract”" in found.why


def _thread(*bodies: str) -> Ticket:
    """The customer's messages, each but the last answered."""
    messages: list[Message] = []
    for number, body in enumerate(bodies):
        messages.append(Message(external_id=f"c{number}", body_text=body))
        if number + 1 < len(bodies):
            messages.append(
                Message(external_id=f"a{number}", body_text="Please look.", direction=Direction.OUT, author_kind=AuthorKind.AGENT)
            )
    return Ticket(subject="Reset", messages=tuple(messages))


@pytest.mark.parametrize("answer", ["It is not in spam.", "Yes.", "iPhone 15 Pro", "Tried it, same."])
def test_a_conversation_keeps_its_issue_through_short_answers(answer: str) -> None:
    found = signal(detect, _thread("I forgot my password, and the mail to reset it never arrives.", answer))

    assert str(found.value).startswith("account_access.password")
    assert found.why.startswith("said earlier: “")


ANSWERS = [
    "It is Firefox on two machines, and Chrome on a third. It began after the update of last Thursday, all of us see it.",
    "Safari on the old iMac, Edge on the others. Since Monday morning, for everybody in the office.",
    "Yes, on both phones. I cleared the cache as you said and tried again twice, it is still the same.",
    "Ja, auf allen Rechnern, seit der Aktualisierung vom Freitag. Die Kollegen in Köln sehen dasselbe.",
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_to_our_question_is_no_new_harm(answer: str) -> None:
    """What the agent asked for, in some sentences: it makes no data loss of a question on exports."""
    found = detect_all(_thread("How do I export my contacts as a CSV file? I could not find it.", answer), answer).value

    paths = found if isinstance(found, tuple) else ()
    assert paths
    assert not any(path.startswith(("security", "data_loss", "outage")) for path in paths), paths


def test_a_new_issue_takes_the_place_of_the_old_one() -> None:
    ticket = _thread(
        "I forgot my password.", "Works now, thanks. But I was charged twice for the May invoice, please look into it."
    )

    assert str(signal(detect, ticket).value).startswith("billing")


def test_nothing_is_unknown_and_not_a_guess() -> None:
    assert value(detect, "Good morning to you") == "other"
    assert value(detect_all, "Good morning to you") == ()


def test_a_clear_outage_is_sure_enough_for_rules() -> None:
    of = Ticket(subject="Everything is down", messages=(Message(body_text="Nobody can log in."),))

    assert signal(detect_type, of).score >= 0.7


@pytest.mark.parametrize("text", ["", "x", "Where is my invoice?", "We offer SEO services and backlinks for your website"])
def test_the_first_level_is_the_issue_type_whatever_is_said(text: str) -> None:
    found = value(detect, text)

    assert found in PATHS
    assert levels(str(found))[0] == value(detect_type, text)


@pytest.mark.parametrize(
    ("path", "tier"), [("security.data", 3), ("bug", 2), ("billing.invoice.missing", 1), ("spam", None), ("x", None)]
)
def test_an_issue_has_its_tier_of_support_at_any_level(path: str, tier: int | None) -> None:
    assert support_tier(path) == tier

"""What the detectors find in tickets, in the words of customers in four languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.ticket import AuthorKind, Direction, Message, Person, Ticket
from bot.senses import DETECTORS, sense
from rules.model.facts import Signal, SignalValue

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def value(name: str, body: str, subject: str = "") -> SignalValue:
    return sense(Ticket(subject=subject, messages=(Message(external_id="1", body_text=body),)), NOW)[name].value


def test_every_signal_has_a_value_a_score_and_a_why() -> None:
    signals = sense(Ticket(subject="Help"), NOW)

    assert set(signals) == set(DETECTORS)
    assert all(0 <= signal.score <= 1 and signal.why for signal in signals.values())


def test_a_failing_detector_costs_only_its_own_signal() -> None:
    def broken(ticket: Ticket, text: str) -> Signal:
        raise ValueError("no")

    signals = sense(Ticket(subject="Help"), NOW, {"broken": broken, "is_spam": DETECTORS["is_spam"]})

    assert set(signals) == {"is_spam"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How do I export my contacts to a spreadsheet?", "en"),
        ("Wie kann ich meine Kontakte in eine Tabelle exportieren?", "de"),
        ("Comment puis-je exporter mes contacts vers un tableur ?", "fr"),
        ("¿Cómo puedo exportar mis contactos a una hoja de cálculo?", "es"),
        ("Come posso esportare i miei contatti in un foglio di calcolo?", "it"),
        ("Como posso exportar os meus contatos para uma planilha?", "pt"),
        ("Hoe kan ik mijn contacten naar een spreadsheet exporteren?", "nl"),
        ("Jak mogę wyeksportować kontakty do arkusza kalkulacyjnego?", "pl"),
        ("Hur kan jag exportera mina kontakter till ett kalkylblad?", "sv"),
        ("Kan du forklare hvorfor jeg ikke kan logge ind på min konto mere?", "da"),
        ("Miten voin viedä yhteystietoni taulukkoon?", "fi"),
        ("Jak mohu exportovat své kontakty do tabulky?", "cs"),
        ("Как экспортировать мои контакты в таблицу?", "ru"),
        ("Як мені експортувати свої контакти в таблицю?", "uk"),
        ("Kişilerimi bir elektronik tabloya nasıl aktarabilirim?", "tr"),
        ("連絡先を表計算に書き出すにはどうすればよいですか?", "ja"),
        ("如何将我的联系人导出到电子表格?", "zh"),
        ("연락처를 스프레드시트로 내보내려면 어떻게 하나요?", "ko"),
        ("كيف يمكنني تصدير جهات الاتصال إلى جدول بيانات؟", "ar"),
        ("כיצד אוכל לייצא את אנשי הקשר שלי לגיליון?", "he"),
    ],
)
def test_language_is_found(text: str, language: str) -> None:
    assert value("language", text) == language


def test_too_few_letters_are_no_language() -> None:
    assert value("language", "??? 12345") == "und"


def test_the_locale_stands_in_for_too_few_letters() -> None:
    ticket = Ticket(requester=Person(locale="de-AT"), messages=(Message(body_text="?"),))

    assert sense(ticket, NOW)["language"].value == "de"


def test_quoted_history_does_not_decide_the_language() -> None:
    body = (
        "Das funktioniert leider immer noch nicht.\n\nOn 2 Nov 2026 at 10:15, Anna wrote:\n\n> Please try it again and tell us."
    )

    assert value("language", body) == "de"


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
    assert value("issue_type", text) == kind


def test_a_clear_outage_is_sure_enough_for_rules() -> None:
    ticket = Ticket(subject="Everything is down", messages=(Message(body_text="Nobody can log in."),))

    assert sense(ticket, NOW)["issue_type"].score >= 0.7


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Everything is down", "p1"),
        ("All our records have disappeared", "p1"),
        ("I found a vulnerability", "p1"),
        ("Checkout shows an error message, customers cannot pay and we are losing sales", "p1"),
        ("The report page shows an error message for all users and this is urgent", "p1"),
        ("The export is broken and we cannot work", "p2"),
        ("I am locked out of my account", "p2"),
        ("The chart shows an error message", "p3"),
        ("There is a bug but we have a workaround, no rush", "p4"),
        ("There is a typo on the start page, looks broken", "p4"),
        ("How do I change the logo?", "p4"),
        ("It would be great if you had a dark mode", "p4"),
    ],
)
def test_severity_follows_impact_and_urgency(text: str, severity: str) -> None:
    assert value("severity", text) == severity


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("This is outrageous, you are incompetent!", "angry"),
        ("Das ist eine Frechheit!", "angry"),
        ("C'est une honte, une arnaque !", "angry"),
        ("¡Es una vergüenza!", "angry"),
        ("This keeps happening and I am still waiting", "frustrated"),
        ("Das ist jetzt schon wieder passiert, ich bin enttäuscht", "frustrated"),
        ("Toujours pas de solution, je suis déçu", "frustrated"),
        ("I don't understand what this page means", "confused"),
        ("Ich verstehe nicht, was das bedeutet", "confused"),
        ("It works now, thank you so much, excellent support", "satisfied"),
        ("Super, vielen Dank, es funktioniert wieder", "satisfied"),
        ("Please change the address on our account", "neutral"),
    ],
)
def test_sentiment_is_guessed(text: str, mood: str) -> None:
    assert value("sentiment", text) == mood


def test_frustration_grows_with_unanswered_messages() -> None:
    once = Ticket(messages=(Message(body_text="It fails"),))
    thrice = Ticket(messages=tuple(Message(body_text="It fails", external_id=str(n)) for n in range(3)))

    assert _frustration(thrice) > _frustration(once)


def test_an_answer_ends_the_waiting() -> None:
    waiting = (Message(body_text="It fails"), Message(body_text="It fails"))
    answer = Message(body_text="We look", direction=Direction.OUT, author_kind=AuthorKind.AGENT)

    assert _frustration(Ticket(messages=(*waiting, answer, *waiting[:1]))) < _frustration(Ticket(messages=waiting))


def _frustration(ticket: Ticket) -> float:
    found = sense(ticket, NOW)["frustration"].value
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("How do I export?", "none"),
        ("This keeps happening", "low"),
        ("We are looking at alternatives", "medium"),
        ("I want to cancel my subscription", "high"),
        ("We are not renewing", "high"),
        ("Ich möchte kündigen", "high"),
        ("Cancel our contract with immediate effect", "critical"),
        ("We want to cancel, it keeps happening and we are looking at alternatives", "critical"),
    ],
)
def test_churn_level_follows_the_words(text: str, level: str) -> None:
    assert value("churn_level", text) == level


def test_churn_words_quote_the_text() -> None:
    assert value("churn_words", "We want to downgrade") == ("downgrade",)


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("Please cancel our contract", True),
        ("Bitte kündigen Sie mein Abo", True),
        ("Je veux résilier", True),
        ("Queremos cancelar", True),
        ("If this isn't fixed we cancel", True),
        ("I don't want to cancel, I have a question", False),
        ("Ich will nicht kündigen", False),
        ("Je ne veux pas résilier", False),
        ("No quiero cancelar mi cuenta", False),
        ("The cancel button of the export does nothing", False),
    ],
)
def test_a_wish_to_cancel_is_told_from_its_denial(text: str, wants: bool) -> None:
    assert value("wants_cancel", text) is wants


@pytest.mark.parametrize(
    "text", ["I want to speak to your manager", "Ich möchte Ihren Vorgesetzten sprechen", "Je veux parler à votre responsable"]
)
def test_asking_for_management_is_found(text: str) -> None:
    assert value("asks_for_management", text) is True


@pytest.mark.parametrize(
    "text", ["I will talk to my lawyer", "Mein Anwalt meldet sich", "Mon avocat vous écrira", "Llamaré a mi abogado"]
)
def test_legal_words_are_found(text: str) -> None:
    assert value("legal_words", text)


@pytest.mark.parametrize("word", ["issue", "pursue", "courtesy", "suede"])
def test_parts_of_words_are_not_found(word: str) -> None:
    assert value("legal_words", f"a {word} of ours") == ()


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your ticket",
        "Re: Out of Office: Export",
        "Abwesenheitsnotiz: Export",
        "Réponse automatique : Export",
        "Respuesta automática: Export",
        "Automatisch antwoord: Export",
        "Undeliverable: Your ticket",
        "Delivery Status Notification (Failure)",
        "自動応答: お問い合わせ",
        "自动回复: 您好",
    ],
)
def test_subjects_of_machines_are_found(subject: str) -> None:
    assert value("is_auto_reply", "See you soon", subject) is True


def test_a_flag_of_the_headers_is_enough() -> None:
    ticket = Ticket(messages=(Message(body_text="Thanks for your mail", is_auto_generated=True),))

    assert sense(ticket, NOW)["is_auto_reply"].value is True


def test_a_bounce_is_found_by_its_sender() -> None:
    ticket = Ticket(requester=Person(emails=("MAILER-DAEMON@mx.example.com",)), messages=(Message(body_text="Hello"),))

    assert sense(ticket, NOW)["is_auto_reply"].value is True


@pytest.mark.parametrize("subject", ["How do I set an automatic reply?", "Out of ideas", "Question on vacation days"])
def test_questions_about_such_subjects_are_not_machines(subject: str) -> None:
    assert value("is_auto_reply", "Please help me with this", subject) is False


def test_whoever_an_agent_answered_is_no_spam() -> None:
    answer = Message(direction=Direction.OUT, author_kind=AuthorKind.AGENT, body_text="Hello")
    spam = Message(body_text="SEO services, backlinks, first page of google")

    assert sense(Ticket(messages=(spam,)), NOW)["is_spam"].value is True
    assert sense(Ticket(messages=(answer, spam)), NOW)["is_spam"].value is False


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_gives_every_signal(subject: str, body: str) -> None:
    signals = sense(Ticket(subject=subject, messages=(Message(body_text=body),)), NOW)

    assert set(signals) == set(DETECTORS)

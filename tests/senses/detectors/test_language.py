"""language: the customer's newest words decide, the locale where they are too few."""

from __future__ import annotations

import pytest

from adapters.ticket import AuthorKind, Direction, Message, Person, Ticket
from bot.senses.detectors.language import detect
from tests.senses.makers import signal, value


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
    assert value(detect, text) == language


GERMAN = "Guten Tag, ich kann mich seit gestern nicht mehr in mein Konto einloggen und brauche dringend Hilfe."
ENGLISH = "Hello, since yesterday I cannot log in to my account any more and need help urgently."


def thread(*said: str, locale: str = "") -> Ticket:
    """The customer's messages, each answered by an agent in between."""
    messages: list[Message] = []
    for each in said:
        messages += [
            Message(body_text=each),
            Message(body_text="We look.", direction=Direction.OUT, author_kind=AuthorKind.AGENT),
        ]
    return Ticket(subject="Konto", requester=Person(locale=locale), messages=tuple(messages[:-1]))


@pytest.mark.parametrize("answer", ["iPhone 15 Pro", "Chrome", "It is not in spam.", "ok", "4711", "Android Version"])
def test_a_short_answer_keeps_the_conversations_language(answer: str) -> None:
    assert signal(detect, thread(GERMAN, answer)).value == "de"
    assert signal(detect, thread(ENGLISH, answer)).value == "en"


def test_the_conversation_comes_before_the_locale_and_its_newest_clear_message_before_older_ones() -> None:
    assert signal(detect, thread(GERMAN, "Chrome", locale="en-US")).value == "de"
    assert signal(detect, thread(GERMAN, ENGLISH, "iPhone", "Chrome", locale="de")).value == "en"


def test_a_clear_message_changes_the_conversations_language() -> None:
    assert signal(detect, thread(GERMAN, "My colleague writes English: it still does not work on his phone.")).value == "en"
    assert signal(detect, thread(GERMAN, "ありがとう")).value == "ja"


@pytest.mark.parametrize(
    ("text", "locale"), [("Password reset", "en-US"), ("Problema", "es"), ("Reset", "de_AT"), ("Hallo", "no")]
)
def test_a_doubtful_guess_does_not_beat_the_locale(text: str, locale: str) -> None:
    wanted = {"en-US": "en", "es": "es", "de_AT": "de", "no": "nb"}[locale]

    assert (
        signal(detect, Ticket(subject=text, requester=Person(locale=locale), messages=(Message(body_text=text),))).value == wanted
    )


def test_what_speaks_for_itself_beats_the_locale() -> None:
    ticket = Ticket(requester=Person(locale="en-US"), messages=(Message(body_text=GERMAN),))

    assert signal(detect, ticket).value == "de"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("2026年3月1日に注文した商品が届きません。", "ja"),
        ("订单12345还没有收到，请帮忙查一下。", "zh"),
        ("[ERROR] startup failed\nSeit heute startet die Anwendung nicht mehr.", "de"),
        ("mera order kab aayega, abhi tak nahi mila", "hi"),
        ("Saya tidak bisa masuk ke akun saya karena kata sandi salah", "id"),
        ("Saya tidak boleh log masuk ke akaun saya kerana kata laluan salah", "ms"),
    ],
)
def test_figures_logs_and_latin_letters_do_not_hide_a_language(text: str, language: str) -> None:
    assert value(detect, text) == language


def test_why_tells_no_word_of_the_text() -> None:
    assert "iphone" not in signal(detect, thread(GERMAN, "iPhone 15 Pro")).why.casefold()


def test_too_few_letters_are_no_language() -> None:
    assert value(detect, "??? 12345") == "und"


def test_the_locale_stands_in_for_too_few_letters() -> None:
    ticket = Ticket(requester=Person(locale="de-AT"), messages=(Message(body_text="?"),))

    assert signal(detect, ticket).value == "de"


def test_quoted_history_does_not_decide_the_language() -> None:
    body = (
        "Das funktioniert leider immer noch nicht.\n\nOn 2 Nov 2026 at 10:15, Anna wrote:\n\n> Please try it again and tell us."
    )

    assert value(detect, body) == "de"

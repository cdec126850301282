"""language: the customer's newest words decide, the locale where they are too few."""

from __future__ import annotations

import pytest

from adapters.ticket import Message, Person, Ticket
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

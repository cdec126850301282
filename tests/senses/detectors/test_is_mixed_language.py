"""is_mixed_language: a clause of each of two languages; names, quotes, logs and greetings are none."""

from __future__ import annotations

import time

import pytest

from adapters.ticket import Ticket
from bot.senses.detectors.is_mixed_language import detect
from tests.harness.cpu_time import cpu_seconds_since
from tests.senses.makers import value


@pytest.mark.parametrize(
    "text",
    [
        "Hola, no puedo entrar en mi cuenta desde ayer. I tried to reset the password but the mail never arrives.",
        "Ich habe das Update installiert, but now the app crashes every time I open it.",
        "Bonjour, merci pour votre aide. Could you please send me the invoice for March?",
        "Buongiorno, il pagamento non funziona. My card was charged twice, please refund one of them.",
        "Здравствуйте, не могу войти. The password reset link is expired, please send a new one.",
        "アプリが起動しません。The screen stays white after the last update.",
        "您好，我的订单没有收到。Please check the tracking number and tell me.",
        "안녕하세요, 로그인이 안 됩니다. It says that my account is locked.",
        "mera order kab aayega, please check karke batao",
        "Het werkt nog steeds niet na de update. Ich habe es auf zwei Rechnern versucht und nichts geht.",
    ],
)
def test_two_languages_are_told(text: str) -> None:
    assert value(detect, text) is True


@pytest.mark.parametrize(
    "text",
    [
        "Das Dashboard im Cloud-Portal lädt nicht, der Login mit SSO funktioniert aber.",
        'Die Meldung lautet: "Your session has expired, please log in again". Was soll ich tun?',
        "El error dice «The requested resource was not found», ¿qué hago?",
        "Seit heute:\nAUTH50011: The redirect address specified in the request does not match\nWas ist zu tun?",
        "Hello, I cannot log in since yesterday. Thanks, Jürgen Müller, Geschäftsführer",
        "Bonjour, le plugin WordPress affiche une page blanche depuis la mise à jour.",
        "I bought the ticket for the Museo Nacional del Prado and the Alhambra de Granada yesterday.",
        "Microsoft Teams の通知が届きません。設定を確認しました。",
        "Guten Tag,\nbitte stornieren Sie die Bestellung.\n\nBest regards\nAnna",
        "Jeg kan ikke logge ind. Min kollega har samme fejl, og vi skal bruge systemet i dag.",
        "Ovo ne radi od jučer. Molim vas provjerite, jer kolege također ne mogu ući.",
        "mujhe apna paisa wapas chahiye, jaldi karo",
        "",
    ],
)
def test_one_language_is_one(text: str) -> None:
    assert value(detect, text) is False


def test_the_languages_are_named_and_no_word_of_the_text() -> None:
    why = detect(Ticket(), "Ich habe das Update installiert. But now the app crashes every time I open it.").why

    assert "de" in why
    assert "en" in why
    assert "Update" not in why


def test_hostile_text_costs_its_beginning_only() -> None:
    detect(Ticket(), "hello there")
    begun = time.process_time()

    detect(Ticket(), '"' * 300_000)
    detect(Ticket(), "ab, " * 300_000)
    detect(Ticket(), "«" * 300_000 + "x.Y: ")

    assert cpu_seconds_since(begun) < 2

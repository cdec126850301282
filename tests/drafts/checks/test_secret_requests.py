"""Requests for secrets are found in any language; warnings against them, and steps on a page, are none."""

from __future__ import annotations

import pytest

from bot.drafts.checks.secret_requests import asks_for_secret


@pytest.mark.parametrize(
    "text",
    [
        "Please reply with your password and the full card number.",
        "Send us the password of the administrator.",
        "Please confirm your card number and CVV.",
        "To go on we need the one-time code that you received.",
        "Could you share the 6-digit verification code?",
        "Tell us your PIN.",
        "What is your current password?",
        "Please include your API key in your answer.",
        "Finally, export your data and send the administrator password to this address.",
        "Do not worry, just send us your password.",
        "Bitte senden Sie uns Ihr Passwort.",
        "Teilen Sie uns bitte die Kartennummer und die Prüfnummer mit.",
        "Wie lautet Ihr Kennwort?",
        "Wir benötigen den Bestätigungscode.",
        "Merci de nous indiquer votre mot de passe.",
        "Envoyez-nous le numéro de votre carte.",
        "Por favor, envíenos su contraseña.",
        "Indíquenos el código de verificación.",
        "Envie-nos a sua palavra-passe, precisamos da senha.",
        "Ci invii la password del suo account.",
        "Stuur ons uw wachtwoord.",
        "Prosimy o podanie hasła.",
        "Пришлите пароль от аккаунта.",
        "パスワードを教えてください。",
        "请提供您的验证码。",
    ],
)
def test_a_request_for_a_secret_is_found(text: str) -> None:
    assert asks_for_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "Never send us your password.",
        "Please do not share your card number or any code.",
        "We never ask for your password.",
        "Choose a new password with at least twelve characters.",
        "Open the login page and press Forgot password.",
        "Confirm with your password.",
        "Enter the code that we send you.",
        "We will send you a verification code.",
        "Reset your password in Settings.",
        "A refund reaches your card within ten days.",
        "Please send us the invoice number.",
        "Tell us which page shows the error.",
        "Senden Sie uns niemals Ihr Passwort.",
        "Öffnen Sie die Seite und drücken Sie auf Passwort vergessen.",
        "Elija una contraseña de doce caracteres.",
        "No comparta su contraseña.",
        "Ne communiquez jamais votre mot de passe.",
        "パスワードを変更してください。",
    ],
)
def test_warnings_and_steps_are_none(text: str) -> None:
    assert not asks_for_secret(text)

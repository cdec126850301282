"""What the customer says was done already is not asked of them: in six languages, and only that."""

from __future__ import annotations

import pytest

from bot.drafts.checks.already_tried import Tried

LOOKED = "I ordered the reset mail five times, it never comes. It is not in the spam folder either."


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        (LOOKED, "Look into the spam folder first."),
        (LOOKED, "Please check your spam folder."),
        ("It isn’t in the spam folder.", "Check the spam folder."),
        ("I cannot install the app, it is not in the store.", "Check the store."),
        ("It is not in the inbox, not in the trash.", "Check the trash."),
        ("Nothing in junk.", "Check the junk folder of your mailbox."),
        ("I have already cleared the cache of my browser.", "Clear the cache of your browser."),
        ("We restarted the app twice now.", "Restart the app."),
        ("Im Spam-Ordner ist nichts, auch nicht im Papierkorb.", "Schauen Sie in den Papierkorb."),
        ("Rien dans les spams.", "Vérifiez vos spams."),
        ("No está en la carpeta de spam.", "Mire en la carpeta de spam."),
        ("Ya he borrado la caché del navegador.", "Borre la caché del navegador."),
        ("Non è nello spam, niente nel cestino.", "Controlli lo spam."),
    ],
)
def test_what_was_tried_is_known(said: str, asked: str) -> None:
    assert Tried(said).names(asked)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("The reset mail never comes.", "Look into the spam folder first."),
        ("I have not tried to clear the cache yet.", "Clear the cache of your browser."),
        ("Should I check the spam folder?", "Look into the spam folder first."),
        (LOOKED, "Open the login page and press Forgot password."),
        (LOOKED, "Ask your administrator to allow mails from example.com."),
        ("I have already cleared the cache.", "Clear the cache, open Settings and press Reset connections."),
        ("I have already cleared the cache.", "Thank you, you have cleared the cache already."),
        ("You already charged us twice.", "Open Billing and download the invoice."),
        ("The button is not in the app.", "Check that the app is version 3 and that your role may export."),
        ("I cannot install the app, it is not in the store.", "Check the app."),
        ("I cannot install the app, it is not in the store.", "Check the app before you install it again."),
        ("I already tried delete the workspace.", "Delete the workspace never without a backup."),
        ("The export button is not in the settings.", "Check in Settings that SSO is off."),
        ("I already tried restart server.", "Restart the server only after you saved everything."),
        ("Ich habe den Server schon neu gestartet.", "Starten Sie den Server nur neu, wenn alles gesichert ist."),
        ("", "Restart the app."),
        ("I tried it.", ""),
    ],
)
def test_nothing_else_is(said: str, asked: str) -> None:
    assert not Tried(said).names(asked)

"""is_auto_reply: machines by their headers, sender, form and words together; people who use the same words are none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.ticket import AuthorKind, Channel, Direction, Message, Person, Ticket
from bot.senses import DETECTORS, visible_text
from bot.senses.detectors.is_auto_reply import detect
from rules.files.yaml_file import plain, read_yaml
from tests.senses.makers import signal, value

WRITTEN = plain(read_yaml(Path(__file__).parent / "machine_or_person.yaml"))
ASKED = Message(body_text="It fails.")
ANSWERED = Message(body_text="We look into it.", author_kind=AuthorKind.AGENT, direction=Direction.OUT)


def ticket(row: Mapping[str, Any]) -> Ticket:
    earlier = [ASKED if who == "customer" else ANSWERED for who in row.get("earlier", ())]
    return Ticket(
        subject=row["subject"],
        channel=Channel.EMAIL,
        requester=Person(emails=(row.get("from", "jo@example.com"),)),
        messages=(*earlier, Message(body_text=row["body"])),
    )


def written(kind: str) -> list[Any]:
    return [pytest.param(ticket(row), id=f"{row['language']}: {row['subject']}") for row in WRITTEN[kind]]


@pytest.mark.parametrize("sent", written("machines"))
def test_a_machines_message_is_found(sent: Ticket) -> None:
    assert signal(detect, sent).value is True


@pytest.mark.parametrize("sent", written("people"))
def test_no_person_is_silenced(sent: Ticket) -> None:
    assert signal(detect, sent).value is False


@pytest.mark.parametrize(
    "language", ["bg", "cs", "da", "de", "el", "en", "es", "fi", "fr", "he", "hr", "hu", "id", "it", "ja", "ko"]
)
def test_machines_of_many_languages_are_among_those(language: str) -> None:
    assert language in {row["language"] for row in WRITTEN["machines"]}


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your ticket",
        "Re: Out of Office: Export",
        "Abwesenheitsnotiz: Export",
        "Reponse automatique : Export",
        "Respuesta automática: Export",
        "Automatisch antwoord: Export",
        "Undeliverable: Your ticket",
        "Delivery Status Notification (Failure)",
        "[External] Automatic reply: Export",
        "[EXT] Re: Auto: Export",
        "OOO: Export",
        "自動応答：お問い合わせ",
        "自动回复: 您好",
    ],
)
def test_a_machines_form_before_the_subject_is_enough_where_hardly_anything_is_said(subject: str) -> None:
    assert value(detect, "See you soon", subject) is True


@pytest.mark.parametrize(
    "subject",
    ["Automatic reply", "Out of office", "Automatic reply to our customers", "Undeliverable", "自動応答", "Abwesenheit"],
)
def test_a_phrase_alone_is_not(subject: str) -> None:
    assert value(detect, "Please have a look at this one, it came again.", subject) is False
    assert value(detect, "12", subject) is False


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Auto: security breach", "Customer records are visible to anyone on the internet. Our database was leaked."),
        ("OOO: everything down", "The whole service is down for all our users since 9."),
        ("Automatic reply: hack", "Somebody hacked our account and changed the password."),
        ("Automatic reply: hack", "I am out of the office. Somebody hacked our account and changed the password."),
        ("Automatic reply: hack", "Somebody hacked our account and changed the password. " + "We tried all we could. " * 80),
        ("Automatische Antwort: Daten weg", "Alle unsere Daten sind seit heute Nacht verschwunden, niemand hat etwas gelöscht."),
        ("自動返信: 情報漏えい", "他社の顧客データが私たちの画面に表示されています。"),
    ],
)
def test_no_subject_silences_a_harm(subject: str, body: str) -> None:
    row = {"subject": subject, "body": body}
    sent = ticket(row)

    assert DETECTORS["is_auto_reply"](sent, visible_text(sent)).value is False


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Automatic reply: Security breach", "I am out of the office until Monday. For security incidents contact Ann."),
        ("Automatic reply: Data breach", "Thank you for your message. I am on leave until 3 May and will answer when I am back."),
        (
            "Undeliverable: Your data",
            "Delivery has failed to these recipients: ann@example.com\nDiagnostic information for administrators:\n"
            "Generating server: mx4.example.com\nCustomer records leaked.example.com returned '550 5.1.10 Recipient not found'",
        ),
        ("Unzustellbar: Datenleck", "Die Nachricht konnte nicht zugestellt werden. Die E-Mail-Adresse wurde nicht gefunden."),
    ],
)
def test_what_a_machine_answers_to_a_harm_is_none(subject: str, body: str) -> None:
    assert signal(detect, ticket({"subject": subject, "body": body})).value is True


def test_a_harm_does_not_make_a_person_of_a_mail_system() -> None:
    harm = Message(body_text="Somebody hacked our account and changed the password.", is_auto_generated=True)

    assert signal(detect, Ticket(subject="Automatic reply: hack", messages=(harm,))).value is True


@pytest.mark.parametrize("subject", ["Auto: my policy", "OOO: planning for July"])
def test_short_words_before_a_subject_take_one_more_sign(subject: str) -> None:
    said = "The team day in July is in the garden behind the office."

    assert value(detect, said, subject) is False
    assert value(detect, "See you soon", subject) is True


def test_a_flag_of_the_headers_is_enough() -> None:
    sent = Ticket(messages=(Message(body_text="Thanks for your mail", is_auto_generated=True),))

    assert signal(detect, sent).value is True
    assert "headers" in signal(detect, sent).why


@pytest.mark.parametrize("address", ["MAILER-DAEMON@mx.example.com", "bounces+4711@example.com", "autoreply@example.com"])
def test_a_mail_systems_address_is_enough(address: str) -> None:
    sent = Ticket(requester=Person(emails=(address,)), messages=(Message(body_text="Hello"),))

    assert signal(detect, sent).value is True


@pytest.mark.parametrize("address", ["postmaster@example.com", "no-reply@example.com"])
def test_an_address_that_people_write_from_too_is_not(address: str) -> None:
    sent = Ticket(requester=Person(emails=(address,)), messages=(Message(body_text="Our mails to you come back, please help."),))

    assert signal(detect, sent).value is False


def test_a_bounce_in_a_customers_thread_is_known_by_its_author() -> None:
    person = Person(external_id="7", emails=("jo@example.com",))
    bounce = Message(body_text="See the attached report", author_id="9", author_name="Mail Delivery Subsystem")

    assert signal(detect, Ticket(requester=person, messages=(ASKED, ANSWERED, bounce))).value is True


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Nightly export completed", "Job export-17 finished in 12 min 4 s.\nRows: 48,211. Errors: 0.\nNext run: 01:30"),
        (
            "Zugesagt: Abstimmung Rechnungslauf",
            "Petra Kern hat die Besprechung am Dienstag, 8. Dezember, 9:00 bis 9:30 zugesagt.\nOrt: Raum 2.14",
        ),
        (
            "Accusé d'enregistrement",
            "Votre déclaration n° 2026-55871 a été enregistrée le 29/11/2026 à 14:02.\nConservez ce numéro.",
        ),
    ],
)
def test_alerts_receipts_and_reports_without_any_phrase_of_theirs_are_machines(subject: str, body: str) -> None:
    sent = Ticket(subject=subject, messages=(Message(body_text=body),))

    assert DETECTORS["is_auto_reply"](sent, visible_text(sent)).value is True


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (
            "[FIRING:2] HighLatency api-gateway",
            "we get this from your gateway since noon, what is going on?\n\nseverity=critical p99=4.2s",
        ),
        ("Nightly export", "Job export-17 did not run last night, nor the night before. Rows: 0. Please look at it."),
        (
            "Besprechung am Dienstag",
            "Ich habe die Besprechung zugesagt, in Ihrem Kalender steht sie aber noch als offen. Petra Kern",
        ),
        ("Déclaration 2026-55871", "Je n'ai toujours pas reçu la confirmation de ma déclaration n° 2026-55871 du 29/11."),
        ("Order 4711", "Order 4711. 2 of 3 items missing. Resend to the same address. M. Ode"),
    ],
)
def test_people_who_write_about_such_things_are_heard(subject: str, body: str) -> None:
    sent = Ticket(subject=subject, messages=(Message(body_text=body),))

    assert DETECTORS["is_auto_reply"](sent, visible_text(sent)).value is False


@pytest.mark.parametrize(
    ("body", "is_machine"),
    [("Everything is down in the warehouse. No scanner can log in.", False), ("Toner low. Tray 2.", True)],
)
def test_what_reads_like_a_machines_and_tells_of_a_harm_is_heard(body: str, is_machine: bool) -> None:
    sent = Ticket(subject="Note", messages=(Message(body_text=body),))

    assert detect(sent, visible_text(sent), 0.99).value is is_machine


@pytest.mark.parametrize("sent", written("people"))
def test_a_learned_guess_silences_nobody(sent: Ticket) -> None:
    assert DETECTORS["is_auto_reply"](sent, visible_text(sent)).value is False


def test_what_a_person_forwards_is_a_persons() -> None:
    bounce = "Your message to ann@example.com could not be delivered. 550 5.1.1 User unknown"

    assert value(detect, bounce, "Undeliverable: Invoice") is True
    assert value(detect, bounce, "Fwd: Undeliverable: Invoice") is False


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.CHAT, Channel.IN_APP, Channel.WHATSAPP, Channel.PHONE])
def test_a_form_or_chat_is_no_mail(channel: Channel) -> None:
    sent = Ticket(subject="Out of office: Monday", channel=channel, messages=(Message(body_text="I am out of the office."),))

    assert signal(detect, sent).value is False


def test_a_short_message_that_says_nothing_else_is_a_machines_and_a_long_one_is_not() -> None:
    opening = "I am out of the office until Monday."

    assert value(detect, opening, "Re: Export") is True
    assert value(detect, opening, "Export") is False
    assert value(detect, opening + " But here is my question at length." * 50, "Re: Export") is False


@pytest.mark.parametrize(
    "more",
    [" Does it work now?", " The export is still broken.", " Please check the second file.", " I tried it in two browsers."],
)
def test_a_question_a_fault_a_wish_or_anything_else_makes_it_a_persons(more: str) -> None:
    assert value(detect, "I am out of the office until Monday." + more, "Re: Export") is False


def test_the_subject_counts_for_a_first_message_only() -> None:
    conversation = Ticket(
        subject="Automatic reply: x", messages=(Message(body_text="Hello"), Message(body_text="It still fails"))
    )

    assert signal(detect, conversation).value is False


def test_a_customers_later_answer_takes_it_back() -> None:
    away = Message(body_text="I am on annual leave until Monday. In urgent cases please contact Ann.")
    sent = Ticket(subject="Automatic reply: Export", channel=Channel.EMAIL, messages=(away,))
    later = Ticket(
        subject="Automatic reply: Export", channel=Channel.EMAIL, messages=(away, Message(body_text="Back now. Thanks!"))
    )

    assert signal(detect, sent).value is True
    assert signal(detect, later).value is False


def test_a_learned_guess_tips_what_stands_on_the_edge_and_nothing_else() -> None:
    edge = Ticket(subject="Re: Export", messages=(Message(body_text="Out of the office until Monday, Tuesday."),))
    person = Ticket(subject="Export", messages=(Message(body_text="How do I export?"),))
    asks = Ticket(subject="Re: Export", messages=(Message(body_text="I am out of the office until Monday. Is it done?"),))

    assert detect(edge, visible_text(edge), reads_like_machine=0.0).value is False
    assert detect(edge, visible_text(edge), reads_like_machine=1.0).value is True
    assert detect(person, visible_text(person), reads_like_machine=1.0).value is False
    assert detect(asks, visible_text(asks), reads_like_machine=1.0).value is False


def test_why_quotes_nothing_of_a_machines_message() -> None:
    why = signal(detect, ticket({"subject": "Re: x", "body": "Ich bin vom 3. bis 9. Juli mit Rosalinde im Urlaub."})).why

    assert why
    assert "rosalinde" not in why.casefold()

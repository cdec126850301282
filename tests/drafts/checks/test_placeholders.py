"""Gaps that nobody filled are found in any language; brackets of another kind are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.drafts.checks.placeholders import open_placeholders


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("Dear [Customer Name], thank you.", "[Customer Name]"),
        ("Call us at [Phone Number] before [Date].", "[Phone Number]"),
        ("Hello [Name],", "[Name]"),
        ("Hello [NAME],", "[NAME]"),
        ("[Your company] is glad to help.", "[Your company]"),
        ("See [insert link here].", "[insert link here]"),
        ("[[customer_name]], hello", "[customer_name]"),
        ("Hello {{customer.first_name}},", "{{customer.first_name}}"),
        ("Hello {{ name", "{{ name"),
        ("Hello {name},", "{name}"),
        ("Hello ${firstName},", "${firstName}"),
        ("Hello #{user},", "#{user}"),
        ("{% if vip %}Hello", "{% if vip %}"),
        ("Hello <%= name %>,", "<%= name %>"),
        ("Hello <<Name>>,", "<<Name>>"),
        ("It ends on <date>.", "<date>"),
        ("Hello <your name>,", "<your name>"),
        ("It ends on ‹date›.", "‹date›"),
        ("Hello %NAME%,", "%NAME%"),
        ("Hello %%first_name%%,", "%%first_name%%"),
        ("Your invoice XXX is paid.", "XXX"),
        ("It comes on XX.XX.XXXX.", "XXXX"),
        ("Hello ___,", "___"),
        ("The date is TBD.", "TBD"),
        ("Guten Tag [Ihr Name],", "[Ihr Name]"),
        ("Am [Datum einfügen] kommt jemand.", "[Datum einfügen]"),
        ("Sehr geehrte Frau [Nachname],", "[Nachname]"),
        ("Bonjour [Prénom],", "[Prénom]"),
        ("Votre facture [numéro de facture] est là.", "[numéro de facture]"),
        ("Hola [Nombre del cliente]:", "[Nombre del cliente]"),
        ("Buongiorno [cognome],", "[cognome]"),
        ("Olá [nome],", "[nome]"),
        ("Beste [naam],", "[naam]"),
        ("Dzień dobry [imię],", "[imię]"),
        ("Здравствуйте, [имя]!", "[имя]"),
        ("［お名前］様", "[お名前]"),
        ("【お客様名】様", "【お客様名】"),
        ("您好，【客户姓名】", "【客户姓名】"),
        ("｛｛name｝｝様", "{{name}}"),
        ("＜日付＞までに", "<日付>"),
        ("Hello [Jo or Kim],", "[Jo or Kim]"),
    ],
)
def test_an_open_placeholder_is_found(text: str, gap: str) -> None:
    assert gap in open_placeholders(text)


@pytest.mark.parametrize(
    "text",
    [
        "Use List<String> or Map<String, Name> here.",
        "The first is arr[0], the second arr[name].",
        "This is described in [1] and [A1].",
        "The field [Optional] may stay empty.",
        "Press [Save], then [Enter].",
        "The line begins with [INFO] or [error].",
        "Send GET /v2/records/{id} and /users/{name}.",
        'The answer is {"name": "Jo", "a": {"b": 1}}.',
        "function () { return name; }",
        "Replace <API_KEY> with your key.",
        "Open %APPDATA% or %TEMP%.",
        "It is 20% of the plan, 30% of the rest.",
        "See https://help.example.com/a%20b%C3%A4.",
        "The card XXXX-XXXX-XXXX-4242 was charged.",
        "Errors 5xx and 4xx come from the server.",
        "Call __init__ and snake_case_name.",
        "Size XXL is in stock.",
        "a < b and c > d",
        "x<y, and date > now",
        "【重要】のお知らせ",
        "An address was taken out: [removed].",
        "[sic] and […] and [x] and [ ]",
        "<b>Name</b> is bold",
        "",
    ],
)
def test_other_brackets_are_left_alone(text: str) -> None:
    assert open_placeholders(text) == ()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="[]{}<>%_Xx name【】｛", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    assert all(each.strip() for each in open_placeholders(text))

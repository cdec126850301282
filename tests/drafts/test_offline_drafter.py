"""The offline drafter: quotes the best source in the customer's language, or says why not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.drafts import Band, Draft
from bot.drafts.article_search import ArticleIndex
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import Article, DraftAsk
from tests.drafts.makers import MACRO, REFUND_DE, SHELF, ask, ticket

DRAFTER = OfflineDrafter(SHELF)


def test_the_steps_of_the_best_article_are_quoted() -> None:
    draft = DRAFTER.draft(ask())

    assert draft.text.startswith("Hello Clara,\n\nHere is what to do:\n\n1. Open")
    assert "1. Open Settings and choose Data.\n2. Press Export and choose CSV.\n3. Wait for the link." in draft.text
    assert "https://help.example.com/articles/export" in draft.text
    assert draft.band is Band.HIGH
    assert draft.check_before == ()


def test_every_quoted_step_names_its_source() -> None:
    draft = DRAFTER.draft(ask())

    assert all(each.sources == ("A1",) for each in draft.sentences if each.text[0].isdigit())


def test_a_german_question_is_answered_in_german() -> None:
    of = ticket("Wie bekomme ich eine Rückerstattung für die Abbuchung?", "Rückerstattung")

    draft = DRAFTER.draft(ask(of, language="de", intent="billing"))

    assert draft.language == "de"
    assert draft.text.startswith("Guten Tag Clara Chief,")
    assert "1. Suchen Sie die Rechnungsnummer" in draft.text


def test_an_article_in_another_language_is_named_not_quoted() -> None:
    draft = DRAFTER.draft(ask(ticket("Export CSV data settings?", "Export"), language="fr"))

    assert draft.language == "fr"
    assert "Cet article l'explique : Export your data" in draft.text
    assert "Open Settings" not in draft.text
    assert "is in en" in draft.check_before[0]


def test_a_language_without_phrases_is_answered_in_english_with_a_line() -> None:
    draft = DRAFTER.draft(ask(language="it"))

    assert draft.language == "en"
    assert draft.check_before[0].startswith("the customer writes in it")


def test_a_fitting_macro_is_used_without_its_own_greeting() -> None:
    draft = DRAFTER.draft(ask(ticket("There is an outage at our site", "Outage"), intent="outage", previews=(MACRO,)))

    assert draft.text == "Hello Clara,\n\nWe see the outage and are working on it."
    assert any(each.sources == ("M1",) for each in draft.sentences)


@pytest.mark.parametrize("body", ["Do you sell cars?", "?", "1234567"])
def test_nothing_is_written_where_nothing_fits(body: str) -> None:
    draft = DRAFTER.draft(ask(ticket(body, "")))

    assert draft.withheld
    assert "no article or macro answers this" in draft.reason
    assert draft.text == ""


def test_a_hostile_name_and_subject_stay_text_without_links() -> None:
    of = ticket("How do I export data to CSV?", "Export http://evil.example/x", name="<img src=x> http://evil.example")

    draft = DRAFTER.draft(ask(of))

    assert "evil.example" not in draft.text
    assert "<img" not in draft.text


def test_the_same_ask_gives_the_same_draft() -> None:
    asked: DraftAsk = ask(previews=(MACRO,))

    drafts: list[Draft] = [DRAFTER.draft(asked), DRAFTER.draft(asked)]

    assert drafts[0] == drafts[1]


RESET = Article(
    id="reset",
    title="Reset your password",
    text=(
        "If you cannot log in, a new password helps.\n\n## Set a new password\n\n1. Press Forgot password.\n2. Open the link.\n\n"
        "## The e-mail does not arrive\n\nLook into the spam folder, e.g. in Outlook. Then wait five minutes."
    ),
    url="https://help.example.com/reset",
)


def test_who_reports_a_fault_gets_the_part_that_speaks_of_it_in_whole_sentences() -> None:
    of = ticket("The e-mail for the new password does not arrive.", "Password e-mail")

    draft = OfflineDrafter(ArticleIndex([RESET])).draft(ask(of, intent="account_access"))

    assert draft.text.startswith("Hello Clara,\n\nLook into the spam folder, e.g. in Outlook. Then wait five minutes. You")
    assert "Press Forgot" not in draft.text
    assert "If that does not solve it" not in draft.text


def test_where_the_customer_has_looked_is_not_told_again() -> None:
    of = ticket(
        "I ordered the e-mail for the new password five times, it does not arrive. Not in spam either.", "Password e-mail"
    )
    reset = replace(RESET, text=f"{RESET.text.removesuffix(' Then wait five minutes.')} Some servers hold it back for an hour.")

    draft = OfflineDrafter(ArticleIndex([reset])).draft(ask(of, intent="account_access"))

    assert draft.text.startswith("Hello Clara,\n\nSome servers hold it back for an hour. You")


def test_steps_for_what_the_customer_has_done_are_left_out() -> None:
    refund = replace(REFUND_DE, text=f"{REFUND_DE.text}\n3. Das Team prüft die Zahlung.\n\n## Wie lange\n\nEs dauert zehn Tage.")
    of = ticket("Wie erhalte ich eine Rückerstattung der Abbuchung? Rechnung R-2026-118 vom 3. November.", "Rückerstattung")

    draft = OfflineDrafter(ArticleIndex([refund])).draft(ask(of, language="de", intent="billing"))

    assert draft.text.startswith("Guten Tag Clara Chief,\n\ndas Team prüft die Zahlung. Es dauert zehn Tage.")
    assert "Rechnungsnummer" not in draft.text


def test_a_source_that_only_asks_for_what_is_given_is_no_draft() -> None:
    of = ticket("Wie erhalte ich eine Rückerstattung der Abbuchung? Rechnung R-2026-118 vom 3. November.", "Rückerstattung")

    draft = OfflineDrafter(ArticleIndex([replace(REFUND_DE, url="")])).draft(ask(of, language="de", intent="billing"))

    assert draft.withheld
    assert "what the customer has given" in draft.reason


@pytest.mark.parametrize("name", ["null", "clara@northwind.example", "+49 170 1234567", "Visitor 88231", ""])
def test_what_is_no_name_is_not_greeted(name: str) -> None:
    assert DRAFTER.draft(ask(ticket(name=name))).text.startswith("Hello,\n\n")


def test_a_macro_with_a_gap_or_in_another_language_is_no_source() -> None:
    of = ticket("There is an outage at our site", "Outage")
    gap = replace(MACRO, text="Hello [Name],\n\nwe see the outage and are working on it.")
    german = replace(MACRO, text="Hallo Clara,\n\nwir sehen den Ausfall (outage) an Ihrem Standort und arbeiten daran.")

    assert all(DRAFTER.draft(ask(of, intent="outage", previews=(each,))).withheld for each in (gap, german))


def test_who_names_a_code_gets_the_part_that_has_it() -> None:
    connect = "# Connect\n1. Open Settings.\n2. Press New webhook and send test calls."
    text = f"{connect}\n\n# Limits\nBeyond 120 calls a minute the API answers 429."
    shelf = ArticleIndex([Article(id="api", title="Connect webhooks and the API", text=text)])

    draft = OfflineDrafter(shelf).draft(
        ask(ticket("Our script gets 429 from the API after some calls. How many calls are allowed?", "API"))
    )

    assert "Beyond 120 calls a minute the API answers 429." in draft.text
    assert "New webhook" not in draft.text


INVOICES = Article(id="i", title="Download your invoices", url="https://help.example.com/i", text="")


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "# Download an invoice\n1. Open Billing, then Invoices, but never\n   delete the month.\n2. Choose the month.",
            "1. Open Billing, then Invoices, but never delete the month.\n2. Choose the month.",
        ),
        (
            "# Download an invoice\n1. Open Billing.\n2. Press Download.\n\nTo delete:\n\n1. Open Admin.\n2. Press Delete.",
            "1. Open Billing.\n2. Press Download.",
        ),
    ],
)
def test_steps_are_quoted_whole_and_another_procedure_is_not(text: str, steps: str) -> None:
    shelf = ArticleIndex([replace(INVOICES, text=text)])

    draft = OfflineDrafter(shelf).draft(ask(ticket("How do I download my invoices?", "Invoice")))

    assert steps in draft.text
    assert "Admin" not in draft.text


def test_what_a_program_reads_is_not_quoted() -> None:
    text = "Invoices come by the API, too.\n\n```\n# download invoices\nrm -rf /\n```\n\nDownload the invoices with your key."
    draft = OfflineDrafter(ArticleIndex([replace(INVOICES, text=text)])).draft(
        ask(ticket("How do I download my invoices?", "Invoice"))
    )

    assert "rm" not in draft.text.lower()
    assert "with your key" in draft.text

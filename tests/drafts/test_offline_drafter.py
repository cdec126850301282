"""The offline drafter: quotes the best source in the customer's language, or says why not."""

from __future__ import annotations

import pytest

from bot.drafts import Band, Draft
from bot.drafts.offline_drafter import OfflineDrafter
from bot.drafts.types import DraftAsk
from tests.drafts.makers import MACRO, SHELF, ask, ticket

DRAFTER = OfflineDrafter(SHELF)


def test_the_steps_of_the_best_article_are_quoted() -> None:
    draft = DRAFTER.draft(ask())

    assert draft.text.startswith("Hello Clara Chief,\n\nthank you for writing. I understand")
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

    assert "we see the outage and are working on it." in draft.text
    assert draft.text.count("Hello") == 1
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

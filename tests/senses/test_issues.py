"""Several issues of one ticket, the gravest first; one sentence that may be either of two is no ticket about both."""

from __future__ import annotations

import pytest

from bot.senses.issues import found_issues


def types(text: str) -> list[str]:
    return [each.issue_type for each in found_issues(text)]


@pytest.mark.parametrize(
    "text",
    ["Where do I find my invoice?", "How do I get my bill as a PDF?", "My password is not accepted any more."],
)
def test_one_sentence_is_one_issue(text: str) -> None:
    assert len(types(text)) == 1


def test_two_matters_are_two_issues() -> None:
    text = "The invoice for June is missing, please send it.\n\nAnd the export to Excel stops with an error message since Monday."

    assert {"billing", "bug"} <= set(types(text))


def test_what_harms_comes_first_in_a_subordinate_sentence() -> None:
    text = (
        "How do I change the opening hours for July?\n"
        "By the way, since yesterday I can see the names and phone numbers of another company's customers in my list."
    )

    assert types(text)[0] == "security"


def test_what_was_deleted_on_purpose_is_no_harm() -> None:
    assert "data_loss" not in types("I deleted a test project on purpose, all fine. Does it still count for our plan?")


@pytest.mark.parametrize(
    "text",
    [
        "CSV import is still broken with the same error",
        "CSV import is still broken with the same error.\nI told you twice.",
        "Importing the price list stops at line 40.",
        "Der CSV-Import bricht immer noch mit demselben Fehler ab.",
        "L'import du fichier CSV échoue encore avec la même erreur.",
        "La importación de contactos falla otra vez con el mismo error.",
        "We tried to upload the CSV file again, and the import still fails with error 422.",
    ],
)
def test_an_import_that_fails_loses_nothing(text: str) -> None:
    assert types(text)[0] == "bug"


def test_praise_and_complaint_are_told_apart_by_their_tone() -> None:
    angry, happy = (
        found_issues("Terrible work, I am furious about it."),
        found_issues("Wonderful work, I am so happy about it, thanks!"),
    )

    assert angry[0].path != "other.feedback.praise"
    assert happy[0].path == "other.feedback.praise"


def test_nothing_said_is_no_issue() -> None:
    assert found_issues("") == ()

"""F100: templates with missing words, or that reach for Python: refused at load; what is empty for a ticket stays unsaid."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.engine.decide import decide
from tests.faults.common import each_helpdesk
from tests.harness.deskhand import NINA, deskhand
from tests.rules.build import facts_of, messages_of, one_rule, result, rule

REACHING = [
    "{requester.__class__}",
    "{requester.name.__class__.__mro__}",
    "{0.__init__.__globals__}",
    "{subject!r}",
    "{subject:>1000000000}",
    "{subject[0]}",
    "{config.marker_key}",
    "{os.environ}",
    "{}",
    "{ }",
    "{%s}",
    "{self}",
]
HARMLESS = [
    "{{ ''.__class__ }}",
    "{{ 7*7 }}",
    "{{% raw %}}",
    "%(subject)s",
    "#{{7*7}}",
]


@pytest.mark.parametrize("template", REACHING)
def test_F100_what_is_no_field_is_refused_at_load(template: str) -> None:
    messages = messages_of("rules:\n" + rule("{subject: x}", f"[add_note: {_quoted(template)}]"))

    assert len(messages) == 1
    assert "no such field" in messages[0] or "a single" in messages[0]


@pytest.mark.parametrize("template", HARMLESS)
def test_F100_other_languages_of_templates_are_plain_words(template: str) -> None:
    rules = one_rule("{subject: x}", f"[add_note: {_quoted(template)}]")

    [note] = decide(rules, facts_of(ticket={"subject": "x"})).notes

    assert note.text == template.replace("{{", "{").replace("}}", "}")


def test_F100_a_customers_words_are_not_a_template() -> None:
    subject = "{config.marker_key} {{7*7}} ${x} {requester.emails}"
    rules = one_rule("{subject: {has: marker}}", "[add_note: 'It says: {subject}']")

    [note] = decide(rules, facts_of(ticket={"subject": subject})).notes

    assert note.text == f"It says: {subject}"


def test_F100_a_missing_word_keeps_the_action_away_and_says_which() -> None:
    rules = one_rule("{subject: x}", "[{add_note: 'Hello {requester.name}'}, {add_tags: [seen]}]")

    decision = decide(rules, facts_of(ticket={"subject": "x"}))

    assert not decision.notes
    assert decision.tags_add == {"seen"}
    assert "requester.name is empty" in str(result(decision).steps) + result(decision).because


@each_helpdesk
def test_F100_on_a_helpdesk_the_other_actions_are_carried_out(tmp_path: Path, provider: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "rules:\n" + rule("{subject: {has: hello}}", "[{add_note: 'Renews in {company.renewal_in}'}, {add_tags: [seen]}]"),
        encoding="utf-8",
    )
    with deskhand(tmp_path, provider, rules=str(path)) as run:
        ticket = run.desk.create_ticket(requester="sam.single@example.net", subject="hello", body="hello {company.arr} {{7*7}}")
        other = run.desk.create_ticket(requester=NINA, subject="hello", body="hello")
        run.settle()

        assert not run.view(ticket).bot_notes
        assert "seen" in run.view(ticket).tags
        assert "Renews in" in run.view(other).bot_notes[0].html


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

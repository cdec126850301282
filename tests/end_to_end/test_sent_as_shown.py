"""What `dh-accept` sends is what the note showed, byte for byte; what a note cannot show whole is not one tag from a customer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.config import ModelSettings
from bot.drafts.article_search import ArticleIndex
from bot.drafts.llm.model_drafter import ModelDrafter
from bot.drafts.showable import MAX_REPLY
from bot.store.database.schema import drafts
from sandbox.model import Endpoint, running_model
from tests.harness.deskhand import ANNA, NINA, PROVIDERS, Running, ScriptedDrafter, deskhand

ARTICLES = ArticleIndex.load(Path(__file__).parents[2] / "sandbox" / "articles")
SENTENCES = [f"Sentence {n} says what to do <next> & why, “in full”." for n in range(1, 33)]
THIRTY_TWO = f"Hello Nina,\n\n{' '.join(SENTENCES)}\n\n1. Open Settings.\n2. Press Export."


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with running_model() as model:
        yield model


def ask_and_accept(run: Running) -> str:
    ticket = run.desk.create_ticket(requester=NINA, subject="How do I export my data?", body="As CSV, please.")
    run.settle()
    run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
    run.settle()
    return ticket


def states(run: Running) -> list[str]:
    with run.parts.engine.begin() as connection:
        return list(connection.execute(select(drafts.c.state)).scalars())


def reasons(run: Running) -> list[str]:
    with run.parts.engine.begin() as connection:
        return [json.loads(draft)["reason"] for draft in connection.execute(select(drafts.c.draft)).scalars()]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_thirty_two_sentences_are_shown_and_sent_alike(provider: str, tmp_path: Path) -> None:
    assert len(THIRTY_TWO) < MAX_REPLY
    with deskhand(tmp_path, provider, drafter=ScriptedDrafter(THIRTY_TWO)) as run:
        view = run.view(ask_and_accept(run))

        assert all(sentence in view.bot_notes[0].text for sentence in SENTENCES)
        assert " ".join(view.bot_replies[0].text.split()) == " ".join(THIRTY_TWO.split())
        assert states(run) == ["sent"]


def test_a_model_that_writes_more_than_a_note_shows_gets_nothing_sent(endpoint: Endpoint, tmp_path: Path) -> None:
    settings = ModelSettings(base_url=endpoint.base_url, name="long", timeout_s=30.0, max_tokens=8_000, allow_private=True)
    with deskhand(tmp_path, "intercom", drafter=ModelDrafter(settings, ARTICLES)) as run:
        view = run.view(ask_and_accept(run))

        assert not view.bot_replies
        assert all("Suggested reply" not in note.text and "part 31" not in note.text for note in view.bot_notes)
        assert states(run) == ["withheld"]
        assert f"more than the {MAX_REPLY} that a note shows" in reasons(run)[0]


def test_a_text_that_was_changed_after_it_was_shown_is_not_sent(tmp_path: Path) -> None:
    with deskhand(tmp_path, "freshdesk", drafter=ScriptedDrafter("It is on its way.")) as run:
        ticket = run.desk.create_ticket(requester=NINA, subject="How do I export my data?", body="As CSV, please.")
        run.settle()
        with run.parts.engine.begin() as connection:
            connection.execute(update(drafts).values(text="It is on its way. Send us your password."))
        run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
        run.settle()

        assert not run.view(ticket).bot_replies
        assert states(run) == ["withheld"]

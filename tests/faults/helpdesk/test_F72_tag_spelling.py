"""F72: the helpdesk writes a tag in its own way (small letters, no spaces). It is compared as it is kept: one write in all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.actions._base import _tag
from tests.faults.common import each_helpdesk, outage, writes_sent
from tests.harness.deskhand import deskhand

TAGS = ["VIP-Kunde", "Größe_XL", "ÉTÉ", "東京"]
RULES = """rules:
  - id: tags
    when: {subject: {has: down}}
    then: [{add_tags: [VIP-Kunde, Größe_XL, ÉTÉ, 東京]}]
"""


@each_helpdesk
def test_F72_a_tag_that_is_written_otherwise_is_put_on_once(tmp_path: Path, provider: str) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(RULES, encoding="utf-8")
    with deskhand(tmp_path, provider, rules=str(rules)) as run:
        ticket = outage(run)
        run.settle(60)
        sent = len(writes_sent(run, ticket))
        assert sent
        assert not any(each.not_applied for each in run.requests(ticket))

        run.desk.customer_reply(ticket, "And still down.")
        run.settle(60)

        assert len(writes_sent(run, ticket)) == sent
        assert len(run.view(ticket).tags) == len(TAGS)


@pytest.mark.parametrize("text", ["two words", "a,b", "", "it's"])
def test_F72_a_tag_that_a_helpdesk_would_split_is_refused_in_the_rules(text: str) -> None:
    with pytest.raises(ValueError, match="a tag is one word"):
        _tag(text)

"""F12: JSON nested a hundred thousand deep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.faults.receiver_setup import answers_to, door, each_helpdesk

DEEP = 20_000  # as many as the cap on a body leaves room for


@each_helpdesk
def test_F12_is_refused_by_the_cap_on_depth(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        plain = found.delivery()
        deep = [b'{"a":' * each + b"1" + b"}" * each for each in (65, 10_000)]
        deep += [b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, plain[:-1] + b', "x": ' + b"[" * DEEP + b"]" * DEEP + b"}"]

        assert answers_to(found, deep) == [400] * len(deep)
        assert found.rows() == {}


@pytest.mark.parametrize("provider", ["zendesk", "intercom", "freshdesk"])
def test_F12_what_is_deep_within_reason_is_read_and_brackets_in_words_do_not_count(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        plain = json.loads(found.delivery())

        assert found.knock(json.dumps(plain | {"x": json.loads("[" * 60 + "]" * 60)}).encode()).status_code == 202
        assert found.knock(json.dumps(plain | {"id": "another", "x": "[{" * 5000}).encode()).status_code == 202

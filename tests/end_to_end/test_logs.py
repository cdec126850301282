"""Logs hold names and numbers: no customer's word, no address, no token, no secret, not at debug and not for refusals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.stories.config import CREDENTIALS, SECRETS
from tests.harness.deskhand import NINA, PROVIDERS
from tests.harness.planted_story import WORDS
from tests.harness.processes import ROOT

pytestmark = pytest.mark.both_storages


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_whole_story_at_debug_leaks_nothing(tmp_path: Path, provider: str) -> None:
    command = [sys.executable, "-m", "tests.harness.planted_story", provider, str(tmp_path)]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)

    said = ended.stdout + ended.stderr
    assert (ended.returncode, ended.stdout) == (0, "told\n"), said[-3000:]
    for event in ("delivery.kept", "delivery.refused", "delivery.unreadable", "run.finished", "draft.failed"):
        assert f"event={event} " in ended.stderr
    secrets = [SECRETS[provider], *CREDENTIALS[provider].values(), "a-key-for-the-sandbox-and-nothing-else"]
    planted = [WORDS, NINA, "We are on it", "Traceback", *secrets]
    assert [each for each in planted if each.casefold() in said.casefold()] == []


def test_what_a_careless_line_names_is_dropped() -> None:
    code = (
        "from bot.log import get_logger, set_up; set_up('info'); log = get_logger('x');"
        "log.info('a.thing', body='Zanzibar', email='nina@example.com', token='t0ken', count=3); log.debug('unseen')"
    )

    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)

    assert ended.stdout == ""
    assert "event=a.thing" in ended.stderr
    assert "count=3" in ended.stderr
    assert "part=x" in ended.stderr
    assert not [each for each in ("Zanzibar", "nina@", "t0ken", "unseen") if each in ended.stderr]


LIBRARYS = {"logfmt": "urllib3: WARNING\n", "json": '{"part": "urllib3", "level": "WARNING"}\n'}


@pytest.mark.parametrize("shape", LIBRARYS)
def test_of_a_librarys_line_only_its_name_and_level_are_kept(shape: str) -> None:
    code = (
        f"import logging; from bot.log import set_up; set_up('info', '{shape}')\n"
        "try: raise ValueError('Zanzibar')\n"
        "except ValueError: logging.getLogger('urllib3').warning('Zanzibar', exc_info=True)"
    )

    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)

    assert ended.stderr == LIBRARYS[shape]

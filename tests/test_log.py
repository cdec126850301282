"""The log: one line an event, names and numbers only, in either shape; and what a flood of one kind is told as."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.log import Often, get_logger
from tests.harness.processes import ROOT

LINES = """
import logging
from bot.log import get_logger, set_up
set_up("info", "{shape}")
get_logger("x").info("a.thing", count=3, ticket="acme/ticket/42", email="nina@example.com", why='a "quoted" word')
logging.getLogger("zenpy").warning("Zanzibar is down")
"""


@pytest.mark.parametrize("shape", ["json", "logfmt"])
def test_a_line_in_either_shape_holds_names_and_numbers_only(shape: str) -> None:
    command = [sys.executable, "-c", LINES.replace("{shape}", shape)]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert ended.stdout == ""
    assert "nina@" not in ended.stderr
    assert "Zanzibar" not in ended.stderr
    ours, libraries = ended.stderr.splitlines()
    if shape == "json":
        found = json.loads(ours)
        assert (found["event"], found["count"], found["ticket"], found["part"]) == ("a.thing", 3, "acme/ticket/42", "x")
        assert (found["level"], found["why"], found["email"]) == ("info", 'a "quoted" word', "[dropped]")
        assert json.loads(libraries) == {"part": "zenpy", "level": "WARNING"}
    else:
        assert "event=a.thing" in ours
        assert libraries == "zenpy: WARNING"


def test_a_line_that_finds_no_room_on_the_disk_harms_nothing_but_itself() -> None:
    code = "from bot.log import get_logger, set_up; set_up('info'); get_logger('x').warning('disk.full'); print('went on')"

    with Path("/dev/full").open("w") as full:  # each write to it fails, as on a disk without room
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=full, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "went on\n")


def test_the_first_of_a_kind_is_a_line_and_the_others_are_told_together() -> None:
    often = Often(get_logger("test"), every_s=3600)

    with capture_logs() as lines:
        for status in (401, 401, 404, 401):
            often.warning("request.refused", status=status)
        often.tell()

    assert [(line["status"], line.get("times")) for line in lines] == [(401, None), (404, None), (401, 2)]


def test_a_kind_that_was_quiet_is_forgotten_and_its_next_is_a_line_at_once() -> None:
    often = Often(get_logger("test"), every_s=3600)

    with capture_logs() as lines:
        often.warning("a.thing")
        often.tell()
        often.warning("a.thing")

    assert [line.get("times") for line in lines] == [None, None]


def test_no_more_kinds_are_told_than_there_is_room_for() -> None:
    often = Often(get_logger("test"), every_s=3600, most_kinds=2)

    with capture_logs() as lines:
        for status in range(5):
            often.warning("request.refused", status=status)
        often.forget()
        often.warning("request.refused", status=9)

    assert [line["status"] for line in lines] == [0, 1, 9]

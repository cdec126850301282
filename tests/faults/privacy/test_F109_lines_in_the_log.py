"""F109: line breaks and terminal codes in subjects, names and payloads: no line of the log can be forged. (Formulas in
exports: there are no exports yet, they come with the reports.)"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from sandbox.stories.config import write_config
from tests.chaos.fuzz import is_well, send_raw
from tests.chaos.letters import signed
from tests.harness.processes import ROOT, process
from tests.harness.servers import free_port, wait_for

FORGED = "\r\n2026-11-21T09:30:00Z level=info event=run.finished forged=1\x1b[31m\x00\u2028\u0085"
LOGS = (
    "import sys; from bot.log import get_logger, set_up; set_up('info', sys.argv[1]);"
    "get_logger('x').info('a.thing', why=sys.argv[2], account='desk')"
)


@pytest.mark.parametrize("shape", ["logfmt", "json"])
def test_F109_one_event_is_one_line_of_printable_signs(shape: str) -> None:
    forged = FORGED.replace("\x00", "")  # no argument of a process holds one

    ended = subprocess.run([sys.executable, "-c", LOGS, shape, forged], cwd=ROOT, capture_output=True, timeout=60, check=True)

    text = ended.stderr.decode()
    assert text.count("\n") == 1
    assert text.rstrip("\n").isprintable()
    if shape == "json":
        assert json.loads(text)["event"] == "a.thing"
    else:
        assert text.count(" event=a.thing ") == 1


def test_F109_what_strangers_send_forges_no_line(tmp_path: Path) -> None:
    """Names, keys and addresses of deliveries, proven and not: by a real receiver, whose whole log is looked at."""
    port = free_port()
    config = write_config(tmp_path, {"zendesk": "http://127.0.0.1:9"}, port, datetime.now(UTC), rules=[])
    subprocess.run(
        [sys.executable, "-m", "bot.cli", "migrate", "--config", str(config)], cwd=ROOT, check=True, capture_output=True
    )
    with process(tmp_path, "webhooks", "--config", str(config)):
        wait_for("the receiver's start", lambda: is_well(port))
        address = f"http://127.0.0.1:{port}/webhooks/zendesk"
        created = {"type": "zen:event-type:ticket.created", "detail": {FORGED: 1}}
        for body in ({FORGED: FORGED}, {"id": FORGED, "type": FORGED}, created):
            letter = signed("zendesk", json.dumps(body).encode())
            requests.post(address, data=letter.body, headers=dict(letter.headers), timeout=10)
            requests.post(address + "%0d%0aevent=forged", data=letter.body, timeout=10)
        send_raw(port, b"GET /\x1b[31m\revent=forged HTTP/1.1\r\nX-Y: \x1b[31mforged\r\n\r\n")
        send_raw(port, b"FORGED\x1b[31m / forged\r\n\r\n")
    lines = (tmp_path / "webhooks.log").read_bytes().decode("utf-8", "replace").splitlines()

    assert lines
    assert all(line.isprintable() for line in lines)
    assert not [
        line for line in lines if "forged" in line.lower() and " event=delivery" not in line and "event=request" not in line
    ]

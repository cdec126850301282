"""F20: another content type or none. The signature is over the raw bytes whatever the type says."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.faults.receiver_setup import door, each_helpdesk, each_signer

JSON = [
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON;charset=UTF-8",
    'application/json; charset="utf-8"',
]
OTHERS = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "text/html",
    "",
]
CODINGS = ["application/json; charset=utf-16", "application/json; charset=iso-8859-1", "application/json; charset=utf-7"]


@each_helpdesk
@pytest.mark.parametrize("kind", JSON)
def test_F20_json_is_read_however_it_is_spelt(tmp_path: Path, provider: str, kind: str) -> None:
    with door(tmp_path, provider) as found:
        assert found.knock(found.delivery(), Content_Type=kind).status_code == 202


@each_signer
def test_F20_any_other_type_is_refused_before_the_body_is_read(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        answers = [found.knock(found.delivery(), Content_Type=each) for each in OTHERS + CODINGS]

        assert [each.status_code for each in answers] == [415] * len(answers)
        assert "application/json" in answers[0].json()["error"]
        assert found.rows() == {}


@each_helpdesk
def test_F20_another_coding_is_refused_everywhere(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        assert [found.knock(found.delivery(), Content_Type=each).status_code for each in CODINGS] == [415] * len(CODINGS)


def test_F20_freshdesks_forms_xml_and_bodies_without_a_type_are_read(tmp_path: Path) -> None:
    """An automation's author chooses between them."""
    with door(tmp_path, "freshdesk") as found:
        form = urlencode({"ticket_id": "7", "triggered_event": "{ticket_action:created}"}).encode()
        xml = b"<?xml version='1.0'?><freshdesk-webhook><ticket-id>8</ticket-id></freshdesk-webhook>"

        assert found.knock(form, Content_Type="application/x-www-form-urlencoded").status_code == 202
        assert found.knock(xml, Content_Type="application/xml").status_code == 202
        assert found.knock(b'{"ticket_id": "9"}', Content_Type="").status_code == 202
        assert found.knock(b'{"ticket_id": "10"}', Content_Type="multipart/form-data; boundary=x").status_code == 415
        assert found.tickets() == ["7", "8", "9"]

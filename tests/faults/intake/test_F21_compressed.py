"""F21: a compressed body that grows without end."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.faults.receiver_setup import door, each_helpdesk


@each_helpdesk
@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip", "GZIP", "x-gzip", "zstd"])
def test_F21_is_refused_without_being_unpacked(tmp_path: Path, provider: str, coding: str) -> None:
    with door(tmp_path, provider) as found:
        bomb = gzip.compress(b" " * 10_000_000)

        answer = found.knock(bomb, Content_Encoding=coding)

        assert (answer.status_code, found.rows()) == (415, {})
        assert found.counted("compressed") == 1


@each_helpdesk
def test_F21_identity_is_no_compression(tmp_path: Path, provider: str) -> None:
    with door(tmp_path, provider) as found:
        assert found.knock(found.delivery(), Content_Encoding="identity").status_code == 202

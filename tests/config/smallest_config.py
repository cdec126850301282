"""The smallest configuration that loads, read from a folder of its own; and the problems of one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, ConfigInvalid, load

SMALLEST = """
marker_key: a-key-of-twenty-characters
accounts:
  - name: acme
    provider: zendesk
    address: https://acme.example
    credentials: {email: bot@example.com, token: tok-4711}
    webhook: {secrets: [sec-4711]}
"""


def read(folder: Path, text: str = SMALLEST, **environ: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, environ)


def problems(folder: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigInvalid) as refused:
        read(folder, text, **environ)
    return [str(each).removeprefix(f"{folder}/") for each in refused.value.problems]

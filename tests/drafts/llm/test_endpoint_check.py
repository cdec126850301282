"""Which addresses of a model may be called."""

from __future__ import annotations

import pytest

from bot.config import ConfigInvalid
from bot.drafts.llm.endpoint_check import check_endpoint, is_private


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:1/v1", "http://127.0.0.1/v1", "http://[::1]/v1", "http://169.254.169.254/latest", "http://10.0.0.5/v1",
        "http://192.168.1.2/v1", "http://2130706433/v1", "http://0x7f.1/v1", "http://0177.0.0.1/v1", "http://0.0.0.0/v1",
        "http://ollama:11434/v1", "http://model.internal/v1", "http://LOCALHOST./v1", "http://[::ffff:127.0.0.1]/v1",
    ],
)  # fmt: skip
def test_private_addresses_are_known_in_all_spellings(url: str) -> None:
    assert is_private(url)


@pytest.mark.parametrize("url", ["https://api.example.com/v1", "https://8.8.8.8/v1"])
def test_public_addresses_are_not_private(url: str) -> None:
    assert not is_private(url)


def test_a_private_endpoint_is_refused_with_the_word_that_allows_it() -> None:
    with pytest.raises(ConfigInvalid) as caught:
        check_endpoint("http://127.0.0.1:11434/v1", False, "config.yaml")

    [problem] = caught.value.problems
    assert (problem.file, problem.path) == ("config.yaml", "drafts.model.base_url")
    assert "allow_private: true" in problem.hint


@pytest.mark.parametrize(("url", "allow_private"), [("http://127.0.0.1:11434/v1", True), ("https://api.example.com/v1", False)])
def test_what_is_public_or_meant_may_be_called(url: str, allow_private: bool) -> None:
    check_endpoint(url, allow_private, "config.yaml")

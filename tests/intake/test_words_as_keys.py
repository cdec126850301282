"""Whatever strangers make up, nothing that is kept has their words as its key: no figure, no cache, no kind of log line."""

from __future__ import annotations

import gc
import http.client
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.intake.metrics import ReceiverCounts
from bot.intake.shared_counts import Counts
from bot.log import Often, get_logger
from tests.faults.receiver_setup import ReceiverSetup, configured, door, each_helpdesk
from webhooks import create_app

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MADEUP")
WORD = "zanzibarese"
UNSEEN = "tarantulan"  # in no request over HTTP: there the client, in this process too, keeps addresses by their words
Series = set[str]


def series(found: ReceiverSetup) -> Series:
    text = requests.get(f"{found.address}/metrics", timeout=10).text
    return {line.rpartition(" ")[0] for line in text.splitlines() if line.startswith("deskhand_webhook")}


def knock_at_made_up_names(found: ReceiverSetup, method: str, names: range) -> None:
    connection = http.client.HTTPConnection(found.address.removeprefix("http://"), timeout=10)
    for number in names:
        connection.request(method, f"/webhooks/{WORD}-{number}")
        connection.getresponse().read()
    connection.close()


@pytest.mark.parametrize("method", METHODS)
def test_made_up_names_make_no_series(tmp_path: Path, method: str) -> None:
    with door(tmp_path, "zendesk") as found:
        knock_at_made_up_names(found, method, range(1))
        before = series(found)

        knock_at_made_up_names(found, method, range(1, 200))

        assert series(found) == before
        assert WORD not in str(before)


def test_a_name_that_is_ours_is_counted_by_name() -> None:
    counts = ReceiverCounts(["zendesk"])
    for name in ("zendesk", "Zendesk", "zendesk2", ""):
        counts.answered(name, 405, "head", 0.01)

    answers = next(iter(counts.collector().collect()))

    assert [(each.labels["account"], each.value) for each in answers.samples] == [("", 3), ("zendesk", 1)]


def test_there_are_no_more_counts_than_allowed() -> None:
    counts = Counts(3, beyond=("other",))

    for number in range(1000):
        counts.add(((f"made-up-{number}",), 1.0))

    assert counts.total() == {("made-up-0",): 1, ("made-up-1",): 1, ("made-up-2",): 1, ("other",): 997}


def test_there_are_no_more_kinds_of_log_lines_than_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    often = Often(get_logger("test"), every_s=3600, most_kinds=20)

    for number in range(1000):
        often.warning("seen", number=number)
    often.forget()

    assert capsys.readouterr().err.count("seen") == 20


def made_up(method: str, account: str, **more: str) -> dict[str, Any]:
    """A request as WSGI has it, each word of which is a stranger's."""
    body = f'{{"{UNSEEN}": 1}}'.encode()
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": f"/webhooks/{account}",
        "QUERY_STRING": UNSEEN,
        "SERVER_NAME": "here",
        "SERVER_PORT": "80",
        "HTTP_HOST": f"{UNSEEN}.example",
        "HTTP_USER_AGENT": UNSEEN,
        "HTTP_AUTHORIZATION": f"Basic {UNSEEN}",
        "HTTP_X_ZENDESK_WEBHOOK_SIGNATURE": UNSEEN,
        "HTTP_X_ZENDESK_WEBHOOK_SIGNATURE_TIMESTAMP": f"2026-01-01T00:00:00Z {UNSEEN}",
        "HTTP_X_HUB_SIGNATURE": f"sha1={UNSEEN}",
        "HTTP_X_DESKHAND_TOKEN": UNSEEN,
        f"HTTP_X_{UNSEEN.upper()}": UNSEEN,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        **more,
    }


def knock(app: Any, provider: str) -> None:
    """Every method, known and unknown accounts, and each way to be refused before the proof."""
    for method in METHODS:
        for account in (provider, UNSEEN, f"{provider}/{UNSEEN}"):
            app(made_up(method, account), lambda *_: None)
    for name in ("CONTENT_TYPE", "HTTP_CONTENT_ENCODING", "HTTP_X_BODY_SIGNATURE", "HTTP_TRANSFER_ENCODING"):
        app(made_up("POST", provider, **{name: UNSEEN}), lambda *_: None)
    app(made_up("POST", provider, CONTENT_TYPE=f"application/json; charset={UNSEEN}"), lambda *_: None)
    app(made_up("GET", "", PATH_INFO="/metrics"), lambda *_: None)


def kept_under(word: str) -> Iterator[str]:
    """Of every dictionary, set and cache in this process: the keys with `word` in them. Each is looked through once: the names of
    a module are held by each of its functions."""
    gc.collect()
    looked_at = set[int]()
    for holder in gc.get_objects():
        for kept in (holder, *gc.get_referents(holder)):
            if isinstance(kept, dict | set) and id(kept) not in looked_at:
                looked_at.add(id(kept))
                yield from (each for key in list(kept) for each in words_of(key) if word in each.lower())


def words_of(key: object) -> Sequence[str]:
    """What is not a word in a tuple is left alone: how another test's library shows its things is not asked."""
    if isinstance(key, str):
        return (key,)
    if isinstance(key, bytes):
        return (key.decode("latin-1"),)
    return [word for each in key for word in words_of(each)] if isinstance(key, tuple) else ()


@each_helpdesk
def test_nothing_in_the_process_is_kept_under_a_strangers_words(tmp_path: Path, provider: str) -> None:
    app = create_app(configured(tmp_path, provider))
    ours = {f"{UNSEEN}-kept": app}

    knock(app, provider)

    assert set(kept_under(UNSEEN)) == set(ours)  # so what is kept is found

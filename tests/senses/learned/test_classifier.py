"""Reading by learned weights: what adds up, what is the same each time, and what is left without sentence vectors."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.senses.learned import classifier
from bot.senses.learned.answers import SEVERAL, SINGLE
from bot.senses.learned.classifier import english_of_the_shipped, read, usual_severities, vectors_of_the_shipped

TEXTS = ["All our records are gone since the update.", "Hola, ¿dónde está mi factura de mayo?", "請問如何匯出資料？", ""]


def test_each_head_answers_each_sentence() -> None:
    for likely in read(TEXTS):
        assert set(likely) == {*SINGLE, *SEVERAL}
        for name in SINGLE:
            assert sum(likely[name].values()) == pytest.approx(1, abs=0.05)  # rounded, of so many
        assert all(0 <= value <= 1 for head in likely.values() for value in head.values())


def test_a_sentence_is_read_alike_alone_and_among_others() -> None:
    assert read(TEXTS)[:1] == read(TEXTS[:1])


def test_nothing_is_read_of_nothing() -> None:
    assert read([]) == []


@pytest.fixture
def no_vectors(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(classifier, "vectors_of_the_shipped", lambda: None)
    yield


@pytest.mark.usefixtures("no_vectors")
@pytest.mark.parametrize(
    ("text", "issue"),
    [
        ("I was charged twice for the same invoice.", "billing.charge.double"),
        ("Ich habe mein Passwort vergessen.", "account_access.password.reset"),
        ("L'application plante à l'ouverture.", "bug.crash.closes"),
        ("Quiero cancelar mi suscripción.", "cancellation.subscription.end"),
    ],
)
def test_without_the_encoder_words_alone_are_read(text: str, issue: str) -> None:
    likely = read([text])[0]["issue"]

    assert max(likely, key=lambda each: likely[each]) == issue


def test_the_encoder_is_the_one_that_the_weights_were_learned_on() -> None:
    found = vectors_of_the_shipped()

    assert found is not None
    assert found.encoder.sha256 == found.weights.about["encoder_sha256"]


def test_weights_of_another_encoder_are_left_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    class Other:
        sha256 = "another"

    monkeypatch.setattr(classifier, "encoder", Other)
    vectors_of_the_shipped.cache_clear()
    try:
        assert vectors_of_the_shipped() is None
    finally:
        vectors_of_the_shipped.cache_clear()


def test_english_is_read_by_two_encoders_and_other_languages_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    both, text = english_of_the_shipped(), "I never got what I paid for."
    assert both is not None
    assert both.encoder.sha256 == both.weights.about["encoder_sha256"]
    english, any_language = read([text], "en"), read([text])
    monkeypatch.setattr(classifier, "english_of_the_shipped", lambda: None)

    assert read([text], "en") == any_language != english


def test_what_is_usual_of_an_issue_is_graver_for_what_harms() -> None:
    assert usual_severities("outage.service.all_down")["p1"] > 0.5
    assert usual_severities("how_to.use.function")["p4"] > 0.5


def test_a_process_that_has_read_the_weights_has_no_thread_beside_it() -> None:
    """RQ's workers and the tests' nursery fork for each job: a lock that a thread held then would stay held in the child."""
    reads = "from bot.senses.learned.classifier import read; read(['All is down.'], 'en')"
    told = subprocess.run(
        [sys.executable, "-c", f"{reads}; import os; print(len(os.listdir('/proc/self/task')))"],
        capture_output=True,
        text=True,
        check=True,
        env={name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"},
    )

    assert told.stdout.split() == ["1"]

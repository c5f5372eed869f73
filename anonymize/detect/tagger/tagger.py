"""Masses of probability for the characters of many texts at once.

Texts are sorted by length and run in batches of about the same length, on one thread: a column is spread over
processes, not over threads (see `anonymize.detect.columns`).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from anonymize.detect.tagger.network import ahead, build
from anonymize.detect.tagger.weights import FIX, Weights, load
from anonymize.detect.tagger.wire import Array
from anonymize.errors import ModelError

TEXTS, CHARACTERS = 256, 8192
"""The largest batch: fewer texts do not repay a step of the network, more do not fit the cache of a core."""
BREAK = "\n" * 4
"""What parts the texts of one call: more than any rule looks past the end of a name, so none sees the next text."""
PERSON_BEGINS, PERSON_GOES_ON, PLACE, ORGANISATION = range(4)
"""Columns of the masses."""


class Tagger:
    """LAC's weights in our network, ready to run."""

    def __init__(self, weights: Weights | None = None) -> None:
        weights = weights or load()
        table, rows, self._padding = ahead(weights)
        self.words = weights.words
        self._rows = _by_code(weights, rows)
        self._session = _session(build(weights, table, self._padding))

    def masses(self, texts: Sequence[str]) -> Array:
        """Give an array [character, 4] of masses for the characters of `BREAK.join(texts)`; a break has none."""
        lengths = np.array([len(text) for text in texts], np.int64)
        starts = np.concatenate([[0], np.cumsum(lengths + len(BREAK))])
        found = np.zeros((max(int(starts[-1]) - len(BREAK), 0), 4), np.float32)
        rows = self._encode(BREAK.join(texts))
        for batch in _batches(lengths):
            width = np.arange(lengths[batch].max())[:, None]
            filled = width < lengths[batch]
            places = (width + starts[batch])[filled]
            padded = np.full(filled.shape, self._padding, np.int32)
            padded[filled] = rows[places]
            found[places] = self._session.run(None, {"rows": padded})[0][filled]
        return found

    def _encode(self, text: str) -> Array:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
        return self._rows[codes]


@cache
def tagger() -> Tagger:
    """Give the one tagger of this process; the first call loads it.

    Raises:
        ModelError: a file of the model is missing or altered.
    """
    return Tagger()


def check(place: Path | None = None) -> None:
    """See that the model's files are those this version was tested with, without loading the runtime.

    Raises:
        ModelError: they are not.
    """
    load(place)


def _by_code(weights: Weights, rows: dict[str, int]) -> Array:
    """Give the row of each code point, other forms of a character as the one they are read as."""
    by_code = np.full(0x110000, len(rows), np.int32)
    for character, row in rows.items():
        by_code[ord(character)] = row
    for other, character in weights.narrow.items():
        by_code[ord(other)] = rows.get(character, len(rows))
    return by_code


def _batches(lengths: Array) -> Iterator[Array]:
    """Part the texts that are not empty into batches of about the same length, the longest first."""
    order = np.argsort(-lengths, kind="stable")
    order, at = order[: np.count_nonzero(lengths)], 0
    while at < len(order):
        size = max(1, min(TEXTS, CHARACTERS // int(lengths[order[at]])))
        yield order[at : at + size]
        at += size


def _session(model: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ModelError("onnxruntime", "the package is not installed", fix=FIX) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # what it would warn of are constants it folded away
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

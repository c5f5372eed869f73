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
from anonymize.detect.tagger.weights import FIX, UNKNOWN, Weights, load
from anonymize.detect.tagger.wire import Array
from anonymize.errors import ModelError

TEXTS, CHARACTERS = 128, 8192
"""The largest batch: more does not fit the cache of a core."""
PERSON_BEGINS, PERSON_GOES_ON, PLACE, ORGANISATION = range(4)
"""Columns of the masses."""


class Tagger:
    """LAC's weights in our network, ready to run."""

    def __init__(self, weights: Weights | None = None) -> None:
        weights = weights or load()
        table, rows, self._padding = ahead(weights)
        self._rows = _by_code(weights, rows)
        self._session = _session(build(weights, table, self._padding))

    def masses(self, texts: Sequence[str]) -> list[Array]:
        """Give for each of *texts* an array [character, 4] of masses (see the names of the columns)."""
        found: list[Array] = [np.zeros((0, 4), np.float32)] * len(texts)
        for batch in _batches(texts):
            lengths = np.array([len(texts[at]) for at in batch])
            filled = np.arange(lengths.max())[:, None] < lengths
            rows = np.full(filled.shape[::-1], self._padding, np.int32)
            rows[filled.T] = self._encode("".join(texts[at] for at in batch))
            masses = self._session.run(None, {"rows": np.ascontiguousarray(rows.T)})[0].transpose(1, 0, 2)
            for place, at in enumerate(batch):
                found[at] = masses[place, : lengths[place]]
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


def _batches(texts: Sequence[str]) -> Iterator[list[int]]:
    order = sorted((at for at in range(len(texts)) if texts[at]), key=lambda at: len(texts[at]))
    while order:
        size = max(1, min(TEXTS, CHARACTERS // len(texts[order[-1]])))
        yield order[-size:]
        del order[-size:]


def _session(model: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ModelError("onnxruntime", "the package is not installed", fix=FIX) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # what it would warn of are constants it folded away
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

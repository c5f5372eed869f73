"""A fresh process that searches Chinese text loads what that takes, opens no socket, and nothing of the service."""

import json
import subprocess
import sys

CODE = """
import json, socket, sys
def refuse(*_): raise AssertionError("a socket was opened")
socket.socket.connect = socket.getaddrinfo = refuse
from anonymize.detect.analyzer import find_all
assert find_all(["患者张伟民来电，邮箱a@gov.cn，见https://www.gov.cn"])[0]
print(json.dumps(sorted(sys.modules)))
"""


def test_chinese_text_is_searched_without_the_service_the_english_model_or_the_network():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert not loaded & {"flask", "sqlmodel", "sqlalchemy", "duckdb", "torch", "transformers"}
    assert not any(name.startswith(("en_core_web", "spacy.lang.en")) for name in loaded)


def test_a_program_that_imports_it_keeps_what_it_writes(tmp_path):
    written = tmp_path / "notes.txt"
    code = f"import anonymize.detect.analyzer\nf = open({str(written)!r}, 'w')\nf.write('kept')\ndef g(): f.write('')\n"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert written.read_text() == "kept"

"""Kill a witness while it cosigns, then offer it another view: it never signs both."""

import contextlib
import http.client
import random
import threading
import time
from pathlib import Path

from anonymize.signing import Signer
from tests.common import witnesses
from tests.common.witnesses import GrownLog, Running, cosigned

LONGEST_S = 0.02
"""An answer takes a few milliseconds; the blow falls before, in or after it."""


def never_two_views(folder: Path, key: Signer, rounds: int, seed: int) -> str:
    """Kill the witness in *folder* so many times; says how often the cosignature had left, was lost, or never made."""
    chance = random.Random(seed)
    log = GrownLog(key)
    left = kept = neither = 0
    witnesses.made(folder, log)
    witness = witnesses.start(folder)
    for _ in range(rounds):
        old, step = log.size, chance.randint(1, 9)
        one, other = log.fork(old, step, "one"), log.fork(old, step + chance.randint(0, 3), "other")
        answered = _killed_while_sending(witness, one, old, chance.uniform(0, LONGEST_S))
        witness = witnesses.start(folder)
        if answered:
            left += 1
            assert witness.submit(other.submission(old)).status == 409
            cosigned(witness.submit(one.submission(one.size)), one, witness.key)
            log = one
            continue
        reply = witness.submit(other.submission(old))
        if reply.status == 200:
            neither += 1
            assert witness.submit(one.submission(old)).status == 409
            log = other
        else:
            kept += 1
            assert (reply.status, reply.text) == (409, f"{one.size}\n")
            log = one
        cosigned(witness.submit(log.submission(log.size)), log, witness.key)
    witness.kill()
    assert "Traceback" not in (folder / "told").read_text()
    return f"{rounds} kills: {left} after the answer, {kept} between keeping and answering, {neither} before"


def _killed_while_sending(witness: Running, log: GrownLog, old: int, delay_s: float) -> bool:
    """Submit, kill meanwhile, and say whether a cosignature came back."""
    answered = []

    def send() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answered.append(witness.submit(log.submission(old)))

    thread = threading.Thread(target=send)
    thread.start()
    time.sleep(delay_s)
    witness.kill()
    thread.join()
    for reply in answered:
        cosigned(reply, log, witness.key)
    return bool(answered)

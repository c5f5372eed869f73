"""Verify an exported log without its operator: this one file, the standard library, and the log's public key.

    python3 -I -S verify_log.py EXPORT --key KEY [--witness NAME+ID+KEY]

It ends with 0 when everything holds, and with 1 when something does not, naming the first bad entry or line.
A line is the SHA-256 of a zero byte and its content, and the content. A head comes first, and says how old keys of the
log signed new ones; then the entries, whose hashes are the leaves of an RFC 6962 Merkle tree, and wherever the log was
signed a C2SP checkpoint; last a signature over the SHA-256 of all lines before. A selection gives its entries with
inclusion proofs under one checkpoint.
"""

import argparse
import base64
import json
import sys
from functools import lru_cache, partial, reduce
from hashlib import sha256, sha512
from itertools import accumulate
from typing import IO, Any

P = 2**255 - 19  # Ed25519 (RFC 8032): the field, the group's order, the curve's constant, a root of -1, the base point
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
BASE = bytes.fromhex("58" + "66" * 31)
unbase64 = partial(base64.b64decode, validate=True)
SPREAD = 1000  # of more checkpoints than this, so many signatures are checked, evenly spread; their roots always are
Point = tuple[int, int, int, int]


class Bad(Exception):
    """What does not hold, and where."""


def add(a: Point, b: Point) -> Point:
    """Add two points in extended coordinates (RFC 8032 §5.1.4)."""
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def decode(raw: bytes) -> Point:
    """Read a point (RFC 8032 §5.1.3)."""
    sign, y = divmod(int.from_bytes(raw, "little"), 2**255)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_ONE % P
    if len(raw) != 32 or y >= P or x * x % P != square or (x == 0 and sign):
        raise ValueError("no point of the curve")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


@lru_cache(maxsize=64)
def multiples(raw: bytes) -> list[list[Point]]:
    """Tabulate k * 16**i * point, so that a multiplication becomes 64 additions."""
    point, table = decode(raw), list[list[Point]]()
    for _ in range(64):
        table.append(list(accumulate([point] * 16, add, initial=(0, 1, 1, 0))))
        point = table[-1][16]
    return table


def signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether the Ed25519 *signature* over *message* is by *public* (RFC 8032 §5.1.7)."""
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or s >= ORDER:
        return False
    h = -int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    total: Point = (0, 1, 1, 0)
    for i, (ours, theirs) in enumerate(zip(multiples(BASE), multiples(public), strict=True)):
        total = add(add(total, ours[s >> 4 * i & 15]), theirs[h >> 4 * i & 15])
    x, y = (value * pow(total[2], -1, P) % P for value in total[:2])
    return (y | (x & 1) << 255).to_bytes(32, "little") == signature[:32]


def canonical(value: Any) -> bytes:
    """Write the JSON that was signed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def node(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def root_of(peaks: list[bytes]) -> bytes:
    """Fold the complete subtrees of a tree, largest first, into its root."""
    return reduce(lambda right, left: node(left, right), reversed(peaks)) if peaks else sha256(b"").digest()


def included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Say whether *proof* leads from *leaf* at *index* to the *root* of a tree of *size* (RFC 9162 §2.1.3.2)."""
    last, rest = size - 1, list(proof)
    while last > 0:
        if index & 1:
            leaf = node(rest.pop(0), leaf)
        elif index < last:
            leaf = node(leaf, rest.pop(0))
        index, last = index >> 1, last >> 1
    return index == last == 0 and not rest and leaf == root


class Checkpoint:
    """A signed note, and the line it stands in."""

    def __init__(self, line: int, note: str) -> None:
        self.line, (text, _, signatures) = line, note.rpartition("\n\n")
        self.text, (self.origin, size, root) = text + "\n", text.split("\n")
        self.size, self.root = int(size), unbase64(root)
        self.signatures = [(name, unbase64(raw)) for _, name, raw in map(str.split, signatures.splitlines())]

    def by(self, name: str, public: bytes, kind: int) -> list[bytes]:
        """Give the signatures that claim to be by the key *public* of this *kind* (C2SP signed-note)."""
        identifier = sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]
        return [raw[4:] for signer, raw in self.signatures if signer == name and raw[:4] == identifier]

    def cosigned(self, name: str, public: bytes) -> bool:
        """Say whether the witness saw it (C2SP tlog-cosignature)."""
        for raw in self.by(name, public, 4):
            moment = int.from_bytes(raw[:8], "big")
            if not signed(public, raw[8:], f"cosignature/v1\ntime {moment}\n{self.text}".encode()):
                raise Bad(f"line {self.line}: the cosignature of {name} under size {self.size} is not valid")
        return bool(self.by(name, public, 4))


class Export:
    """What the lines told so far."""

    def __init__(self, head: dict[str, Any], keys: list[str]) -> None:
        if head["format"] != "sluice-log-export/2":
            raise Bad("line 1: this program does not know the format")
        self.head, self.name, self.rotations, self.keys = head, head["log"], head["rotations"], keys
        self.index, self.ended, self.told = 0, False, list[Any]()
        self.peaks, self.checkpoints = list[bytes](), list[Checkpoint]()
        for before, now in zip([None, *self.rotations], self.rotations, strict=False):
            message = canonical({"rotate": self.name, **{name: now[name] for name in ("size", "old", "new")}})
            both = all(
                signed(unbase64(now[name]), unbase64(now[name + "_signature"]), message) for name in ("old", "new")
            )
            if not both or (before and (before["new"] != now["old"] or before["size"] >= now["size"])):
                raise Bad(f"line 1: at entry {now['size']} the log's key is not handed over by the one before")
        if self.rotations and not {key for one in self.rotations for key in (one["old"], one["new"])} & set(keys):
            raise Bad("line 1: the log's keys lead to none of those given")

    def keys_at(self, size: float) -> list[bytes]:
        """Give the keys that may sign the tree of *size* entries."""
        passed = [one["new"] for one in self.rotations if one["size"] < size]
        keys = passed[-1:] or [one["old"] for one in self.rotations[:1]] or self.keys
        return [unbase64(key) for key in keys]

    def check(self, stated: Checkpoint) -> None:
        """Insist that a checkpoint is signed by the log's key in force."""
        tried = [(key, raw) for key in self.keys_at(stated.size) for raw in stated.by(self.name, key, 1)]
        if stated.origin != self.name or not any(signed(key, raw, stated.text.encode()) for key, raw in tried):
            raise Bad(f"line {stated.line}: the checkpoint of size {stated.size} is not signed by the log's key")

    def take(self, line: int, value: dict[str, Any], before: str) -> None:
        """Take a line that is no entry of a whole log."""
        if "checkpoint" in value:
            stated, last = Checkpoint(line, value["checkpoint"]), self.checkpoints[-1:]
            if not self.head["selection"] and (stated.size, stated.root) != (self.index, root_of(self.peaks)):
                self.check(stated)
                raise Bad(f"entry {last[0].size if last else 0}, or one before {stated.size}: is not what was signed")
            self.checkpoints.append(stated)
        elif "index" in value:
            leaf, proof = sha256(b"\x00" + value["body"].encode()).digest(), list(map(bytes.fromhex, value["proof"]))
            if not included(leaf, value["index"], self.checkpoints[0].size, proof, self.checkpoints[0].root):
                raise Bad(f"entry {value['index']} (line {line}): is not in the tree that was signed")
            self.index += 1
        else:
            self.ended, message = True, canonical({"entries": self.index, "export": before, "log": self.name})
            if value["sha256"] != before:
                raise Bad(f"line {line}: a line before it was added, left out or moved")
            if not any(signed(key, unbase64(value["signature"]), message) for key in self.keys_at(float("inf"))):
                raise Bad(f"line {line}: the export is not signed by the log's key")

    def close(self, witnesses: list[tuple[str, bytes]]) -> str:
        """Check what only the whole can tell; says what is proved."""
        newest, whole = self.checkpoints[-1], not self.head["selection"]
        if not self.ended or (whole and self.index != newest.size):
            raise Bad(f"entry {self.index}: from here on the end is missing, or what no checkpoint covers is there")
        if whole and self.told != self.rotations:
            raise Bad("line 1: the changes of the log's key are not those that its entries tell")
        for stated in [self.checkpoints[0], *self.checkpoints[:: -(len(self.checkpoints) // SPREAD + 1)]]:
            self.check(stated)
        for name, public in witnesses:
            if not sum([stated.cosigned(name, public) for stated in self.checkpoints]):
                raise Bad(f"the witness {name} cosigned none of the checkpoints")
        return f"{self.index} entries of {self.name}, in the tree of {newest.size} with the root {newest.root.hex()}"


def place(export: Export | None, line: int, content: bytes) -> str:
    """Name a line, and the entry that it is or should be."""
    other = export is None or export.head["selection"] or content.startswith((b'{"checkpoint":', b'{"sha256":'))
    return f"line {line}" if other or export is None else f"entry {export.index} (line {line})"


def verify(file: IO[bytes], keys: list[str], witnesses: list[tuple[str, bytes]]) -> str:
    """Verify the export in *file*, opened for bytes; says what it proves, or raises Bad."""
    export: Export | None = None
    running = sha256()
    for line, raw in enumerate(file, 1):
        if export and export.ended:
            raise Bad(f"line {line}: follows on the last one")
        content = raw[65:-1]
        digest = sha256(b"\x00" + content).digest()
        if raw[:65] != digest.hex().encode() + b" " or raw[-1:] != b"\n":
            raise Bad(f"{place(export, line, content)}: is not what its hash says")
        try:
            if export and content.startswith(b'{"action":') and not export.head["selection"]:
                if content.startswith(b'{"action":"log:key-rotated"'):
                    export.told.append({**json.loads(content)["details"], "size": export.index})
                bits = export.index
                while bits & 1:
                    digest, bits = node(export.peaks.pop(), digest), bits >> 1
                export.peaks.append(digest)
                export.index += 1
            elif export:
                export.take(line, json.loads(content), running.hexdigest())
            else:
                export = Export(json.loads(content), keys)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise Bad(f"{place(export, line, content)}: is no line of an export ({type(error).__name__})") from None
        running.update(raw)
    if export is None or not export.checkpoints:
        raise Bad("line 1: the head, or a checkpoint, is missing")
    return export.close(witnesses)


def main() -> None:
    """Verify the export that the command line names."""
    parser = argparse.ArgumentParser(description="Verify an exported log.")
    parser.add_argument("export")
    parser.add_argument("--key", action="append", required=True, help="a public key of the log, base64")
    parser.add_argument("--witness", action="append", default=[], help="NAME+ID+KEY of one who must have cosigned")
    given = parser.parse_args()
    try:
        witnesses = [(name, unbase64(key)[1:]) for name, _, key in (text.split("+", 2) for text in given.witness)]
        with open(given.export, "rb") as file:
            print(f"OK: {verify(file, given.key, witnesses)}")
    except (Bad, OSError, ValueError) as error:
        print(f"BAD: {error}")
        sys.exit(1)


if __name__ == "__main__":
    main()

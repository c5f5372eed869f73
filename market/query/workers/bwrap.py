"""The fallback where a fork cannot enter namespaces but a bubblewrap with its own rights can.

bubblewrap must exec, so Python starts anew inside (a quarter second) and everything it imports has to be in sight.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NoReturn

from market.query.workers import zygote
from market.query.workers.background import to_background
from market.query.workers.layers import Layer

_SYSTEM: Final = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache")


def present() -> str | None:
    """Where bubblewrap is, if it is installed."""
    return shutil.which("bwrap")


def start(
    program: str, order: Mapping[str, Any], files: Mapping[str, Sequence[str]], descriptor: int
) -> subprocess.Popen[bytes]:
    """Start a worker in bubblewrap that talks over *descriptor* and sees the system read-only and its own files."""
    paths = sorted({path for listed in files.values() for path in listed})
    inside = {path: f"/data/{index}.parquet" for index, path in enumerate(paths)}
    imports = zygote.import_paths()
    visible = dict.fromkeys([*_SYSTEM, sys.base_prefix, str(Path(sys.executable).resolve().parent), *imports])
    command = [program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    for name, value in zygote.ENVIRONMENT.items():
        command += ["--setenv", name, value]
    for path in visible:
        command += ["--ro-bind-try", path, path]
    command += ["--proc", "/proc", "--dev", "/dev", "--ro-bind-try", "/sys/devices/system", "/sys/devices/system"]
    for path, name in inside.items():
        command += ["--ro-bind", path, name]
    order = dict(order, tables={name: [inside[path] for path in listed] for name, listed in files.items()})
    boot = zygote.BOOT.format("bwrap")
    python = str(Path(sys.executable).resolve())
    command += [python, "-I", "-S", "-c", boot, json.dumps(imports), str(descriptor), json.dumps(order)]
    return subprocess.Popen(
        command, pass_fds=(descriptor,), env={}, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip


def main() -> NoReturn:
    """Inside: the same worker, from its confinement on."""
    order = json.loads(sys.argv[3])
    sock = socket.socket(fileno=int(sys.argv[2]))
    if order["background"]:
        to_background()
    order["layers"] = sorted({*order["layers"], Layer.NAMESPACES})
    zygote.run(sock, order["tables"], order)
    os._exit(1)

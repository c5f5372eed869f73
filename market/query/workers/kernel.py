"""The few Linux calls Python does not offer, by ctypes: namespaces, mounts, capabilities, Landlock, seccomp."""

import ctypes
import os
import platform
import struct
from typing import Final

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

CLONE_NEWNS: Final = 0x00020000
CLONE_NEWUTS: Final = 0x04000000
CLONE_NEWIPC: Final = 0x08000000
CLONE_NEWUSER: Final = 0x10000000
CLONE_NEWPID: Final = 0x20000000
CLONE_NEWNET: Final = 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1, 2, 4, 8, 32, 4096, 16384, 1 << 18,
)  # fmt: skip
MNT_DETACH: Final = 2
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 24, 38
_CAPABILITY_VERSION_3: Final = 0x20080522
# Landlock's three calls have the same numbers on every architecture; the others are looked up below.
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_READ_FILE, _LANDLOCK_READ_DIR = 1 << 2, 1 << 3

_MACHINE: Final = platform.machine()
_PIVOT_ROOT: Final = {"x86_64": 155, "aarch64": 41}.get(_MACHINE)
_AUDIT_ARCH: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}.get(_MACHINE)
_CLONE: Final = {"x86_64": 56, "aarch64": 220}.get(_MACHINE, -1)
_CLONE3: Final = 435
_X32_BIT: Final = 0x40000000
_DENIED: Final = {
    # socket connect bind listen accept accept4 execve execveat ptrace process_vm_readv/writev mount umount2
    # pivot_root unshare setns chroot init_module finit_module delete_module kexec_load bpf perf_event_open
    # userfaultfd keyctl add_key request_key open_by_handle_at name_to_handle_at swapon reboot io_uring_*
    "x86_64": (41, 42, 49, 50, 43, 288, 59, 322, 101, 310, 311, 165, 166, 155, 272, 308, 161, 175, 313, 176, 246, 321,
               298, 323, 250, 248, 249, 304, 303, 167, 169, 425, 426, 427),
    "aarch64": (198, 203, 200, 201, 202, 242, 221, 281, 117, 270, 271, 40, 39, 41, 97, 268, 51, 105, 273, 106, 104,
                280, 241, 282, 219, 217, 218, 265, 264, 224, 142, 425, 426, 427),
}.get(_MACHINE, ())  # fmt: skip


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def unshare(flags: int) -> None:
    """Leave the shared namespaces named by *flags*; a user namespace needs a single-threaded process."""
    _check(_libc.unshare(flags), "unshare")


def mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    """Attach *source* at *target*."""
    encoded = [value.encode() if value is not None else None for value in (source, target, kind, data)]
    _check(_libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]), "mount")


def pivot_into_current_folder() -> None:
    """Make the current folder the root, and let the old root go."""
    if _PIVOT_ROOT is None:
        raise OSError(f"pivot_root is not known on {_MACHINE}")
    _check(_libc.syscall(_PIVOT_ROOT, b".", b"."), "pivot_root")
    _check(_libc.umount2(b".", MNT_DETACH), "umount2")
    os.chdir("/")


def die_with_parent() -> None:
    """Ask for SIGKILL when the parent ends."""
    _check(_libc.prctl(_PR_SET_PDEATHSIG, 9, 0, 0, 0), "prctl")


def drop_privileges() -> None:
    """No capability now, none by any program later, and no core or trace of this process."""
    _check(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    for capability in range(64):
        if _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # without CAP_SETPCAP, or past the last one: no_new_privs already keeps the set from growing
    header = struct.pack("Ii", _CAPABILITY_VERSION_3, 0)
    _check(_libc.capset(header, bytes(24)), "capset")
    _check(_libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0), "dumpable")


def landlock_abi() -> int:
    """The version of Landlock this kernel speaks; 0 when it has none."""
    return max(0, int(_libc.syscall(_LANDLOCK_CREATE, None, 0, 1)))


def landlock(files: list[str], folders: list[str]) -> None:
    """From here on this thread and its children open *files* (and what is in *folders*) for reading, and no TCP."""
    abi = landlock_abi()
    if abi < 1:
        raise OSError("Landlock is not present")
    bits = {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)
    rules = struct.pack("QQQ", (1 << bits) - 1, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _check(_libc.syscall(_LANDLOCK_CREATE, rules, ctypes.c_size_t(size), 0), "landlock_create_ruleset")
    try:
        allowed = [(path, _LANDLOCK_READ_FILE) for path in files]
        allowed += [(path, _LANDLOCK_READ_FILE | _LANDLOCK_READ_DIR) for path in folders if os.path.isdir(path)]
        for path, access in allowed:
            opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
            try:
                rule = struct.pack("=Qi", access, opened)
                _check(_libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0), "landlock_add_rule")
            finally:
                os.close(opened)
        _check(_libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def seccomp_known() -> bool:
    """Say whether the filter below knows this machine's calls."""
    return _AUDIT_ARCH is not None


def seccomp() -> None:
    """From here on: no sockets, programs, mounts, namespaces or tracing; such calls answer EPERM."""
    if _AUDIT_ARCH is None:
        raise OSError(f"no filter for {_MACHINE}")
    deny, allow, absent = 0x00050001, 0x7FFF0000, 0x00050026  # EPERM, ALLOW, ENOSYS
    load, equal, test, give = 0x20, 0x15, 0x45, 0x06
    code = [(load, 0, 0, 4), (equal, 1, 0, _AUDIT_ARCH), (give, 0, 0, 0x80000000), (load, 0, 0, 0)]
    if _MACHINE == "x86_64":
        code += [(test, 0, 1, _X32_BIT), (give, 0, 0, deny)]
    for number in _DENIED:
        code += [(equal, 0, 1, number), (give, 0, 0, deny)]
    # glibc falls back from clone3 to clone, whose flags a filter can read: threads yes, namespaces no.
    code += [(equal, 0, 1, _CLONE3), (give, 0, 0, absent), (equal, 0, 3, _CLONE), (load, 0, 0, 16)]
    code += [(test, 0, 1, 0x7E020000), (give, 0, 0, deny), (give, 0, 0, allow)]
    program = b"".join(struct.pack("HBBI", *step) for step in code)
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(code), ctypes.addressof(buffer))
    _check(_libc.prctl(_PR_SET_SECCOMP, 2, header, 0, 0), "seccomp")

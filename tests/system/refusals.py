# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""refusals.py - the attempts of attempts.py, and which of their outcomes are refusals."""

import os

ATTEMPTS = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "attempts.py"), encoding="utf-8").read()
REFUSALS = {"EPERM", "EACCES", "ENOSYS", "signal 31"}
# Beside a plain refusal: what is not there at all.
ALSO = {"read_kcore": {"ENOENT"}, "read_keys": {"ENOENT"}, "read_kmsg": {"ENOENT"}, "open_sysrq": {"EROFS", "ENOENT"},
        "write_sysctl": {"EROFS"}, "write_uevent_helper": {"EROFS", "ENOENT"}, "write_own_exe": {"ETXTBSY", "EROFS"},
        "write_pid_1_exe": {"ETXTBSY", "EROFS"}, "become_root": {"EINVAL"}, "packet_socket": {"EAFNOSUPPORT"}, "tiocsti": {"ENXIO"},
        "tiocsti_high_bits": {"ENXIO"}, "tioclinux": {"ENXIO", "ENOTTY"}}
ALSO |= {name: {"signal 11"} for name in ("i386_unshare_user", "i386_clone_user", "i386_keyctl", "i386_ptrace_pid_1")}
NAMES = [line.split("(")[0][4:] for before, line in zip(ATTEMPTS.splitlines(), ATTEMPTS.splitlines()[1:])
         if before == "@attempt"]
ON_A_TTY = {"tiocsti", "tiocsti_high_bits", "tioclinux"}


def is_refused(name, word):
    return word in REFUSALS | ALSO.get(name, set())

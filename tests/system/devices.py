#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""/dev, /proc and /sys as a container without a GPU sees them."""

import os

from harness import claim, main, same, that

NODES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2",
         "ptmx": "pts/ptmx"}
DIRS = {"pts", "shm", "mqueue"}


@claim("/dev holds exactly the nodes, links and directories that every program may expect")
def dev_content(caller):
    code = """
import json, os, stat
found = {}
for name in os.listdir("/dev"):
    st = os.lstat("/dev/" + name)
    found[name] = [stat.filemode(st.st_mode)[0], [os.major(st.st_rdev), os.minor(st.st_rdev)], stat.S_IMODE(st.st_mode),
                   os.readlink("/dev/" + name) if stat.S_ISLNK(st.st_mode) else None]
print(json.dumps(found))"""
    found = caller.python(code).json()
    same(set(found), set(NODES) | set(LINKS) | DIRS)
    for name, (major, minor) in NODES.items():
        same(found[name][:3], ["c", [major, minor], 0o666], name)
    for name, target in LINKS.items():
        if name != "ptmx" or found[name][0] == "l":
            same((found[name][0], found[name][3].removeprefix("/dev/")), ("l", target), name)
    for name in DIRS:
        same(found[name][0], "d", name)
    same(found["shm"][2], 0o1777, "mode of /dev/shm")


@claim("the nodes work")
def nodes_work(caller):
    code = """
import os
assert open("/dev/null", "rb").read() == b""
assert open("/dev/zero", "rb").read(4) == bytes(4)
assert len(open("/dev/urandom", "rb").read(16)) == 16 and len(os.urandom(16)) == 16
try:
    os.write(os.open("/dev/full", os.O_WRONLY), b"x")
    raise SystemExit("/dev/full took it")
except OSError as error:
    assert error.errno == 28
open("/dev/null", "wb").write(b"x")"""
    caller.python(code).ok()


@claim("new terminals can be opened, numbered from 0")
def pts_works(caller):
    code = """
import os
ours, theirs = os.openpty()
os.write(theirs, b"text")
assert os.read(ours, 4) == b"text"
print(os.ttyname(theirs))"""
    same(caller.python(code).ok().out.strip(), "/dev/pts/0")


@claim("shared memory and message queues work")
def shm_and_mqueue(caller):
    code = """
import ctypes, os
with open("/dev/shm/proof", "w") as file:
    file.write("x" * 100000)
libc = ctypes.CDLL(None, use_errno=True)
assert libc.shm_open(b"/proof2", os.O_CREAT | os.O_RDWR, 0o600) >= 0, "shm_open"
assert libc.mq_open(b"/proof", os.O_CREAT | os.O_RDWR, 0o600, None) >= 0, os.strerror(ctypes.get_errno())
assert os.listdir("/dev/mqueue") == ["proof"]"""
    caller.python(code).ok()


@claim("/dev cannot be filled up")
def dev_is_small(caller):
    code = """
try:
    with open("/dev/big", "wb") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
    print("took 100 MiB")
except OSError as error:
    print("refused", error.errno)"""
    that(caller.python(code).ok().out.startswith("refused"), "100 MiB went into /dev")


@claim("strict masks what of /proc and /sys tells of the machine, steam does not")
def proc_is_masked(caller):
    code = """
import json, os
def look(path):
    try:
        return os.listdir(path) if os.path.isdir(path) else len(open(path, "rb").read(100))
    except OSError:
        return 0
paths = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/acpi", "/proc/scsi", "/sys/firmware"]
with open("/proc/self/mounts") as file:
    mounts = [line.split()[1:4] for line in file]
print(json.dumps([{p: look(p) for p in paths}, mounts]))"""
    seen, mounts = caller.python(code).json()
    for path, content in seen.items():
        that(content in (0, []), f"{path} shows {content}")
    for path in ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"):
        if not os.path.exists(path):
            continue  # nor has the machine
        that([m for m in mounts if m[0] == path and "ro" in m[2].split(",")], f"{path} is not read-only: {mounts}")
    _, mounts = caller.python(code, opts=["--sandbox", "steam"]).json()
    same([m[0] for m in mounts if m[0].startswith("/proc/")], [], "mounts on /proc under steam")


@claim("the machine's settings cannot be written under steam either")
def sysctl_under_steam(caller):
    code = """
import os
for path in ("/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger", "/sys/power/state"):
    try:
        os.open(path, os.O_WRONLY)
        print(path)
    except OSError:
        pass"""
    same(caller.python(code, opts=["--sandbox", "steam"]).ok().out, "")


@claim("/sys is read-only")
def sys_is_read_only(caller):
    options = caller.answer("/bin/sh", "-c", "grep ' /sys ' /proc/self/mounts").split()[3]
    that("ro" in options.split(",") and "nosuid" in options, options)


@claim("/tmp, /var/tmp and /run/user/1000 are writable, and private")
def scratch(caller):
    same(caller.answer("/bin/sh", "-c", "for d in /tmp /var/tmp /run/user/1000; do echo x >$d/n || echo $d; done"), "")


@claim("programs with windows, sounds and fonts find their runtime directory")
def runtime_directory(caller):
    same(caller.answer("/bin/sh", "-c", "echo $XDG_RUNTIME_DIR; stat -c %a-%u $XDG_RUNTIME_DIR"), "/run/user/1000\n700-1000")


@claim("--gpu none brings no GPU's node or variable")
def no_gpu(caller):
    out = caller.answer("/bin/sh", "-c", "ls -d /dev/nvidia* /dev/dri /dev/kfd /dev/dxg 2>/dev/null; true")
    same(out, "")


main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""--memory, --cpus and --pids under each kind of cgroup tree: they hold, or the run is refused.
Never are they taken and forgotten."""

import os
import time

from harness import Skip, claim, main, same, that

VIEWS = {
    "the machine's own tree": [],
    "cgroup2 alone": ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                      'mount -t cgroup2 none /sys/fs/cgroup && exec "$@"', "sh"],
    "a read-only tree": ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                         'mount -t cgroup2 none /sys/fs/cgroup && mount -o remount,ro,bind /sys/fs/cgroup && exec "$@"', "sh"],
    "no tree at all": ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                       'mount -t tmpfs -o ro none /sys/fs/cgroup && exec "$@"', "sh"],
}

EAT = "x = []\nfor _ in range(400):\n    x.append(bytearray(b'x') * (1 << 20))\nprint('ate 400 MiB')"
FORK = """
import os, sys, time
n = 0
try:
    for _ in range(60):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        n += 1
except OSError as error:
    print("refused", error.errno, flush=True)
print("forked", n, flush=True)
os._exit(0)"""
SPIN = """
import time
start, used = time.monotonic(), time.process_time()
while time.monotonic() - start < 1:
    pass
print((time.process_time() - used) / (time.monotonic() - start))"""


def view_words(caller, name):
    if VIEWS[name] and os.getuid() != 0:
        raise Skip("needs root to make the view")
    return VIEWS[name]


def in_view(name):
    @claim(f"without limits a container starts with {name}")
    def starts(caller):
        done = caller.run("/bin/true", view=view_words(caller, name))
        same((done.status, done.err), (0, ""))

    @claim(f"a memory limit holds or is refused with {name}")
    def memory(caller):
        done = caller.run("/usr/bin/python3", "-c", EAT, opts=["--memory", "100M"], view=view_words(caller, name))
        if done.status != 125:
            that("ate 400 MiB" not in done.out, "taken and forgotten")
            same(done.status, 137)
        else:
            is_told(done, "memory")

    @claim(f"a limit of processes holds or is refused with {name}")
    def pids(caller):
        done = caller.run("/usr/bin/python3", "-c", FORK, opts=["--pids", "20"], view=view_words(caller, name))
        if done.status != 125:
            that(done.out.startswith("refused 11"), f"taken and forgotten: {done.out!r}")
        else:
            is_told(done, "pids|process")

    @claim(f"a limit of CPU time holds or is refused with {name}")
    def cpus(caller):
        done = caller.run("/usr/bin/python3", "-c", SPIN, opts=["--cpus", "0.25"], view=view_words(caller, name))
        if done.status != 125:
            that(float(done.ok().out) < 0.5, f"taken and forgotten: {done.out!r}")
        else:
            is_told(done, "cpu")


def is_told(done, words):
    that("nvbind: " in done.err and "cgroup" in done.err and any(w in done.err for w in words.split("|")),
         f"stderr {done.err!r}")


for view in VIEWS:
    in_view(view)


def groups():
    return {path for path, _, _ in os.walk("/sys/fs/cgroup")}


@claim("a group that was made for the limits is gone afterwards, also after a kill")
def groups_go(caller):
    before = groups()
    done = caller.run("/bin/true", opts=["--pids", "50"])
    if done.status == 125:
        raise Skip(f"no limit can be set here: {done.err.strip()}")
    same(done.status, 0)
    same(groups() - before, set(), "left behind")
    process = caller.begin("/bin/sleep", "20", opts=["--pids", "50"])
    time.sleep(0.1)
    process.kill()
    process.wait()
    time.sleep(0.3)
    left = groups() - before
    caller.run("/bin/true", opts=["--pids", "50"])
    same(groups() & left, set(), "left behind after a kill and the next run")


@claim("the container sees its own group as the root of the tree")
def cgroup_namespace(caller):
    for line in caller.answer("/bin/cat", "/proc/self/cgroup").splitlines():
        same(line.split(":", 2)[2], "/", line)


main()

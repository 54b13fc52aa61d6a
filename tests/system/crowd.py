#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Many containers at once, and many one after the other."""

import os
import subprocess

from harness import claim, main, processes_with, same, that

N = 100


@claim(f"{N} containers run at once, each by itself")
def at_once(caller):
    marker = f"66.{os.getpid()}{caller.uid}"
    started = [caller.begin("/bin/sh", "-c", f"echo $0 >/tmp/me; echo ready; read x; cat /tmp/me; : {marker}", str(i),
                            opts=["-i"], stdin=subprocess.PIPE) for i in range(N)]
    for process in started:
        same(process.stdout.readline(), b"ready\n")
    that(len([p for p in started if p.poll() is None]) == N, "not all run")
    names = set()
    for pid in processes_with(marker):
        try:
            names.add(os.readlink(f"/proc/{pid}/ns/mnt"))
        except OSError:
            continue
    that(len(names) >= N, f"{len(names)} mount namespaces")
    for i, process in enumerate(started):
        done = caller.finish(process, b"go\n")
        same((done.status, done.out, done.err), (0, f"{i}\n", ""))


@claim("fifty starts of ten at a time all succeed")
def waves(caller):
    for _ in range(5):
        started = [caller.begin("/bin/true") for _ in range(10)]
        for process in started:
            done = caller.finish(process)
            same((done.status, done.err), (0, ""))


main()

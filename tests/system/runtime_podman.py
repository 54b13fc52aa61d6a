#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""podman with nvbind-runtime below it: the calls that engines really make.

usage: runtime_podman.py NVBIND_RUNTIME [WORD]..."""

import os
import shutil
import subprocess

from runtime_bed import Skip, claim, main, same, that

TIMEOUT_S = 60


def podman(bed, *words, tty=False):
    """podman with a store of its own; a container's root is a directory with the machine's /usr."""
    if not shutil.which("podman"):
        raise Skip("no podman")
    rootfs = bed.dir + "/podman-root"
    if not os.path.exists(rootfs):
        for name in ["usr", "proc", "dev", "sys", "tmp", "etc", "run"]:
            os.makedirs(f"{rootfs}/{name}")
        for name in ["bin", "sbin", "lib", "lib64"]:
            if os.path.islink("/" + name):
                os.symlink("usr/" + name, f"{rootfs}/{name}")
    line = ["podman", "--root", bed.dir + "/store", "--runroot", bed.dir + "/run", "--tmpdir", bed.dir + "/tmp",
            "--runtime", bed.program, "--cgroup-manager", "cgroupfs", "--events-backend", "file",
            "--storage-driver", "vfs", *words]
    if tty:
        line = ["script", "-qec", " ".join(line), "/dev/null"]
    return subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)


def run(bed, *words, options=(), **more):
    return podman(bed, "run", "--network", "none", "-v", "/usr:/usr:ro", *options, "--rootfs", bed.dir + "/podman-root",
                  *words, **more)


@claim("podman run gives the program's words and status")
def _(bed):
    done = run(bed, "sh", "-c", "'echo hello; exit 5'".strip("'"), options=["--rm"])
    same((done.returncode, done.stdout), (5, "hello\n"), done.stderr)


@claim("podman tells that a program is absent, with its status")
def _(bed):
    done = run(bed, "no-such-program", options=["--rm"])
    same(done.returncode, 127, done.stderr)
    that("no command 'no-such-program'" in done.stderr, done.stderr)


@claim("podman exec, pause, stop and rm work on a detached container")
def _(bed):
    done = run(bed, "sleep", "100", options=["-d", "--name", "one", "--tmpfs", "/var"])
    same(done.returncode, 0, done.stderr)
    done = podman(bed, "exec", "one", "sh", "-c", "cat /proc/1/comm; exit 3")
    same((done.returncode, done.stdout), (3, "sleep\n"), done.stderr)
    same(podman(bed, "pause", "one").returncode, 0)
    same(podman(bed, "unpause", "one").returncode, 0)
    same(podman(bed, "stop", "-t", "0", "one").returncode, 0)
    same(podman(bed, "inspect", "one", "--format", "{{.State.ExitCode}}").stdout.strip(), "137")
    same(podman(bed, "rm", "one").returncode, 0)


@claim("podman gives a container a terminal")
def _(bed):
    if not shutil.which("script"):
        raise Skip("no script")
    done = run(bed, "tty", options=["--rm", "-t"], tty=True)
    that("/dev/pts/0" in done.stdout, done.stdout + done.stderr)


main()

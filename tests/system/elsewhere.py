#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""`nvbind run --runtime podman` with a real podman, whose runtime is nvbind-runtime.

usage: elsewhere.py NVBIND_RUNTIME NVBIND"""

import os
import shutil
import subprocess
import sys

from runtime_bed import Skip, claim, main, same, that

# The test starts itself once more, in namespaces of its own: the second word is taken the first time.
if "NVBIND_TEST_NVBIND" not in os.environ:
    os.environ["NVBIND_TEST_NVBIND"] = os.path.abspath(sys.argv.pop(2))
NVBIND = os.environ["NVBIND_TEST_NVBIND"]


def environment(bed):
    """podman's store and settings in the bed, and an image there that has nothing but links into /usr."""
    if not shutil.which("podman"):
        raise Skip("no podman")
    env = {**os.environ, "CONTAINERS_STORAGE_CONF": bed.dir + "/storage.conf", "CONTAINERS_CONF": bed.dir + "/containers.conf"}
    if os.path.exists(bed.dir + "/storage.conf"):
        return env
    with open(bed.dir + "/storage.conf", "w", encoding="utf-8") as file:
        file.write(f'[storage]\ndriver = "vfs"\ngraphroot = "{bed.dir}/store"\nrunroot = "{bed.dir}/run"\n')
    with open(bed.dir + "/containers.conf", "w", encoding="utf-8") as file:
        file.write(f'[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\nruntime = "{bed.program}"\n'
                   f'tmp_dir = "{bed.dir}/tmp"\n')
    rootfs = os.path.join(bed.bundle(), "rootfs")
    subprocess.run(["tar", "-C", rootfs, "-cf", bed.dir + "/image.tar", "."], check=True)
    done = subprocess.run(["podman", "import", bed.dir + "/image.tar", "localhost/bare"], env=env, capture_output=True,
                          text=True, timeout=60, check=False)
    same(done.returncode, 0, done.stderr)
    return env


def run(bed, *words, options=()):
    return subprocess.run([NVBIND, "run", "--runtime", "podman", "-v", "/usr:/usr:ro", *options, "localhost/bare", *words],
                          env=environment(bed), capture_output=True, text=True, timeout=60, check=False)


@claim("the command's words and status come through podman")
def _(bed):
    done = run(bed, "sh", "-c", "echo $A; id -u; exit 5", options=["-e", "A=b", "-u", "7"])
    same((done.returncode, done.stdout), (5, "b\n7\n"), done.stderr)


@claim("an absent command is told with status 127")
def _(bed):
    same(run(bed, "no-such-command").returncode, 127)


@claim("the container has the loopback network alone, and no new privileges")
def _(bed):
    done = run(bed, "sh", "-c", "grep -c : /proc/net/dev; grep -c NoNewPrivs:.1 /proc/self/status")
    same((done.returncode, done.stdout), (0, "1\n1\n"), done.stderr)
    that("lo" in run(bed, "cat", "/proc/net/dev").stdout, "no loopback")


main()

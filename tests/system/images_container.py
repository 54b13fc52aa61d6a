#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Files of detached containers: with what these wrote, running or not, and nothing of the host."""

import os
import tarfile

from harness import claim, has, main, same, until
from image_bed import images

SCRIPT = """
    echo new > /etc/new; rm /etc/group; mkdir /root/deep; echo x > /root/deep/file; chmod 600 /root/deep/file
    mv /etc/passwd /etc/users; ln -s /etc/users /etc/passwd; rm -r /var; mkdir /var; ln -s %s /out
    echo ready > /tmp/ready; exec sleep 100"""


def begin(caller):
    """A container "box" that has changed its files."""
    bed = images(caller)
    bed.small("box")
    victim = caller.dir("victim")
    caller.file(victim + "/secret", "secret")
    caller.nvbind_run("rm", "-f", "box")
    bed.run("box", "/bin/sh", "-c", SCRIPT % victim, opts=["-d", "--name", "box", "--network", "none"]).ok()
    out = caller.dir("out")
    until(lambda: caller.nvbind_run("cp", "box:/tmp/ready", out + "/ready").status == 0, "it never got ready")
    return out, victim


def names(path):
    with tarfile.open(path) as tar:
        return {info.name: info for info in tar}


@claim("a container's root goes out with what it wrote, while it runs and afterwards")
def root(caller):
    out, _ = begin(caller)
    seen = []
    for state in ("running", "stopped"):
        path = f"{out}/{state}.tar"
        caller.nvbind_run("export", "-o", path, "box").ok()
        found = names(path)
        same({"etc/new", "root/deep/file", "etc/users", "var", "bin/busybox"} - set(found), set(), state)
        same({"etc/group", "var/tmp"} & set(found), set(), state)
        same(found["etc/passwd"].linkname, "/etc/users")
        same((found["root/deep/file"].mode, found["root/deep/file"].uid), (0o600, 0))
        seen.append(sorted(name for name in found if not name.startswith(("proc", "dev", "sys", "run"))))
        if state == "running":
            caller.nvbind_run("kill", "box").ok()
            caller.nvbind_run("wait", "box")
    same(seen[0], seen[1])
    caller.nvbind_run("import", f"{out}/stopped.tar", "again").ok()
    result = caller.nvbind_run("export", "-f", "oci-dir", "-o", out + "/oci", "box")
    same(result.status, 1)
    has(result.err, "container 'box' is no image", "nvbind import - NAME")
    caller.nvbind_run("rm", "-f", "box").ok()
    result = caller.nvbind_run("export", "-o", f"{out}/image.tar", "box")
    same("etc/new" in names(f"{out}/image.tar"), False, "the image of that name, when there is no such container")


@claim("files are copied out of a container; its links lead nowhere else")
def copies(caller):
    out, victim = begin(caller)
    caller.nvbind_run("cp", "box:/root", out).ok()
    with open(out + "/root/deep/file", encoding="utf-8") as file:
        same(file.read(), "x\n")
    same(os.lstat(out + "/root/deep/file").st_uid, caller.uid)
    caller.nvbind_run("cp", "-L", "box:/etc/passwd", out).ok()
    with open(out + "/passwd", encoding="utf-8") as file:
        has(file.read(), "root:x:0:0")
    for path in ("/etc/group", "/var/tmp", "/out/secret", "/out" + "/.." * 9 + victim + "/secret"):
        result = caller.nvbind_run("cp", "box:" + path, out)
        same(result.status, 1, path)
        has(result.err, "there is no '")
    same(os.path.exists(out + "/secret"), False)
    caller.nvbind_run("rm", "-f", "box").ok()


@claim("what keeps nothing is told")
def kept(caller):
    caller.nvbind_run("rm", "-f", "hosted")
    caller.nvbind_run("run", "-d", "--name", "hosted", "--gpu", "none", "host", "sleep", "100").ok()
    result = caller.nvbind_run("cp", "hosted:/etc/hostname", caller.home)
    same(result.status, 1)
    has(result.err, "the image of container 'hosted' is not in the store")
    caller.nvbind_run("rm", "-f", "hosted").ok()
    caller.start([caller.nvbind, "run", "--name", "front", "--gpu", "none", "--network", "none", "host", "sleep", "100"])
    until(lambda: "front" in caller.nvbind_run("ps").out, "it never runs")
    result = caller.nvbind_run("cp", "front:/etc/hostname", caller.home)
    same(result.status, 1)
    has(result.err, "container 'front' runs in the foreground: its files are in memory")


if __name__ == "__main__":
    main()

# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""store_bed.py - a store of a caller's own for tests, and what may be asked of it."""

import hashlib
import json
import os
import shutil
import stat

from harness import same, until
from image_files import archive, entry, folder, hardlink, link, write_tree


def layers(marker=""):
    """Two layers with what layers have: all kinds of files, and the marks of what is taken away."""
    lower = archive([
        folder("./"), folder("bin"), entry("bin/sh", "#!", mode=0o755), folder("etc"), entry("etc/passwd", "root:0" + marker),
        entry("etc/old", "gone soon"), folder("var"), folder("var/cache", mode=0o700), entry("var/cache/x", "y"), hardlink("bin/bash", "bin/sh"),
        link("usr", "."), entry("caf\u00e9", "utf-8"), folder("tmp", mode=0o1777),
    ])
    upper = archive([
        entry("etc/.wh.old"), entry("var/cache/.wh..wh..opq"), entry("var/cache/new", "z" + marker), link("bin/ash", "sh"),
    ])
    return [lower, upper]


class Store:
    def __init__(self, caller):
        self.caller = caller
        self.path = caller.dir("store")
        shutil.rmtree(self.path)
        caller.env["NVBIND_STORE"] = self.path
        self.files = caller.dir("files")

    def file(self, name, data):
        path = os.path.join(self.files, name)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o644)
        return path

    def layout(self, name, files):
        path = os.path.join(self.files, name)
        write_tree(path, files, self.caller.uid)
        return path

    def run(self, *words, **options):
        return self.caller.nvbind_run(*words, **options)

    def do(self, *words, **options):
        return self.run(*words, **options).ok()

    def images(self):
        return {(row["name"], row["tag"]): row for row in self.do("images", "--json").json()}

    def layers(self):
        return sorted(os.listdir(self.path + "/layers")) if os.path.isdir(self.path) else []

    def parts(self):
        """What is in them, but for the files of a moment that marking layers in the background makes."""
        return {part: [name for name in os.listdir(f"{self.path}/{part}") if not name.startswith("file-")] for part in ("tmp", "making", "layers", "refs", "blobs/sha256")}

    def check(self, *words):
        return self.do("store", "check", "--json", *words).json()

    def is_clean(self):
        found = self.check()
        same(found["faults"], [], "faults")
        return found

    def wait_synced(self):
        """What marks the layers in the background is done."""
        def all_marked():
            for name in self.layers():
                try:
                    with open(f"{self.path}/layers/{name}/meta.json", encoding="utf-8") as file:
                        if not json.load(file)["synced"]:
                            return False
                except FileNotFoundError:
                    return False
            return True
        until(all_marked, "a layer was never marked as being on the disk")


def describe(top):
    """What overlayfs or umoci made of an image; owners relative to that of the root."""
    base = os.lstat(top).st_uid
    found, groups = {}, {}
    for path, dirs, files in os.walk(top):
        for name in [*dirs, *files]:
            full = os.path.join(path, name)
            st = os.lstat(full)
            row = [stat.filemode(st.st_mode), st.st_uid - base, st.st_gid - base, st.st_mtime_ns]
            if stat.S_ISREG(st.st_mode):
                with open(full, "rb") as file:
                    row.append(hashlib.sha256(file.read()).hexdigest())
                if st.st_nlink > 1:
                    groups.setdefault(st.st_ino, []).append(os.path.relpath(full, top))
            elif stat.S_ISLNK(st.st_mode):
                row.append(os.readlink(full))
            found[os.path.relpath(full, top)] = tuple(row)
    return found, sorted(sorted(group) for group in groups.values() if len(group) > 1)

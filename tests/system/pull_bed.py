# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""pull_bed.py - what the tests of `nvbind pull` share: a caller with a fresh store and a configuration
that loses patience soon, and looks into the store."""

import contextlib
import json
import os
import re
import tempfile

from harness import has, same, that

PATIENCE = {"connect-timeout": 2, "stall-timeout": 1, "retries": 1}


class Puller:
    """A caller with a store of its own."""

    def __init__(self, caller):
        self.caller = caller
        self.home = caller.dir("pull")
        if caller.uid == 0:
            os.chmod(caller.home, 0o711)  # the ids that unpack root's images are nobody's
        self.env = {"NVBIND_STORE": os.path.join(self.home, "store"), "HOME": self.home,
                    "XDG_CONFIG_HOME": os.path.join(self.home, "config"),
                    "XDG_RUNTIME_DIR": os.path.join(self.home, "run")}
        for path in ("config/nvbind", "run"):
            os.makedirs(os.path.join(self.home, path))
        self.configure()

    def configure(self, text="", **pull):
        lines = ["[pull]"] + [f"{key} = {json.dumps(value)}" for key, value in
                              {**PATIENCE, **{k.replace("_", "-"): v for k, v in pull.items()}}.items()]
        self.put("config/nvbind/config.toml", "\n".join(lines) + "\n" + text + "\n")

    def put(self, path, text, mode=0o644):
        return self.caller.file(os.path.join(self.home, path), text, mode)

    def words(self, *words):
        return [self.caller.nvbind, "pull", *words]

    def start(self, *words, env=None, **options):
        return self.caller.start(self.words(*words), env={**self.env, **(env or {})}, **options)

    def pull(self, *words, env=None, timeout=20, **options):
        return self.caller.finish(self.start(*words, env=env, **options), timeout=timeout)

    def refuse(self, *words, pieces=(), status=1, **options):
        """A pull that fails as promised, leaving nothing that counts."""
        done = self.pull(*words, **options)
        same(done.status, status, f"status (stdout {done.out!r}, stderr {done.err!r})")
        same(done.out, "", "stdout")
        that(re.search(r"^nvbind( pull)?: ", done.err, re.M), done.err)
        has(done.err, *pieces)
        same(self.refs(), [], "names in the store")
        same(self.areas(), [], "work areas")
        return done

    def path(self, *parts):
        return os.path.join(self.env["NVBIND_STORE"], *parts)

    def list(self, *parts):
        try:
            return sorted(os.listdir(self.path(*parts)))
        except FileNotFoundError:
            return []

    def refs(self):
        return self.list("refs")

    def areas(self):
        """Files there are of a moment each, and go when they are old."""
        return [name for name in self.list("tmp") if not name.startswith("file-")]

    def layers(self):
        return self.list("layers")

    def read(self, path):
        """A file of whichever layer has it."""
        for layer in self.layers():
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                with open(self.path("layers", layer, "diff", path), encoding="utf-8") as file:
                    return file.read()
        raise AssertionError(f"no layer has {path}")


def children_of(pid):
    """All processes below one."""
    parents = {}
    for other in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{other}/stat", encoding="utf-8", errors="replace") as file:
                parents[int(other)] = int(file.read().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def scratch():
    return tempfile.TemporaryDirectory(prefix="nvbind-pull-", dir="/var/tmp")

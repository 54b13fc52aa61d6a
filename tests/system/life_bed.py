# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Detached containers in a store of a claim's own, which ends with the claim, and so do they."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time

from harness import QUIET, processes, same, that, until


class Life:
    """`nvbind ...` on one store."""

    def __init__(self, caller):
        self.caller = caller
        self.home = tempfile.mkdtemp(prefix="life-", dir=caller.home)
        os.chmod(self.home, 0o755)
        os.chown(self.home, caller.uid, caller.uid)
        self.store, self.runs = self.home + "/store", self.home + "/run"
        self.env = {"NVBIND_STORE": self.store, "NVBIND_RUN": self.runs}

    def do(self, *words, **options):
        options.setdefault("env", self.env)
        return self.caller.nvbind_run(*words, **options)

    def answer(self, *words, **options):
        return self.do(*words, **options).ok().out.strip()

    def start(self, *command, opts=(), **options):
        """`nvbind run -d`: its id."""
        return self.answer("run", "-d", *QUIET, *opts, "host", *command, **options)

    def sh(self, script, opts=(), **options):
        return self.start("/bin/sh", "-c", script, opts=opts, **options)

    def foreground(self, *command, opts=()):
        return self.caller.start([self.caller.nvbind, "run", *QUIET, *opts, "host", *command], env=self.env)

    def list(self, *words):
        return json.loads(self.answer("ps", "-a", "--json", *words))

    def one(self, word):
        """What ps says of a container, by id or name; None when it is not there."""
        for row in self.list():
            if word in (row["id"], row["name"]):
                return row
        return None

    def state(self, word):
        row = self.one(word)
        return row and row["state"]

    def until_state(self, word, state, limit_s=5.0):
        until(lambda: self.state(word) == state, f"'{word}' is {self.state(word)}, not {state}", limit_s)
        return self.one(word)

    def file(self, word, *path):
        return os.path.join(self.store, "containers", word, *path)

    def log(self, word, stream="stdout"):
        with open(self.file(word, "log", stream), encoding="utf-8", errors="replace") as file:
            return file.read()

    def supervisor(self, word):
        """Its process, or None."""
        for pid, (_, state, line) in processes().items():
            if line.startswith(f"nvbind-supervisor id={word} ") and state not in "ZX":
                return pid
        return None

    def kill_supervisor(self, word):
        pid = self.supervisor(word)
        that(pid, "it has no supervisor")
        os.kill(pid, signal.SIGKILL)
        until(lambda: self.supervisor(word) != pid, "the supervisor is alive", 2)
        return pid

    def own_processes(self):
        """Supervisors of this store, and what is in the containers: they have it in their command lines."""
        found = {}
        for pid, (_, state, line) in processes().items():
            if state in "ZX":
                continue
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    is_ours = f"NVBIND_STORE={self.store}\0".encode() in file.read()
            except OSError:
                is_ours = False
            if is_ours:
                found[pid] = line
        return found

    def left(self):
        """What is still there of containers: entries of the store and of the directory of places."""
        found = []
        for top in ("store/containers", "store/names", "run"):
            path = os.path.join(self.home, top)
            names = os.listdir(path) if os.path.isdir(path) else []
            found += [os.path.join(top, name) for name in names if name not in ("events", "events.old", "displays")]
        return sorted(found)

    def close(self):
        for _ in range(3):
            rows = self.do("ps", "-aq", timeout=60).out.split()
            if not rows:
                break
            self.do("rm", "-f", *rows, timeout=120)
        for pid in self.own_processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for _ in range(50):
            shutil.rmtree(self.home, ignore_errors=True)
            if not os.path.exists(self.home):
                break
            time.sleep(0.02)


@contextlib.contextmanager
def life_of(caller):
    life = Life(caller)
    try:
        yield life
    finally:
        life.close()


def on_life(function):
    """A claim about a Life instead of a Caller."""

    def claimed(caller):
        with life_of(caller) as life:
            function(life)

    return claimed


def gone(life):
    """After everything was removed: nothing is left."""
    same(life.left(), [])
    until(lambda: not life.own_processes(), f"processes are left: {life.own_processes()}", 3)

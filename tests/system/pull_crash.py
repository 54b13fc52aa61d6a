#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""nvbind pull that is killed at any moment, and several at once: what a name leads to is always whole."""

import contextlib
import os
import random
import shutil
import signal
import threading
import time

from harness import claim, main, often, processes, same, that, until
from pull_bed import Puller, children_of
from registry_bed import Registry

FILES = {f"f{i}": f"{i}" * 20000 for i in range(6)}


def is_whole(p):
    """Every file of the image is there, of the right length and words."""
    for name, text in FILES.items():
        same(p.read(name), text, name)


@claim("killed at any moment, the next pull makes it whole and nothing torn is published", soak=True)
def killed(caller):
    rng = random.Random(4)
    n = often(50)
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "1", [{name: text} for name, text in FILES.items()], how="gzip")
        name = f"{registry.name}/app:1"
        begin = time.monotonic()
        p.pull(name).ok()
        whole_s = time.monotonic() - begin
        fresh(p)
        n_died = 0
        for _ in range(n):
            process = p.start("-q", name)
            time.sleep(rng.random() * whole_s * 1.2)
            victims = children_of(process.pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(rng.choice(victims), signal.SIGKILL)
            process.wait(timeout=10)
            n_died += process.returncode != 0
            until(lambda: len(alive(victims)) == 0, "something survives", 5)
            if p.refs():
                is_whole(p)
                fresh(p)
        that(n_died > n // 4, f"only {n_died} of {n} died: the kills come too late")
        p.pull(name).ok()
        is_whole(p)
        same(p.areas(), [], "work areas that nobody holds")


def alive(pids):
    now = processes()
    return [pid for pid in pids if pid in now and now[pid][1] not in "ZX"]


def fresh(p):
    """Another store; the one before may still be on its way to the disk, the one before that is not."""
    base, _, n = p.env["NVBIND_STORE"].partition("-number-")
    p.env["NVBIND_STORE"] = f"{base}-number-{int(n or 0) + 1}"
    shutil.rmtree(f"{base}-number-{int(n or 0) - 1}", ignore_errors=True)


@claim("two pulls of one image at the same time: each layer is downloaded once")
def two_at_once(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "1", [{name: text} for name, text in FILES.items()], how="")
        registry.hook = lambda ask: ask.kind == "blob" and ask.slowly(
            registry.blobs[ask.name], len(registry.blobs[ask.name]) // 5 + 1, 0.05)
        name = f"{registry.name}/app:1"
        started = [p.start(name) for _ in range(3)]
        for process in started:
            p.caller.finish(process).ok()
        is_whole(p)
        layers = [layer for layer in registry.blobs if registry.blobs[layer][:1] != b"{"]
        same({layer: registry.count("blob", layer) for layer in layers}, {layer: 1 for layer in layers})


@claim("the maker of a layer is killed while another waits: the other makes it")
def taken_over(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "1", [{"f0": FILES["f0"]}], how="")
        gate = threading.Event()
        registry.hook = lambda ask: ask.kind == "blob" and len(registry.blobs[ask.name]) > 10000 and not gate.is_set() \
            and ask.stall()
        p.configure(stall_timeout=60)
        name = f"{registry.name}/app:1"
        first = p.start("-q", name)
        layer = max(registry.blobs, key=lambda digest: len(registry.blobs[digest]))
        until(lambda: registry.count("blob", layer) == 1, "the first does not come to its layer")
        second = p.start(name)
        until(lambda: registry.count("blob") >= 3, "the second does not come")
        time.sleep(0.3)
        same(registry.count("blob", layer), 1, "the second downloads too")
        gate.set()
        first.kill()
        p.caller.finish(second).ok()
        same(p.read("f0"), FILES["f0"])


main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""`cdi check` and `cdi refresh` on a machine whose GPUs come and go, made up in a mount namespace."""

import json

from harness import claim, has, main, same
from two_gpus import machine

SCRIPT = r"""
set -e
mkdir -p /mnt/etc
cd "$HOME"
"$1" cdi generate --vendor amd --output amd.json
cp amd.json foreign.json
"$1" cdi check "$HOME/amd.json" "$HOME/foreign.json"
%s
"$1" cdi check "$HOME/amd.json" "$HOME/foreign.json" || echo "stale: $?"
"$1" cdi refresh "$HOME/amd.json" "$HOME/foreign.json" || echo "refresh: $?"
"$1" cdi check "$HOME/amd.json" && echo mended
"$1" cdi check "$HOME/foreign.json" || echo untouched
"""


def after(caller, change):
    words = ["sh", "-c", SCRIPT % change, "sh", caller.nvbind]
    return caller.finish(caller.start(words, view=machine(caller)))


@claim("a second GPU makes a specification of ours stale; refresh mends it, and leaves a foreign one alone", only="root")
def new_gpu(caller):
    done = after(caller, "cp -a /mnt/pci/0000:03:00.0 /mnt/pci/0000:83:00.0; mv /mnt/pci/0000:83:00.0/drm/renderD128 "
                         "/mnt/pci/0000:83:00.0/drm/renderD130; mknod -m 660 /dev/dri/renderD130 c 1 3").ok()
    has(done.out, "stale", "device '1' is new", "refreshed ", "mended")
    with open(caller.home + "/amd.json", encoding="utf-8") as file:
        same([device["name"] for device in json.load(file)["devices"]], ["0", "1", "all"])
    with open(caller.home + "/foreign.json", encoding="utf-8") as file:
        same([device["name"] for device in json.load(file)["devices"]], ["0", "all"])


@claim("a node that is gone makes any specification stale, whoever wrote it", only="root")
def gone(caller):
    done = after(caller, "rm /dev/dri/renderD128")
    has(done.out, "device node '/dev/dri/renderD128' is gone", "stale: 1", "untouched")


@claim("a specification that cannot be made anew stays as it is, and refresh fails", only="root")
def no_gpu_left(caller):
    done = after(caller, "rm -r /mnt/pci/0000:03:00.0 /dev/dri/renderD128")
    has(done.out, "refresh: 1")
    with open(caller.home + "/amd.json", encoding="utf-8") as file:
        same([device["name"] for device in json.load(file)["devices"]], ["0", "all"])


main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""GPU device nodes in a container, on a machine whose /sys and /dev are made up in a mount
namespace of their own."""

from harness import claim, has, main, same
from two_gpus import MACHINE, machine

LIST = """
import json, os, stat
found = {}
for top, _, names in os.walk("/dev"):
    for name in names:
        path = os.path.join(top, name)
        st = os.lstat(path)
        if stat.S_ISCHR(st.st_mode) and ("dri" in path or "nvidia" in path or "kfd" in path):
            found[path] = [os.major(st.st_rdev), os.minor(st.st_rdev), oct(stat.S_IMODE(st.st_mode))]
can_open = {}
for path in found:
    try:
        os.close(os.open(path, os.O_RDWR))
        can_open[path] = True
    except OSError as error:
        can_open[path] = error.strerror
print(json.dumps({"nodes": found, "open": can_open, "env": {n: os.environ.get(n) for n in ("VK_DRIVER_FILES", "LIBGL_ALWAYS_SOFTWARE")}}))"""

def look(caller, *opts, env=None):
    return caller.python(LIST, opts=list(opts), quiet=["--network", "none"], view=machine(caller), env=env).json()


@claim("--gpu all gives every GPU's render node and no card node")
def everything(caller):
    found = look(caller, "--gpu", "all")
    same(sorted(found["nodes"]), ["/dev/dri/renderD128", "/dev/dri/renderD129"])
    same(found["env"]["LIBGL_ALWAYS_SOFTWARE"], None)


@claim("one GPU by index, PCI address or vendor gives its node alone")
def one(caller):
    for word, node in (("0", 129), ("1", 128), ("0000:03:00.0", 128), ("intel", 129), ("amd", 128)):
        same(list(look(caller, "--gpu", word)["nodes"]), [f"/dev/dri/renderD{node}"], word)


@claim("--gpu none and no wish at all give no node")
def none(caller):
    same(look(caller, "--gpu", "none")["nodes"], {})
    same(look(caller)["nodes"], {})


@claim("a node keeps its number and mode, and root's container may open it by the node's own group", only="root")
def opens(caller):
    found = look(caller, "--gpu", "amd")
    same(found["nodes"], {"/dev/dri/renderD128": [1, 3, "0o660"]})
    same(found["open"], {"/dev/dri/renderD128": True})


@claim("who is in no group of the node cannot open it in the container either", only="user")
def stays_closed(caller):
    same(look(caller, "--gpu", "amd")["open"], {"/dev/dri/renderD128": "Permission denied"})


@claim("an unknown GPU is an error that lists what is there")
def unknown(caller):
    done = caller.run("/bin/true", opts=["--gpu", "7"], quiet=[], view=machine(caller))
    same(done.status, 125)
    has(done.err, "no GPU '7'", "0 (", "1 (")


@claim("a GPU whose node is gone is named: a warning beside others, an error alone")
def vanished(caller):
    view = machine(caller)
    view[4] = MACHINE.replace('exec "$@"', 'rm /dev/dri/renderD128; exec "$@"')
    done = caller.python(LIST, opts=["--gpu", "all"], quiet=["--network", "none"], view=view)
    same(list(done.json()["nodes"]), ["/dev/dri/renderD129"])
    has(done.err, "GPU 1", "has no device node")
    done = caller.run("/bin/true", opts=["--gpu", "amd"], quiet=[], view=view)
    same(done.status, 125)
    has(done.err, "GPU 1", "has no device node", "try: ")


main()

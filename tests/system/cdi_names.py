#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""`--gpu VENDOR/CLASS=NAME`: what a CDI specification says reaches a container of bolt, without a file
or a hook in between; and what a hostile or stale one says does not.

The specifications lie in /run/cdi of a mount namespace of their own, beside nodes of harmless numbers."""

import json
import os

from harness import Skip, claim, has, main, same, that
from two_gpus import MACHINE

QUIET = ["--network", "none"]
# The shell's $home is the caller's; @SPECS@ writes the specifications.
VIEW = MACHINE.replace('exec "$@"', r"""
mount -t tmpfs -o mode=755 run /run; mkdir /run/cdi
mknod -m 666 /dev/accel7 c 1 5; mknod -m 666 /dev/accel-control c 1 3; mknod -m 660 /dev/accel-closed c 1 3
mkdir -p /mnt/opt/lib; echo driver >/mnt/opt/lib/libaccel.so.1; mkdir -m 777 /mnt/opt/state
echo members >/mnt/opt/members; chgrp 4242 /mnt/opt/members; chmod 640 /mnt/opt/members
echo secret >/mnt/opt/secret; chmod 600 /mnt/opt/secret
cp /bin/cat /mnt/opt/lib/setuid; chmod 4755 /mnt/opt/lib/setuid; mknod -m 666 /mnt/opt/lib/node c 1 5
@SPECS@
exec "$@"
""")


def spec(kind, edits, common=None, version="0.7.0", name="0"):
    return json.dumps({"cdiVersion": version, "kind": kind, "containerEdits": common or {},
                       "devices": [{"name": name, "containerEdits": edits}]})


ACCEL = spec("accel.example.org/card", {"deviceNodes": [{"path": "/dev/accel0", "hostPath": "/dev/accel7"}]}, {
    "env": ["ACCEL_HOME=/opt/accel"],
    "deviceNodes": [{"path": "/dev/accel-control", "major": 1, "minor": 3, "type": "c"}],
    "mounts": [{"hostPath": "/mnt/opt/lib", "containerPath": "/opt/accel/lib", "options": ["ro", "rbind"]},
               {"hostPath": "/mnt/opt/lib/libaccel.so.1", "containerPath": "/usr/lib/libaccel-of-test.so",
                "options": ["ro", "bind"]},
               {"hostPath": "/mnt/opt/state", "containerPath": "/opt/accel/state", "options": ["rw", "bind"]}]})


def machine(**specs):
    """Files of /run/cdi by name: text, or (text, shell to run on $f)."""
    if os.getuid() != 0:
        raise Skip("needs root to make the machine")
    if os.path.isdir("/dev/dri"):
        raise Skip("this machine has GPUs of its own")
    lines = []
    for name, text in specs.items():
        text, more = text if isinstance(text, tuple) else (text, "")
        lines.append(f"f=/run/cdi/{name}.json; cat >$f <<'END'\n{text}\nEND\nchmod 644 $f; {more}")
    return ["unshare", "--mount", "sh", "-c", VIEW.replace("@SPECS@", "\n".join(lines)), "machine"]


def run(caller, name, *command, view=None, **options):
    words = [w for n in ([name] if isinstance(name, str) else name) for w in ("--gpu", n)]
    return caller.run(*command, opts=words, quiet=QUIET, view=view or machine(accel=ACCEL), **options)


def refused(caller, name, *pieces, **specs):
    done = run(caller, name, "/bin/echo", "it ran", view=machine(**specs))
    same((done.status, done.out), (125, ""), done.err)
    has(done.err, "try: ", *pieces)


LOOK = """
import json, os, stat
def node(path):
    st = os.lstat(path)
    return [stat.S_ISCHR(st.st_mode), os.major(st.st_rdev), os.minor(st.st_rdev)]
print(json.dumps({
    "nodes": {p: node(p) for p in ("/dev/accel0", "/dev/accel-control")},
    "zero": open("/dev/accel0", "rb").read(2).hex(), "home": os.environ["ACCEL_HOME"],
    "lib": open("/opt/accel/lib/libaccel.so.1").read(), "copy": open("/usr/lib/libaccel-of-test.so").read(),
    "other": os.path.exists("/dev/accel7")}))"""


@claim("nodes, files and variables of a device are in its container, under the names that the file gives")
def everything(caller):
    done = caller.python(LOOK, opts=["--gpu", "accel.example.org/card=0"], quiet=QUIET, view=machine(accel=ACCEL))
    same(done.json(), {"nodes": {"/dev/accel0": [True, 1, 5], "/dev/accel-control": [True, 1, 3]}, "zero": "0000",
                       "home": "/opt/accel", "lib": "driver\n", "copy": "driver\n", "other": False})
    same(done.err, "")


@claim("what is mounted read-only cannot be written, what is not can")
def writing(caller):
    script = "echo x 2>/dev/null >/opt/accel/lib/x && echo wrote; echo x >/opt/accel/state/x && cat /opt/accel/state/x"
    same(run(caller, "accel.example.org/card=0", "sh", "-c", script).ok().out, "x\n")


@claim("no set-user-ID program and no node among the mounted files has any power")
def no_power(caller):
    script = """
grep -q nosuid,nodev /proc/self/mountinfo || echo no flags
/opt/accel/lib/setuid /proc/self/status | grep ^Uid
cat /opt/accel/lib/node 2>&1 | head -c 200"""
    out = run(caller, "accel.example.org/card=0", "sh", "-c", script).ok().out
    has(out, "Uid:\t1000\t1000\t1000\t1000", "Permission denied")
    that("no flags" not in out, out)


@claim("a file's mode still holds for who the container's user is on the host")
def modes(caller):
    text = spec("accel.example.org/card", {"mounts": [{"hostPath": "/mnt/opt/secret", "containerPath": "/opt/secret",
                                                       "options": ["rw", "bind"]}]})
    done = run(caller, "accel.example.org/card=0", "cat", "/opt/secret", view=machine(accel=text))
    has(done.err, "Permission denied")
    that("secret\n" not in done.out, "it was read")


GROUPS = spec("accel.example.org/card", {"additionalGids": [4242], "mounts": [
    {"hostPath": "/mnt/opt/members", "containerPath": "/opt/members", "options": ["ro", "bind"]}]})


@claim("root's container is in the groups that the file names", only="root")
def groups(caller):
    done = run(caller, "accel.example.org/card=0", "cat", "/opt/members", view=machine(accel=GROUPS)).ok()
    same((done.out, done.err), ("members\n", ""))


@claim("who is in none of the groups is told so, and gets no further", only="user")
def no_groups(caller):
    done = run(caller, "accel.example.org/card=0", "cat", "/opt/members", view=machine(accel=GROUPS))
    has(done.err, "accel.example.org/card=0: you are not in group", "Permission denied")


@claim("without a file nvbind's own GPUs answer to their names, and go together with plain words and files")
def own(caller):
    list_dri = ("sh", "-c", "cd /dev; ls -d dri/* accel* 2>/dev/null")
    same(run(caller, "amd.com/gpu=0", *list_dri, view=machine()).out, "dri/renderD128\n")
    same(run(caller, ["intel.com/gpu=all", "1"], *list_dri, view=machine()).out, "dri/renderD128\ndri/renderD129\n")
    same(run(caller, ["accel.example.org/card=0", "intel.com/gpu=0"], *list_dri).out,
         "accel-control\naccel0\ndri/renderD129\n")
    refused(caller, "nvidia.com/gpu=0", "no specification has a device 'nvidia.com/gpu=0'", "finds no such GPU")


@claim("a specification of a kind is the list of its devices")
def listed(caller):
    text = spec("amd.com/gpu", {"env": ["A=1"]}, name="card")
    refused(caller, "amd.com/gpu=0", "no specification has a device 'amd.com/gpu=0'", "amd.com/gpu=card", amd=text)


@claim("a hook is never run: the start is refused instead, and says what to do")
def hooks(caller):
    marker = os.path.join(caller.dir("marks", mode=0o777), "ran")
    edits = {"hooks": [{"hookName": name, "path": "/bin/sh", "args": ["sh", "-c", f"echo {name} >{marker}"]}
                       for name in ("prestart", "createRuntime", "createContainer", "startContainer", "poststart")]}
    refused(caller, "accel.example.org/card=0", "the hook '/bin/sh'", "runs nothing on behalf",
            accel=spec("accel.example.org/card", {"env": ["A=1"]}, edits))
    refused(caller, "nvidia.com/gpu=0", "nvbind cdi generate --output '/run/cdi/nvidia.json'",
            nvidia=spec("nvidia.com/gpu", edits))
    that(not os.path.exists(marker), "a hook ran")


@claim("a node that is gone, or is another device now, names the device and the file")
def stale(caller):
    for node, told in (({"path": "/dev/accel9"}, "device node '/dev/accel9' is gone"),
                       ({"path": "/dev/accel7", "type": "c", "major": 1, "minor": 9}, "'/dev/accel7' is 1:5 here, not 1:9"),
                       ({"path": "/dev/accel7", "type": "b"}, "no device node of its kind"),
                       ({"path": "/mnt/opt/members"}, "no device node of its kind")):
        refused(caller, "accel.example.org/card=0", told, "'accel.example.org/card=0' of '/run/cdi/accel.json'",
                accel=spec("accel.example.org/card", {"deviceNodes": [node]}))
    refused(caller, "accel.example.org/card=0", "file '/mnt/opt/lib/libaccel.so.0' is gone", "nvbind cdi check",
            accel=spec("accel.example.org/card", {"mounts": [
                {"hostPath": "/mnt/opt/lib/libaccel.so.0", "containerPath": "/x", "options": ["ro", "bind"]}]}))


@claim("a file that others can write is not acted upon")
def writable(caller):
    for mode in ("664", "646", "666"):
        refused(caller, "accel.example.org/card=0", "can be written by others", "chmod go-w '/run/cdi/accel.json'",
                accel=(ACCEL, f"chmod {mode} $f"))
    refused(caller, "accel.example.org/card=0", "'/run/cdi' can be written by others", "chmod go-w '/run/cdi'",
            accel=(ACCEL, "chmod 777 /run/cdi"))


@claim("a file of somebody else is not acted upon, nor is a link to one")
def strangers(caller):
    for more in ("chown 4321 $f", "mv $f /mnt/moved.json; chown 4321 /mnt/moved.json; ln -s /mnt/moved.json $f"):
        refused(caller, "accel.example.org/card=0", "belongs to user 4321", "chown root '/run/cdi/accel.json'",
                accel=(ACCEL, more))


@claim("a user's own file is his to use, and is not root's")
def mine(caller):
    owner = caller.uid if caller.uid else 4321
    view = machine(accel=(ACCEL, f"chown {owner} $f"))
    done = run(caller, "accel.example.org/card=0", "sh", "-c", "echo $ACCEL_HOME", view=view)
    same((done.status, done.out), (0, "/opt/accel\n") if caller.uid else (125, ""), done.err)


@claim("two files of a directory that have the device are named, and none is used")
def conflict(caller):
    refused(caller, "accel.example.org/card=0", "'/run/cdi/accel.json' and '/run/cdi/other.json'",
            accel=ACCEL, other=ACCEL)


@claim("paths that climb, a mount over the root and a node of a directory are refused")
def hostile_paths(caller):
    for mount in ({"hostPath": "/mnt/opt/lib", "containerPath": "/../../etc"},
                  {"hostPath": "/mnt/opt/../../etc", "containerPath": "/x"},
                  {"hostPath": "/mnt/opt/lib", "containerPath": "/"},
                  {"hostPath": "/mnt/opt/lib", "containerPath": "/./"},
                  {"hostPath": "tmpfs", "containerPath": "/tmp", "type": "tmpfs"}):
        done = run(caller, "accel.example.org/card=0", "/bin/echo", "it ran",
                   view=machine(accel=spec("accel.example.org/card", {"mounts": [{**mount, "options": ["rw"]}]})))
        same((done.status, done.out), (125, ""), str(mount))


@claim("a mount inside the container's /proc or /dev stays in the container")
def inside(caller):
    before = (os.stat("/dev/null").st_rdev, os.path.exists("/dev/deep"))
    edits = {"mounts": [{"hostPath": "/mnt/opt/lib", "containerPath": path, "options": ["ro", "rbind"]}
                        for path in ("/dev/deep/er", "/proc/sys", "/tmp/x", "/home/user/x")]}
    script = "ls /dev/deep/er /proc/sys /tmp/x /home/user/x | grep -c libaccel"
    done = run(caller, "accel.example.org/card=0", "sh", "-c", script,
               view=machine(accel=spec("accel.example.org/card", edits)))
    same(done.ok().out, "4\n")
    same((os.stat("/dev/null").st_rdev, os.path.exists("/dev/deep")), before)


@claim("without a writable layer it works as long as the places are there")
def read_only(caller):
    text = spec("accel.example.org/card", {"deviceNodes": [{"path": "/dev/accel7"}], "mounts": [
        {"hostPath": "/mnt/opt/lib/libaccel.so.1", "containerPath": "/etc/fstab", "options": ["ro", "bind"]}]})
    done = caller.run("cat", "/etc/fstab", opts=["--gpu", "accel.example.org/card=0", "--read-only"], quiet=QUIET,
                      view=machine(accel=text))
    same((done.out, done.err), ("driver\n", ""))


main()

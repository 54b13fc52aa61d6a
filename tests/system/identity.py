#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Who the container's command is, inside and seen from the host, and what powers it holds."""

import os
import re

from harness import claim, main, processes_with, same, that, until


def id_map(caller, kind):
    lines = caller.answer("/bin/cat", f"/proc/self/{kind}_map").splitlines()
    return [tuple(map(int, line.split())) for line in lines]


def status(caller, *opts):
    text = caller.answer("/bin/cat", "/proc/self/status", opts=opts)
    return dict(line.split(":\t", 1) for line in text.splitlines())


@claim("the command runs as user 1000 and group 1000")
def runs_as_1000(caller):
    same(caller.answer("/usr/bin/id", "-u"), "1000", "user")
    same(caller.answer("/usr/bin/id", "-g"), "1000", "group")


@claim("an ordinary user gets a map of one id, onto itself", only="user", why="root gets a range")
def one_id(caller):
    same(id_map(caller, "uid"), [(1000, caller.uid, 1)])
    same(id_map(caller, "gid"), [(1000, caller.uid, 1)])


@claim("root gets a range of ids that belong to nobody on the host", only="root", why="a user gets one id")
def foreign_range(caller):
    for kind, accounts, subordinates in (("uid", "/etc/passwd", "/etc/subuid"), ("gid", "/etc/group", "/etc/subgid")):
        used = [(int(line.split(":")[2]), 1) for line in open(accounts, encoding="utf-8") if line.count(":") > 2]
        if os.path.exists(subordinates):
            used += [tuple(map(int, line.split(":")[1:3])) for line in open(subordinates, encoding="utf-8")]
        found = id_map(caller, kind)
        that(found, f"no {kind} map")
        that(any(inside <= 1000 < inside + n for inside, _, n in found), f"1000 is not mapped: {found}")
        for _, outside, n in found:
            that(outside > 65535, f"{kind} range begins at {outside}")
            for first, count in used:
                that(outside + n <= first or first + count <= outside, f"{kind} {outside}+{n} meets {first}+{count}")


@claim("no process of the container has a system id on the host")
def host_side_ids(caller):
    process = caller.begin("/bin/sh", "-c", "echo ready; exec sleep 61.25")
    same(process.stdout.readline(), b"ready\n")
    until(lambda: "sleep 61.25" in processes_with("61.25").values(), "the command does not run")
    pid = next(pid for pid, line in processes_with("61.25").items() if line == "sleep 61.25")
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        text = file.read()
    for kind in ("Uid", "Gid"):
        ids = {int(i) for i in re.search(rf"^{kind}:\s+(.*)$", text, re.M).group(1).split()}
        if caller.uid == 0:
            that(min(ids) > 65535, f"{kind} {ids} on the host")
        else:
            same(ids, {caller.uid}, kind)


@claim("root's own groups do not come along", only="root", why="a user without setgroups keeps its own")
def no_groups_of_root(caller):
    process = caller.finish(caller.start([caller.nvbind, "run", "--gpu", "none", "--network", "none", "host",
                                          "/bin/grep", "Groups", "/proc/self/status"], extra_groups=[0, 4, 6, 44]))
    groups = process.ok().out.split()[1:]
    that(set(groups) <= {"1000"}, f"groups {groups}")


@claim("all capability sets are empty, the bounding set too")
def no_capabilities(caller):
    for sandbox in ("strict", "steam"):
        facts = status(caller, "--sandbox", sandbox)
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            same(int(facts[name], 16), 0, f"{name}, sandbox {sandbox}")


@claim("no new privileges, and a system call filter")
def filtered(caller):
    for sandbox in ("strict", "steam"):
        facts = status(caller, "--sandbox", sandbox)
        same(facts["NoNewPrivs"], "1", f"NoNewPrivs, sandbox {sandbox}")
        same(facts["Seccomp"], "2", f"Seccomp, sandbox {sandbox}")


@claim("signals are neither ignored nor blocked, whatever the caller does")
def clean_signals(caller):
    process = caller.start(["/bin/sh", "-c", 'trap "" INT QUIT TERM HUP USR1; exec "$@"', "sh", caller.nvbind, "run",
                            "--gpu", "none", "--network", "none", "host", "/bin/cat", "/proc/self/status"])
    text = caller.finish(process).ok().out
    for name in ("SigBlk", "SigIgn"):
        same(int(re.search(rf"^{name}:\s+(\w+)$", text, re.M).group(1), 16), 0, name)


@claim("the account has a name and a home that is writable")
def has_account(caller):
    name, home = caller.answer("/bin/sh", "-c", "id -un; echo $HOME").splitlines()
    that(name not in ("root", "1000") and home.startswith("/"), f"name {name!r}, home {home!r}")
    same(caller.answer("/bin/sh", "-c", "echo text >$HOME/note && cat $HOME/note"), "text")


@claim("the container has a host name of its own")
def own_hostname(caller):
    that(caller.answer("/bin/uname", "-n") not in ("", os.uname().nodename), "the host's own name")


main()

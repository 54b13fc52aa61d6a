#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""--memory, --cpus and --pids under each kind of cgroup tree: they hold, or the run is refused.
Never are they taken and forgotten."""

import os
import re
import socket
import time

from harness import Skip, claim, has, main, same, that

VIEWS = {
    "the machine's own tree": [],
    "cgroup2 alone": ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                      '{ test -e /sys/fs/cgroup/cgroup.controllers || mount -t cgroup2 none /sys/fs/cgroup; } && exec "$@"', "sh"],
    "a read-only tree": ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                         '{ test -e /sys/fs/cgroup/cgroup.controllers || mount -t cgroup2 none /sys/fs/cgroup; } && mount -o remount,ro,bind /sys/fs/cgroup && exec "$@"', "sh"],
    "no tree at all": ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                       'mount -t tmpfs -o ro none /sys/fs/cgroup && exec "$@"', "sh"],
}

EAT = "x = []\nfor _ in range(400):\n    x.append(bytearray(b'x') * (1 << 20))\nprint('ate 400 MiB')"
FORK = """
import os, sys, time
n = 0
try:
    for _ in range(60):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        n += 1
except OSError as error:
    print("refused", error.errno, flush=True)
print("forked", n, flush=True)
os._exit(0)"""
SPIN = """
import time
start, used = time.monotonic(), time.process_time()
while time.monotonic() - start < 1:
    pass
print((time.process_time() - used) / (time.monotonic() - start))"""


def view_words(caller, name):
    if VIEWS[name] and os.getuid() != 0:
        raise Skip("needs root to make the view")
    return VIEWS[name]


def in_view(name):
    @claim(f"without limits a container starts with {name}")
    def starts(caller):
        done = caller.run("/bin/true", view=view_words(caller, name))
        same((done.status, done.err), (0, ""))

    @claim(f"a memory limit holds or is refused with {name}")
    def memory(caller):
        done = caller.run("/usr/bin/python3", "-c", EAT, opts=["--memory", "100M"], view=view_words(caller, name))
        if done.status != 125:
            that("ate 400 MiB" not in done.out, "taken and forgotten")
            same(done.status, 137)
        else:
            is_told(done, "memory")

    @claim(f"a limit of processes holds or is refused with {name}")
    def pids(caller):
        done = caller.run("/usr/bin/python3", "-c", FORK, opts=["--pids", "20"], view=view_words(caller, name))
        if done.status != 125:
            that(done.out.startswith("refused 11"), f"taken and forgotten: {done.out!r}")
        else:
            is_told(done, "pids|process")

    @claim(f"a limit of CPU time holds or is refused with {name}")
    def cpus(caller):
        done = caller.run("/usr/bin/python3", "-c", SPIN, opts=["--cpus", "0.25"], view=view_words(caller, name))
        if done.status != 125:
            that(float(done.ok().out) < 0.5, f"taken and forgotten: {done.out!r}")
        else:
            is_told(done, "cpu")


def is_told(done, words):
    that("nvbind: " in done.err and "cgroup" in done.err and any(w in done.err for w in words.split("|")),
         f"stderr {done.err!r}")


for view in VIEWS:
    in_view(view)


def groups():
    return {path for path, _, _ in os.walk("/sys/fs/cgroup")}


@claim("a group that was made for the limits is gone afterwards, also after a kill")
def groups_go(caller):
    before = groups()
    done = caller.run("/bin/true", opts=["--pids", "50"])
    if done.status == 125:
        raise Skip(f"no limit can be set here: {done.err.strip()}")
    same(done.status, 0)
    same(groups() - before, set(), "left behind")
    process = caller.begin("/bin/sleep", "20", opts=["--pids", "50"])
    time.sleep(0.1)
    process.kill()
    process.wait()
    time.sleep(0.3)
    left = groups() - before
    caller.run("/bin/true", opts=["--pids", "50"])
    same(groups() & left, set(), "left behind after a kill and the next run")


@claim("with limits the container sees no name of its group either")
def cgroup_namespace(caller):
    done = caller.run("/bin/cat", "/proc/self/cgroup", opts=["--pids", "50"])
    if done.status == 125:
        raise Skip(f"no limit can be set here: {done.err.strip()}")
    that("nvbind" not in done.ok().out, done.out)


@claim("without limits the container sees its own group as the root of the tree")
def cgroup_root(caller):
    for line in caller.answer("/bin/cat", "/proc/self/cgroup").splitlines():
        same(line.split(":", 2)[2], "/", line)


# A machine with systemd, made up: a cgroup2 tree of plain files in which the caller's group has the
# limits of FILES, a /run/systemd, and a systemd-run that writes down its words and runs what is behind "--".
MADE_UP = """
mount -t tmpfs -o mode=755 none /run
mkdir -p /run/systemd/system && : >/run/systemd/private
mount -t tmpfs -o mode=755 none /sys/fs/cgroup
own=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
mkdir -p "$own"
hidden=$(PATH=/usr/bin:/bin command -v systemd-run) && mount --bind /dev/null "$hidden"
echo cpu memory pids >/sys/fs/cgroup/cgroup.controllers
echo cpu memory pids >"$own/cgroup.controllers"
cd "$own"
for line in $FILES; do echo "${line#*=}" | tr _ ' ' >"${line%%=*}"; done
cd /
exec "$@"
"""
ENOUGH = "memory.max=104857600 cpu.max=150000_100000 pids.max=21"
ASK = ["--memory", "100M", "--cpus", "1.5", "--pids", "20"]


def with_systemd(caller, files=ENOUGH, opts=ASK, env=(), systemd_run=True, bus=True, setup=MADE_UP, command=("/bin/true",)):
    """The result, and the words that systemd-run was given."""
    if os.getuid() != 0:
        raise Skip("needs root to make the view")
    tools, words = caller.dir("tools"), caller.dir("words", mode=0o777) + "/words"
    if systemd_run:
        caller.file(tools + "/systemd-run", "#!/bin/sh\nprintf '%s\\n' \"$@\" >" + words + "\n"
                    'while [ "$1" != -- ]; do shift; done; shift; exec "$@"\n', 0o755)
    runtime = caller.dir("runtime", mode=0o700)
    with socket.socket(socket.AF_UNIX) as server:
        if bus:
            server.bind(runtime + "/bus")
            os.chown(runtime + "/bus", caller.uid, caller.uid)
        view = ["unshare", "--mount", "--propagation", "private", "env", "FILES=" + files, "sh", "-c", setup, "sh"]
        done = caller.run(*command, opts=opts, view=view,
                          env={"PATH": tools + ":/usr/bin:/bin", "XDG_RUNTIME_DIR": runtime, **dict(env)})
    told = open(words, encoding="utf-8").read().splitlines() if os.path.exists(words) else []
    return done, told


@claim("where systemd has the groups, the run goes on in a scope of its with the limits")
def scope(caller):
    done, words = with_systemd(caller, command=("/bin/sh", "-c", "echo here; exit 7"))
    same((done.status, done.out, done.err), (7, "here\n", ""))
    options = words[:words.index("--")]
    same(options[:4] if caller.uid else ["--user"] + options[:3], ["--user", "--scope", "--quiet", "--collect"])
    for wanted in ("MemoryMax=104857600", "MemorySwapMax=0", "CPUQuota=150.0%", "TasksMax=21"):
        that(wanted in options and options[options.index(wanted) - 1] == "-p", f"{wanted} in {options}")
    same(words[words.index("--") + 1:][:2], [caller.nvbind, "run"])
    same(words[-4:], ["host", "/bin/sh", "-c", "echo here; exit 7"])


@claim("only the limits that were asked for are set, none without need")
def scope_words(caller):
    _, words = with_systemd(caller, opts=["--pids", "20"])
    that(not any(w.startswith(("Memory", "CPU")) for w in words) and "TasksMax=21" in words, str(words))
    done, words = with_systemd(caller, opts=[])
    same((done.status, words), (0, []))


@claim("a scope in which a limit is not set is refused, with the controller's name")
def scope_unlimited(caller):
    for name, files in {"memory": "memory.max=max cpu.max=150000_100000 pids.max=21",
                        "cpu": "memory.max=104857600 cpu.max=max_100000 pids.max=21",
                        "pids": "memory.max=104857600 cpu.max=150000_100000 pids.max=2100"}.items():
        done, words = with_systemd(caller, files=files)
        same(done.status, 125, name)
        has(done.err, f"systemd has not limited '{name}'")
    done, _ = with_systemd(caller, files="")
    has(done.err, "systemd has not limited 'memory'")


@claim("the mark of a scope alone lifts no limit, and does not reach the container")
def scope_mark(caller):
    done, words = with_systemd(caller, files="", env={"NVBIND_IN_SCOPE": "1"})
    same((done.status, words), (125, []))
    has(done.err, "systemd has not limited", "NVBIND_IN_SCOPE")
    done, _ = with_systemd(caller, command=("/usr/bin/env",))
    that("NVBIND_IN_SCOPE" not in done.ok().out, done.out)


@claim("without systemd-run or a bus the hint tells which is missing", only="user", why="root makes a group itself")
def scope_missing(caller):
    done, words = with_systemd(caller, systemd_run=False)
    same((done.status, words), (125, []))
    has(done.err, "not delegated to you", "put systemd-run into PATH")
    done, words = with_systemd(caller, bus=False)
    same((done.status, words), (125, []))
    has(done.err, "not delegated to you", "log in to a systemd user session", "XDG_RUNTIME_DIR")
    done, words = with_systemd(caller, setup=MADE_UP.replace('exec "$@"', 'rm -r /run/systemd; exec "$@"'))
    same((done.status, words), (125, []))
    has(done.err, "not delegated to you", "run as root")
    that("systemd" not in done.err, done.err)


@claim("a controller that is missing is named, with those that are there")
def missing_controller(caller):
    setup = MADE_UP.replace("echo cpu memory pids >", "echo cpu io >").replace("mkdir -p /run/systemd/system", "true") \
        .replace(": >/run/systemd/private", "true")
    done, _ = with_systemd(caller, opts=["--memory", "100M"], setup=setup)
    same(done.status, 125)
    has(done.err, "controller 'memory' is missing in /sys/fs/cgroup (there: cpu, io)")
    old = """set -e
mount -t tmpfs -o mode=755 none /sys/fs/cgroup
mkdir /sys/fs/cgroup/cpu && : >/sys/fs/cgroup/cpu/cgroup.procs
exec "$@" """
    done, _ = with_systemd(caller, opts=["--pids", "20"], setup=old)
    same(done.status, 125)
    has(done.err, "controller 'pids' is missing below '/sys/fs/cgroup' (there: cpu)")


@claim("no tree and a read-only tree are told apart, and nobody is told to become who they are")
def precise(caller):
    done = caller.run("/bin/true", opts=["--pids", "9"], view=view_words(caller, "no tree at all"))
    has(done.err, "no cgroup tree is mounted at '/sys/fs/cgroup'")
    tree = MADE_UP.replace('exec "$@"', 'mount -o remount,ro /sys/fs/cgroup; rm -r /run/systemd; exec "$@"')
    done, _ = with_systemd(caller, setup=tree)
    same(done.status, 125)
    has(done.err, "mounted read-only")
    that(caller.uid != 0 or "root" not in done.err, done.err)


@claim("on a tree of version 1 an ordinary user is told so", only="user", why="root may change it")
def version_1(caller):
    if not os.path.exists("/sys/fs/cgroup/pids/cgroup.procs"):
        raise Skip("this machine has no tree of version 1")
    done = caller.run("/bin/true", opts=["--pids", "9"])
    same(done.status, 125)
    has(done.err, "'/sys/fs/cgroup/pids' is of version 1", "only root")


@claim("a limit of memory is one of swap as well", only="root", why="root alone may look, and on version 1 set it")
def swap(caller):
    top = "/sys/fs/cgroup/memory"
    if not os.path.exists(top + "/memory.memsw.limit_in_bytes"):
        raise Skip("this kernel does not count swap, or has no tree of version 1")
    process = caller.begin("/bin/sh", "-c", "echo ready; sleep 5", opts=["--memory", "64M"])
    same(process.stdout.readline(), b"ready\n")
    group = next(name for name in os.listdir(top) if name.startswith(f"nvbind-{process.pid}-"))
    same(open(f"{top}/{group}/memory.memsw.limit_in_bytes", encoding="ascii").read(), "67108864\n")


@claim("nvbind doctor removes what a killed run left, and says so", only="root", why="needs groups of ones own")
def doctor_sweeps(caller):
    process = caller.begin("/bin/sh", "-c", "echo ready; sleep 20", opts=["--pids", "50"])
    if process.stdout.readline() != b"ready\n":
        raise Skip(f"no limit can be set here: {process.stderr.read().decode().strip()}")
    mine = {path for path in groups() if f"nvbind-{process.pid}-" in path}
    if not mine:
        raise Skip("the groups are systemd's here")
    live = caller.begin("/bin/sh", "-c", "echo ready; sleep 20", opts=["--pids", "50"])
    same(live.stdout.readline(), b"ready\n")
    process.kill()
    process.wait()
    time.sleep(0.3)
    that(re.search(r"leftovers +removed [1-9]", caller.nvbind_run("doctor").out), "not told")
    same(groups() & mine, set())
    that(any(f"nvbind-{live.pid}-" in path for path in groups()), "took a living run's group")


@claim("a group that has processes of its own is told, with the way out", only="root", why="needs a group of ones own")
def occupied(caller):
    if not os.path.exists("/sys/fs/cgroup/cgroup.controllers") or \
            "pids" not in open("/sys/fs/cgroup/cgroup.controllers", encoding="ascii").read().split():
        raise Skip("no cgroup2 tree here has the controller 'pids'")
    box = f"/sys/fs/cgroup/nvbind-proof-{os.getpid()}"
    inside = """echo $$ >"$BOX/cgroup.procs"
exec unshare --mount --cgroup --propagation private sh -c '
umount /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup && mount -t tmpfs none /run || exit 9
[ -z "$IS_ALONE" ] || exec "$@"
"$@"
exit $?' sh "$@" """
    view = ["env", "BOX=" + box, "sh", "-c", inside, "sh"]
    os.mkdir(box)
    try:
        done = caller.run("/bin/true", opts=["--pids", "20"], view=view)
        same(done.status, 125)
        has(done.err, "has processes of its own", "move them to a leaf")
        done = caller.run("/bin/cat", "/proc/self/cgroup", opts=["--pids", "20"], view=view, env={"IS_ALONE": "1"})
        same((done.status, done.err), (0, ""), "alone in its group it makes room")
    finally:
        for path, _, _ in sorted(os.walk(box), reverse=True):
            os.rmdir(path)


main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""A SIGKILL of nvbind at any moment leaves nothing behind: no process, mount, file or group; and of
its own notes nothing after the next command."""

import os
import random
import re
import signal
import time

from harness import claim, end_marked, main, processes, processes_with, same, that, until

ROUNDS = 100
LONGEST_MS = 12


def names_below(top):
    found = set()
    for path, dirs, files in os.walk(top, onerror=None):
        found.update(os.path.join(path, name) for name in (*dirs, *files))
    return found


def groups_without_owner():
    """Groups of ours whose nvbind, told in the name, is gone: another's container may run meanwhile."""
    found = set()
    for path, dirs, _ in os.walk("/sys/fs/cgroup"):
        for name in dirs:
            owner = re.match(r"nvbind-(\d+)-", name)
            if "nvb" in name and not (owner and os.path.exists(f"/proc/{owner.group(1)}")):
                found.add(os.path.join(path, name))
    return found


def traces(caller):
    """Everything that a careless engine could leave. What others do meanwhile must not count, so of
    shared folders only names that are ours or the caller's are taken."""
    shared = set()
    for top in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/var/lib", "/run/lock"):
        for name in os.listdir(top):
            path = os.path.join(top, name)
            if path == caller.home:
                continue
            try:
                is_ours = caller.uid != 0 and os.lstat(path).st_uid == caller.uid
            except OSError:
                continue
            if is_ours or any(word in name for word in ("nvb", "bolt")) and not name.startswith("nvbind-"):
                shared.add(path)
    owned = names_below(caller.home)
    for top in ("/run/nvbind", "/var/lib/nvbind"):
        owned |= names_below(top)
    return {
        "mounts": {tuple(line.split()[3:5]) for line in open("/proc/self/mountinfo", encoding="utf-8")},
        "groups": groups_without_owner(),
        "files": shared | owned,
        "namespaces": set(os.listdir("/run/netns")) if os.path.isdir("/run/netns") else set(),
    }


def processes_of(caller, marker):
    """Live ones of this container: marked by their command line, or owned by the made-up user."""
    found = processes_with(marker)
    if caller.uid != os.getuid():
        found |= {pid: line for pid, (uid, state, line) in processes().items() if uid == caller.uid and state not in "ZX"}
    return found


def kill_at_random(caller, opts, chance):
    marker = f"64.{random.randrange(10**9)}"
    process = caller.begin("/bin/sleep", marker, opts=opts, stdout=-3, stderr=-3)
    time.sleep(chance.random() * LONGEST_MS / 1000)
    process.send_signal(signal.SIGKILL)
    process.wait()
    try:
        until(lambda: not processes_of(caller, marker), "alive after the kill", 2)
    finally:
        end_marked(marker)


@claim(f"{ROUNDS} kills of nvbind within its first {LONGEST_MS} ms leave nothing after the next command")
def kills(caller):
    seed = int(os.environ.get("SEED", random.randrange(10**6)))
    chance = random.Random(seed)
    # Volumes of root's need helpers for a moment each; twenty make a wide mark.
    volumes = [word for i in range(20) for word in ("-v", f"{caller.dir('volume')}:/v/{i}")]
    caller.run("/bin/true").ok()  # what a first run makes to stay may stay
    before = traces(caller)
    try:
        for i in range(ROUNDS):
            kill_at_random(caller, volumes if i % 2 else [], chance)
            caller.end_started()
        # Who was killed could not take its name back: whoever looks next does.
        same(caller.nvbind_run("ps", "-a").out.count("\n"), 1, "lines of ps")
        after = traces(caller)
        for kind, found in after.items():
            same(found - before[kind], set(), kind)
    except AssertionError as failure:
        raise AssertionError(f"{failure} (SEED={seed})") from None


@claim("a kill of a container that runs ends all its processes")
def kill_running(caller):
    for number in (signal.SIGKILL, signal.SIGTERM):
        marker = f"65.{os.getpid()}{caller.uid}"
        process = caller.begin("/bin/sh", "-c", f"for i in 1 2 3 4 5; do setsid sleep {marker} & done; echo ready; wait")
        same(process.stdout.readline(), b"ready\n")
        that(len(processes_with(marker)) >= 5, "they do not run")
        process.send_signal(number)
        process.wait()
        try:
            until(lambda: not processes_with(marker), "alive", 2)
        finally:
            end_marked(marker)


@claim("normal runs, failing ones and refused ones leave nothing")
def runs_leave_nothing(caller):
    volume = caller.dir("volume")
    for sandbox in ("strict", "steam"):  # the compiled filters may stay
        caller.run("/bin/true", opts=["--sandbox", sandbox]).ok()
    before = traces(caller)
    for opts, command in (([], "/bin/true"), ([], "/no/such"), (["-v", "/no/such:/x"], "/bin/true"), (["-t"], "/bin/true"),
                          (["-v", f"{volume}:/data"], "/bin/ls"), (["--read-only"], "/bin/true"), (["-w", "/x"], "/bin/true"),
                          (["--memory", "1G"], "/bin/true"), (["--sandbox", "steam"], "/bin/true")):
        caller.run(command, opts=opts)
    after = traces(caller)
    for kind, found in after.items():
        same(found - before[kind], set(), kind)


@claim("a starter that ends while the container runs does not take the terminal's output with it")
def outlives_shell(caller):
    path = caller.dir("out", mode=0o777) + "/file"
    done = caller.finish(caller.start(["/bin/sh", "-c", f'"$0" run --gpu none --network none host /bin/sh -c '
                                       f'"sleep 0.3; echo late" >{path} 2>&1 &', caller.nvbind], stdout=-3, stderr=-3))
    same(done.status, 0)
    until(lambda: os.path.exists(path) and open(path, encoding="utf-8").read() == "late\n", "no output", 5)


main()

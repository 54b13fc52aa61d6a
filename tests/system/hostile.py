#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Somebody means ill: outside while it starts, inside while it runs, and beforehand in its files."""

import ctypes
import glob
import os
import random
import shutil
import signal
import threading
import time

from harness import PYTHON, Skip, claim, end_marked, has, main, processes_with, same, that, until

RENAME_EXCHANGE = 2
libc = ctypes.CDLL(None, use_errno=True)


def exchange(a, b):
    libc.renameat2(-100, a.encode(), -100, b.encode(), RENAME_EXCHANGE)


class Swapping:
    """Exchange two names as fast as can be, until the block ends."""

    def __init__(self, a, b):
        self.names, self.is_over = (a, b), threading.Event()
        self.thread = threading.Thread(target=self.work)

    def work(self):
        while not self.is_over.is_set():
            exchange(*self.names)

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *ignored):
        self.is_over.set()
        self.thread.join()


def tree(top):
    return sorted(os.path.join(path, name) for path, dirs, files in os.walk(top) for name in (*dirs, *files))


@claim("a link exchanged for a directory under a volume's destination while it starts leads nowhere")
def destination_race(caller):
    outside, payload, trap = caller.dir("outside", mode=0o777), caller.dir("payload"), caller.dir("trap")
    caller.file(payload + "/mark", "m")
    os.mkdir(trap + "/way")
    os.chown(trap + "/way", caller.uid, caller.uid)
    for target in (outside, "../../../../../.." + outside, "/proc/1/root" + outside):
        os.symlink(target, trap + "/link")
        with Swapping(trap + "/way", trap + "/link"):
            for _ in range(15):
                done = caller.sh("true", opts=["-v", f"{trap}:/trap", "-v", f"{payload}:/trap/way/deep/er"])
                that(done.status in (0, 125), f"status {done.status}: {done.err!r}")
        for name in ("link", "way"):
            if os.path.islink(f"{trap}/{name}"):
                os.unlink(f"{trap}/{name}")
        if not os.path.isdir(trap + "/way"):
            os.rename(trap + "/link", trap + "/way")
        same(os.listdir(outside), [], target)


@claim("a source exchanged for a link while it starts is the one or the other, read-only as asked")
def source_race(caller):
    one, other = caller.dir("one"), caller.dir("other")
    for place in (one, other):
        caller.file(place + "/mark", os.path.basename(place))
    link = caller.dir("links") + "/link"
    os.symlink(other, link)
    with Swapping(one, link):
        for _ in range(20):
            done = caller.sh("cat /v/mark; echo x >/v/new", opts=["-v", f"{one}:/v:ro"])
            that(done.status != 0 and "Read-only" in done.err, done.err)
    same([n for p in (one, other, link) for n in os.listdir(p) if n == "new"], [])


@claim("volumes over what the engine needs for itself start a container or are refused, and leave nothing in them")
def vital_destinations(caller):
    for destination in ("/proc/self/fd", "/proc/self/exe", "/proc/thread-self", "/proc/sys/kernel", "/sys/fs/cgroup", "/sys/kernel",
                        "/dev/pts", "/dev/shm", "/dev/ptmx", "/dev/fd", "/run", "/run/nvbind", "/run/user/1000", "/tmp", "/etc",
                        "/etc/passwd", "/usr", "/bin", "/lib64", "/home/user", "/.", "/proc/../etc/passwd"):
        for words in ([], ["-t"], ["--read-only"]):
            source = caller.dir("volume")
            done = caller.run("/bin/true", opts=[*words, "-v", f"{source}:{destination}"])
            that(done.status in (0, 2, 125, 126, 127), f"{destination} {words}: status {done.status}, {done.err!r}")
            that(done.status == 0 or done.err.startswith("nvbind") or "-t" in words, f"{destination}: {done.err!r}")
            same(os.listdir(source), [], f"{destination} {words}")


@claim("a volume over the frame ring is refused and gets no ring")
def ring_volume(caller):
    for destination in ("/run/nvbind", "/run"):
        source = caller.dir("volume")
        done = caller.nvbind_run("run", "--profile", "gaming", "--gpu", "software", "--display", "none", "-v",
                                 f"{source}:{destination}", "host", "/bin/true")
        same(done.status, 125, destination)
        has(done.err, "covers '/run/nvbind'")
        same(os.listdir(source), [], destination)


RING = """
import os, random, sys, time
path = "/run/nvbind/frames"
end = time.monotonic() + 1.5
fd = os.open(path, os.O_RDWR)
random.seed(int(sys.argv[1]))
while time.monotonic() < end:
    what = random.randrange(5)
    if what == 0:
        os.ftruncate(fd, random.choice([0, 1, 4096, 1 << 40]))
    elif what == 1:
        os.pwrite(fd, random.randbytes(4096), 0)
    elif what == 2:
        os.pwrite(fd, b"\\xff" * 64, random.randrange(1 << 20))
    elif what == 3:
        os.pwrite(fd, random.randbytes(256), random.randrange(0, 1 << 20, 64))
    else:
        try: os.unlink(path)
        except OSError: pass
sys.exit(21)
"""


@claim("a frame ring that is torn, truncated, blown up and filled with noise harms nobody")
def hostile_ring(caller):
    for seed in range(3):
        done = caller.nvbind_run("run", "--profile", "gaming", "--gpu", "software", "--display", "none", "--timing", "host",
                                 PYTHON, "-I", "-S", "-c", RING, str(seed))
        same(done.status, 21, f"seed {seed}: {done.err[-300:]!r}")
        that(all(c.isprintable() or c == "\n" for c in done.err), f"unprintable: {done.err!r}")


def storm(caller, opts, rounds, chance, number=signal.SIGKILL, quiet=None, longest=0.03):
    marker = f"67.{random.randrange(10**9)}"
    words = {} if quiet is None else {"quiet": quiet}
    for _ in range(rounds):
        process = caller.begin("/bin/sh", "-c", f"setsid sleep {marker} & exec sleep {marker}", opts=opts, stdout=-3, stderr=-3, **words)
        time.sleep(chance.random() * longest)
        if number == signal.SIGSTOP:
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.005)
        process.kill()
        process.wait()
    try:
        until(lambda: not processes_with(marker), "alive after the kill", 3)
    finally:
        end_marked(marker)


def mounts():
    return sum(1 for _ in open("/proc/self/mountinfo", encoding="utf-8"))


@claim("kills at any moment with a terminal, volumes, limits, a frame ring, after a SIGSTOP: no process is left, no mount")
def storms(caller):
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    volume = caller.dir("volume")
    before = mounts()
    try:
        for opts in (["-t"], ["-t", "-i"], ["-v", f"{volume}:/v", "-v", f"{volume}:/w:ro"], ["--read-only"]):
            storm(caller, opts, 15, chance)
        storm(caller, [], 15, chance, signal.SIGSTOP)
        storm(caller, ["--profile", "gaming"], 15, chance, quiet=["--gpu", "software", "--display", "none"])
        if caller.run("/bin/true", opts=["--pids", "50"]).status == 0:
            storm(caller, ["--pids", "50", "--memory", "200M", "-t"], 15, chance)
            time.sleep(0.2)
            caller.run("/bin/true", opts=["--pids", "50", "--memory", "200M"])
            own = {str(p.pid) for p in caller.tidy}
            left = [d for d, _, _ in os.walk("/sys/fs/cgroup") if any(f"/nvbind-{pid}-" in d for pid in own)]
            same(left, [], "groups after the next run with limits")
        same(mounts(), before, "mounts")
        same(os.listdir(volume), [])
    except AssertionError as failure:
        raise AssertionError(f"{failure} (seed {seed})") from None


@claim("a supervisor that is stopped and goes on gives the command's status")
def stopped(caller):
    process = caller.begin("/bin/sh", "-c", "echo ready; sleep 0.2; exit 9")
    same(process.stdout.readline(), b"ready\n")
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.4)
    process.send_signal(signal.SIGCONT)
    same(caller.finish(process).status, 9)


@claim("two hundred starts at once, with a cold cache, all succeed or say why not")
def crowd(caller):
    folder, view = own_cache(caller)
    shutil.rmtree(folder + "/seccomp", ignore_errors=True)
    started = [caller.begin("/bin/sh", "-c", f"exit {i % 100}", view=view) for i in range(200)]
    for i, process in enumerate(started):
        done = caller.finish(process, timeout=90)
        same((done.status, done.err), (i % 100, ""), f"start {i}")


@claim("arguments with line ends, bytes that are no text, and empty ones arrive as they are")
def odd_arguments(caller):
    words = [b"a\nb", b"", b" ", b"\xff\xfe", b"-x", b"--", b"$(id)", b"\033[2J", b"%s%n"]
    command = [caller.nvbind, "run", "--gpu", "none", "--network", "none", "host", "/usr/bin/printf", "%s\\001", *words]
    process = caller.start(command)
    out, _ = process.communicate(timeout=20)
    same(out, b"".join(w + b"\001" for w in words))


@claim("an error shows no control character of an argument on the terminal as it is")
def printable_errors(caller):
    for word in ("\033]0;owned\007", "a\nnvbind: all is well", "\x9b2J", "\r\033[K"):
        for command in ([word], ["/bin/" + word]):
            done = caller.run(*command)
            that(done.status in (126, 127), f"status {done.status}")
            that("\033" not in done.err and "\007" not in done.err and "\r" not in done.err, repr(done.err))
            that(not any(line.startswith("nvbind: all") for line in done.err.splitlines()), repr(done.err))


@claim("as many arguments and variables as the kernel takes; one too many is told")
def huge(caller):
    words = ["x" * 1000] * 1500
    same(caller.answer("/bin/sh", "-c", "echo $#", "sh", *words), "1500")
    done = caller.run("/bin/true", opts=[w for i in range(1000) for w in ("-e", f"V{i}=" + "y" * 1000)])
    same(done.status, 0, done.err[:300])
    done = caller.sh("true", opts=["-e", "BIG=" + "z" * 131000])
    that(done.status == 0 or done.status == 126 and "too long" in done.err, f"status {done.status}: {done.err[-200:]!r}")


@claim("a folder of profiles full of FIFOs, devices' names, loops and huge files hangs nothing")
def fifo_profiles(caller):
    folder = caller.env["XDG_CONFIG_HOME"] + "/nvbind/profiles"
    caller.file(folder + "/good.toml", 'description = "good"\n')
    try:
        for i in range(50):
            os.mkfifo(f"{folder}/fifo{i}.toml")
        os.symlink("/dev/zero", folder + "/zero.toml")
        os.symlink("loop.toml", folder + "/loop.toml")
        os.mkdir(folder + "/directory.toml")
        with open(folder + "/huge.toml", "wb") as file:
            file.truncate(1 << 33)
        done = caller.nvbind_run("profile", "list", timeout=10)
        that(done.status in (0, 1) and "good" in done.out, f"status {done.status}: {done.out!r} {done.err!r}")
        for name in ("fifo0", "zero", "loop", "directory", "huge"):
            done = caller.run("/bin/true", opts=["--profile", name], timeout=10)
            same(done.status, 125, name)
            that(done.err.startswith("nvbind: "), name)
    finally:
        shutil.rmtree(folder)


def own_cache(caller):
    """A folder, and the view in which nvbind keeps its cache there and nowhere else."""
    if caller.uid != 0:
        return caller.home + "/.cache/nvbind", []
    folder = caller.dir("cache")
    script = f'mkdir -p /var/cache/nvbind && mount --bind {folder} /var/cache/nvbind && exec "$@"'
    return folder, ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh"]


def is_confined(caller, view, what):
    done = caller.python("import ctypes\nprint(ctypes.CDLL(None).unshare(0x10000000))", view=view)
    same((done.status, done.out), (0, "-1\n"), f"{what}: {done.err!r}")


@claim("a filter kept on disk that was cut, changed, linked, made by another or swapped for a weaker is not used")
def cache_tampering(caller):
    folder, view = own_cache(caller)
    for sandbox in ("strict", "steam"):
        caller.run("/bin/true", opts=["--sandbox", sandbox], view=view).ok()
    path, steam = (glob.glob(f"{folder}/seccomp/{sandbox}-*")[0] for sandbox in ("strict", "steam"))
    good = open(path, "rb").read()
    allow = b"\x06\0\0\0\0\0\xff\x7f"  # return "allowed"

    def put(data):
        if os.path.lexists(path):
            os.unlink(path)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, 0o600)
        os.chown(path, caller.uid, caller.uid)

    for what, data in {"cut": good[:80], "empty": b"", "cut to odd length": good[:81], "open": allow, "open twice": allow * 2,
                       "changed": good[:200] + bytes([good[200] ^ 1]) + good[201:], "weaker": open(steam, "rb").read(),
                       "noise": os.urandom(len(good)), "long": good * 100}.items():
        put(data)
        is_confined(caller, view, what)
        same(open(path, "rb").read(), good, f"{what}: not made anew")
    other = caller.dir("other") + "/filter"
    shutil.copy(path, other)
    os.unlink(path)
    os.symlink(other, path)
    is_confined(caller, view, "a link")
    os.unlink(path)
    os.mkfifo(path)
    is_confined(caller, view, "a FIFO")
    os.unlink(path)
    os.mkdir(path)
    is_confined(caller, view, "a directory")
    os.rmdir(path)
    if os.getuid() == 0:
        put(good)
        os.chown(path, 4242, 4242)
        os.chmod(path, 0o644)
        is_confined(caller, view, "of another user")
        put(good)
        os.chmod(path, 0o666)
        is_confined(caller, view, "writable by all")
    same(open(path, "rb").read(), good)


@claim("folders for cache and state that are links, files or another user's are used or done without")
def odd_folders(caller):
    for make in (lambda p: os.symlink("/nonexistent", p), lambda p: os.symlink(p, p), lambda p: open(p, "w", encoding="ascii").close(),
                 lambda p: os.mkdir(p, 0o500)):
        place = caller.dir("xdg") + "/place"
        make(place)
        env = {name: place for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "NVBIND_STORE", "NVBIND_RUN")}
        done = caller.run("/bin/true", env=env)
        that(done.status == 0 or done.err.startswith("nvbind: "), f"status {done.status}: {done.err!r}")
    if os.getuid() == 0:
        place = caller.dir("theirs", owner=4242)
        same(caller.run("/bin/true", env={"XDG_CACHE_HOME": place, "XDG_DATA_HOME": place}).status, 0)


@claim("a container that fills its memory file systems ends alone", only="root", why="limits need root on most machines")
def full(caller):
    fill = "i=0; while head -c 1048576 /dev/zero >/tmp/$i 2>/dev/null && [ $i -lt 300 ]; do i=$((i+1)); done; echo $i"
    done = caller.sh(fill, opts=["--memory", "64M"])
    if done.status == 125 and "limits cannot apply" in done.err:
        raise Skip("no limit of memory can be set here")
    that(done.status in (0, 137) and "300" not in done.out, f"status {done.status}: {done.out!r}")
    same(caller.run("/bin/true").status, 0)


main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""`cdi refresh --watch`: what wakes it, what does not, how it ends, and what it leaves whatever happens."""

import json
import os
import random
import subprocess
import sys
import time

from harness import Skip, claim, has, main, same, that, until
from watched import NVIDIA, OPENS, SPEC, Stage, write_library

GPU_2 = "cp -a /mnt/pci/0000:03:00.0 /mnt/pci/0000:83:00.0; mv /mnt/pci/0000:83:00.0/drm/renderD128 " \
        "/mnt/pci/0000:83:00.0/drm/renderD130; rm -r /mnt/pci/0000:83:00.0/drm/card0; "
NODE_2 = "mknod -m 666 /dev/dri/renderD130 c 1 3"
DOUBLE = os.environ.get("NVBIND_TEST_DOUBLE")


def names(text):
    return [device["name"] for device in json.loads(text)["devices"]] if text else None


def until_names(stage, want, limit_s=4.0):
    until(lambda: names(stage.read()) == want, f"got {names(stage.read())}, want {want}", limit_s)


def amd(caller, *words, **options):
    """A stage with one GPU, its specification, and a watcher."""
    stage = Stage(caller)
    before = stage.generate()
    return stage, before, stage.watch(*words, **options)


@claim("a GPU whose node comes late is taken up without an event of the kernel's", only="root")
def late_node(caller):
    stage, _, watcher = amd(caller)
    stage.sh(GPU_2)  # no node yet: nothing to give to a container
    stage.event("/devices/pci0000:00/0000:83:00.0", ACTION="add", SUBSYSTEM="pci", PCI_CLASS="30000")
    time.sleep(1)
    same(names(stage.read()), ["0", "all"])
    stage.sh(NODE_2)
    until_names(stage, ["0", "1", "all"])
    watcher.until_out("refreshed /run/cdi/gpu.json: device '1' is new")
    stage.sh("rm /dev/dri/renderD130")
    until_names(stage, ["0", "all"])


@claim("an event about a GPU wakes it at once, one about a disk does not", only="root")
def events(caller):
    stage, _, watcher = amd(caller)
    stage.sh("mknod -m 666 /mnt/node c 1 3; mkdir /mnt/late")
    stage.sh(GPU_2 + "mount --bind /mnt/node /dev/full")  # nothing that inotify would tell
    stage.sh("rm -r /mnt/pci/0000:83:00.0/drm/*; mkdir /mnt/pci/0000:83:00.0/drm/renderD128")
    stage.event("/devices/virtual/block/loop0", ACTION="add", SUBSYSTEM="block")
    time.sleep(1.5)
    same(names(stage.read()), ["0", "all"])
    stage.event("/module/amdgpu", ACTION="add", SUBSYSTEM="module")
    until_names(stage, ["0", "1", "all"])
    same(watcher.err(), "")


@claim("a specification at boot without any GPU stays, and is mended when the driver has come", only="root")
def boot(caller):
    stage = Stage(caller)
    before = stage.generate()
    stage.sh("mv /mnt/pci/0000:03:00.0 /mnt/gone; mv /dev/dri /mnt/dri; mv /mnt/gone/drm/renderD128 /mnt/gone/drm/renderD131")
    watcher = stage.watch()
    same(stage.read(), before)
    has(watcher.err(), "it cannot be made anew: there is no NVIDIA, AMD or Intel GPU")
    stage.sh("mv /mnt/gone /mnt/pci/0000:03:00.0; mkdir /dev/dri; mknod /dev/dri/card0 c 1 3")
    time.sleep(0.1)
    stage.sh("mknod /dev/dri/renderD131 c 1 3")
    until(lambda: "renderD131" in stage.read(), "it was not mended")
    same(watcher.err().count("cannot be made anew"), 1)


@claim("a removed specification comes back; one removed with its recipe does not", only="root")
def removed(caller):
    stage, before, watcher = amd(caller)
    stage.sh(f"rm {SPEC}")
    until(lambda: stage.read() == before, "it did not come back")
    watcher.until_out("refreshed /run/cdi/gpu.json: it is gone")
    stage.sh(f"echo broken >{SPEC}")
    until(lambda: stage.read() == before, "a broken one stayed")
    stage.sh(f"rm {SPEC} {SPEC}.nvbind")
    watcher.until_out("no longer kept: /run/cdi/gpu.json")
    same(stage.read(), None)


@claim("a directory that vanishes comes back with what was kept in it", only="root")
def vanished(caller):
    stage, before, watcher = amd(caller)
    for change in ("rm -r /run/cdi", "mv /run/cdi /run/old"):
        stage.sh(change)
        until(lambda: stage.read() == before, f"{change}: it did not come back")
        same(oct(os.stat(stage.path("/run/cdi")).st_mode & 0o777), "0o755")
        until(lambda: stage.read(SPEC + ".nvbind"), "without its recipe")
    same(stage.sh("ls -A /run/cdi").split(), ["gpu.json", "gpu.json.nvbind"])
    same(watcher.process.poll(), None)


@claim("files of the driver that an update takes away or brings wake it", only="root")
def update(caller):
    stage = Stage(caller, NVIDIA)
    library = "/run/opengl-driver/lib/libcuda.so."
    stage.sh("mkdir -p /run/opengl-driver/lib")
    write_library(stage.path(library + "550.163.01"), "libcuda.so.1")
    stage.generate("--no-nvml")
    has(stage.read(), library + "550.163.01")
    stage.watch()
    stage.sh(f"mv {library}550.163.01 {library}570.86.16; sed -i s/550.163.01/570.86.16/ /proc/driver/nvidia/version; "
             "echo >/etc/new; mv /etc/new /etc/ld.so.cache")
    until(lambda: library + "570.86.16" in stage.read(), "the new version is not in it")
    has(stage.read(SPEC + ".nvbind"), '"driver_version": "570.86.16"')


@claim("a MIG device that is made is noticed though nothing tells, with the UUID that NVML alone knows", only="root")
def mig(caller):
    if not DOUBLE:
        raise Skip("no NVML double was named")
    stage = Stage(caller, NVIDIA)
    gpu = "driver 550.163.01\ngpu 0000:01:00.0\nname A100\nuuid GPU-0\nminor 0\n"
    answers = caller.file(caller.home + "/answers", gpu)
    env = {"NVBIND_NVML_LIBRARY": DOUBLE, "NVML_DOUBLE": answers}
    stage.generate(env=env)
    same(names(stage.read()), ["0", "GPU-0", "all"])
    stage.watch(env=env)
    caller.file(answers, gpu + "mig_mode 1\nmig 1 0 1g.5gb MIG-1 4864\n")
    stage.sh("mkdir -p /proc/driver/nvidia/capabilities/gpu0/mig/gi1/ci0")
    until_names(stage, ["0:0", "MIG-1", "all"], 8)
    has(stage.read(), "/dev/nvidia-caps/nvidia-cap12", "/dev/nvidia-caps/nvidia-cap13")
    caller.file(answers, gpu)
    stage.sh("rm -r /proc/driver/nvidia/capabilities/gpu0/mig/gi1")
    until_names(stage, ["0", "GPU-0", "all"], 8)


@claim("ten idle seconds cost no CPU and open nothing, whatever else goes on", only="root")
def idle(caller):
    stage = Stage(caller, NVIDIA)
    stage.generate("--no-nvml")
    watcher = stage.watch()
    time.sleep(1.5)  # its own write
    opens = stage.popen([*stage.inside(), sys.executable, "-c", OPENS, "/dev/dri",
                         "/proc/driver/nvidia/gpus/0000:01:00.0", "/dev/nvidia0", "/dev/nvidiactl"])
    that(opens.stdout.readline() == b"ready\n", "no inotify")
    ticks, wakeups = watcher.cpu_ticks(), watcher.wakeups()
    for _ in range(10):
        stage.sh("i=0; while [ $i -lt 300 ]; do echo x >/dev/null; : >/run/utmp; i=$((i + 1)); done")
        time.sleep(0.9)
    ticks, wakeups = watcher.cpu_ticks() - ticks, watcher.wakeups() - wakeups
    same(caller.finish(opens).out, "")
    print(f"# {ticks * 10} ms of CPU and {wakeups} times awake in 10 s")
    that(ticks <= 1 and wakeups <= 10, f"{ticks} ticks of CPU, {wakeups} times awake in 10 s")


@claim("events by the hundred make one refresh, not a hundred", only="root")
def debounce(caller):
    stage, _, watcher = amd(caller)
    stage.sh(GPU_2 + "i=0; while [ $i -lt 100 ]; do " + NODE_2 + "; rm /dev/dri/renderD130; sleep 0.01; i=$((i + 1)); done; "
             + NODE_2)
    until_names(stage, ["0", "1", "all"])
    that(watcher.out().count("refreshed") <= 3, watcher.out())


@claim("it ends at once and well when told: idle, settling, and while NVML hangs", only="root")
def stops(caller):
    stage, before, watcher = amd(caller)
    status, seconds = watcher.end()
    same(status, 0)
    that(seconds < 0.3, f"{seconds} s when idle")
    watcher = stage.watch()
    stage.sh("mknod /dev/dri/renderD140 c 1 3")
    time.sleep(0.1)
    status, seconds = watcher.end()
    same(status, 0)
    that(seconds < 0.3, f"{seconds} s when settling")
    same(stage.read(), before)
    if not DOUBLE:
        raise Skip("no NVML double was named")
    stage = Stage(caller, NVIDIA)
    answers = caller.file(caller.home + "/hang", "gpu 0000:01:00.0\nuuid GPU-0\n")
    env = {"NVBIND_NVML_LIBRARY": DOUBLE, "NVML_DOUBLE": answers}
    stage.generate(env=env)
    watcher = stage.watch(env=env)
    os.unlink(answers)
    os.mkfifo(answers)  # whoever opens it waits
    stage.sh("mknod /dev/nvidia1 c 1 3")
    hangs = lambda: subprocess.run(["pgrep", "-P", str(watcher.process.pid)], stdout=subprocess.DEVNULL).returncode == 0
    until(hangs, "no child asks NVML")
    time.sleep(0.2)
    that(hangs(), "the child did not hang")
    status, seconds = watcher.end()
    same(status, 0)
    that(seconds < 0.3, f"{seconds} s while NVML hangs")


@claim("killed at any moment it leaves the old specification or the new one", only="root")
def killed(caller):
    stage = Stage(caller)
    one = stage.generate()
    stage.sh(GPU_2 + NODE_2)
    two = stage.generate()
    that(one != two, "there is no difference")
    chance = random.Random(4711)
    seen = {one: 0, two: 0}
    begin = time.monotonic()
    stage.run(caller.nvbind, "cdi", "refresh").ok()
    whole_s = time.monotonic() - begin
    for i in range(60):
        stage.sh("rm -f /dev/dri/renderD130" if i % 2 else "[ -e /dev/dri/renderD130 ] || " + NODE_2)
        process = stage.popen([*stage.inside(), caller.nvbind, "cdi", "refresh", "--watch"], start_new_session=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.random() * 1.5 * whole_s)
        os.killpg(process.pid, 9)
        process.wait()
        text = stage.read()
        that(text in seen, f"after {i}: {text!r}")
        json.loads(stage.read(SPEC + ".nvbind"))
        seen[text] += 1
    print(f"# {seen[one]} times one, {seen[two]} times the other")
    that(min(seen.values()) > 0, "no kill was late enough to see a write")
    stage.sh("touch -d '1 hour ago' /run/cdi/.gpu.json.4711.tmp; rm " + SPEC)
    stage.watch()
    same(stage.read(), one)
    that(".gpu.json.4711.tmp" not in os.listdir(stage.path("/run/cdi")), "the litter is there")


@claim("without netlink and inotify it looks every 5 seconds, and says so", only="root")
def denied(caller):
    stage, _, watcher = amd(caller, deny="netlink,inotify")
    has(watcher.err(), "the kernel's events cannot be heard: Operation not permitted; looking every 5 seconds instead",
        "directories cannot be watched: Operation not permitted; looking every 5 seconds instead")
    stage.sh(GPU_2 + NODE_2)
    until_names(stage, ["0", "1", "all"], 7)
    same(watcher.end()[0], 0)


@claim("a directory that became read-only is told once and mended when it can be written", only="root")
def read_only(caller):
    stage, before, watcher = amd(caller, deny="netlink")
    stage.sh("mount --bind /run/cdi /run/cdi; mount -o remount,bind,ro /run/cdi; " + GPU_2 + NODE_2)
    until(lambda: "cannot write '/run/cdi/gpu.json': Read-only file system" in watcher.err(), "it said nothing")
    same(stage.read(), before)
    time.sleep(6)
    same(watcher.err().count("Read-only"), 1)
    stage.sh("umount /run/cdi")
    until_names(stage, ["0", "1", "all"], 7)


@claim("a full file system keeps the old specification whole, and space brings the new one", only="root")
def full(caller):
    stage = Stage(caller)
    stage.sh("mount -t tmpfs -o size=64k small /run/cdi")
    before = stage.generate()
    watcher = stage.watch()
    stage.sh("cat /dev/zero >/run/cdi/ballast 2>/dev/null || true")
    stage.sh(GPU_2 + NODE_2)
    until(lambda: "No space left on device" in watcher.err(), "it said nothing")
    same(stage.read(), before)
    that(not [n for n in os.listdir(stage.path("/run/cdi")) if n.endswith(".tmp")], "half a file is left")
    stage.sh("rm /run/cdi/ballast")
    until_names(stage, ["0", "1", "all"])


@claim("two watchers agree, and then both are quiet", only="root")
def two(caller):
    stage, _, one = amd(caller)
    other = stage.watch()
    stage.sh(GPU_2 + NODE_2)
    until_names(stage, ["0", "1", "all"])
    stage.sh("rm -r /run/cdi")
    until_names(stage, ["0", "1", "all"])
    time.sleep(2)
    before, ticks = os.stat(stage.path(SPEC)), one.cpu_ticks() + other.cpu_ticks()
    time.sleep(3)
    same(os.stat(stage.path(SPEC)).st_mtime_ns, before.st_mtime_ns)
    that(one.cpu_ticks() + other.cpu_ticks() - ticks <= 1, "they are busy")
    same([w.end()[0] for w in (one, other)], [0, 0])


@claim("an ordinary user keeps a file of his own, named from where he stands", only="user")
def own_file(caller):
    stage = Stage(caller)
    home = caller.dir("own")
    os.chmod(caller.home, 0o755)

    def cdi(*words):
        return stage.run("env", "-C", home, *stage.as_caller(), caller.nvbind, "cdi", *words).ok().out

    cdi("generate", "--output", "gpu.json")
    same(cdi("check", "gpu.json"), f"good   {home}/gpu.json\n")
    os.unlink(home + "/gpu.json")
    has(cdi("refresh", "gpu.json"), f"refreshed {home}/gpu.json: it is gone")
    same(names(stage.read(home + "/gpu.json")), ["0", "all"])


main()

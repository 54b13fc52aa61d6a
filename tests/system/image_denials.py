#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""What containers of images may not do: as their root with docker's capabilities, as another user,
and with every capability that there is. The attempts are those of attempts.py, with the host's python."""

import functools
import os
import shutil
import stat
import struct
import sys

from harness import PYTHON, Skip, claim, has, main, same, that
from image_bed import Layer, images, system
from refusals import ATTEMPTS, NAMES, ON_A_TTY, is_refused

DOCKER = 0x00000000a80425fb
HOST_PROGRAMS = [word for top in ("/usr", "/lib", "/lib64", "/etc/alternatives") if os.path.isdir(top)
                 for word in ("-v", f"{top}:{top}:ro")]
# With docker's capabilities, all of them about the container's own things.
ROOT_MAY = {"chroot", "raw_socket", "packet_socket", "become_root", "i386_getpid"}
# With all: mounts and namespaces of its own, its own name.
ALL_MAY = ROOT_MAY | {
    "mount_tmpfs", "mount_bind", "remount_usr", "new_mount_api", "clone_mount", "pivot_root", "unshare_user",
    "unshare_net", "clone_user", "clone3_user", "setns", "set_hostname", "i386_unshare_user", "i386_clone_user",
    "process_vm_readv_pid_1", "ptrace_pid_1", "i386_ptrace_pid_1", "fanotify"}


@functools.lru_cache(maxsize=None)
def outcomes(caller, *opts):
    image = images(caller).small()
    # Who may take /proc away leaves nothing to try the rest on.
    left_out = ON_A_TTY | ({"umount_proc"} if "ALL" in opts and "--cap-add" in opts else set())
    names = [name for name in NAMES if name not in left_out]
    return images(caller).run(image, PYTHON, "-I", "-S", "-c", ATTEMPTS, *names, opts=[*HOST_PROGRAMS, *opts],
                              timeout=60).json()


def denied(caller, may, *opts):
    found = outcomes(caller, *opts)
    same({name: word for name, word in found.items() if name not in may and not is_refused(name, word)}, {})


@claim("root with docker's capabilities is refused what concerns more than the container")
def as_root(caller):
    denied(caller, ROOT_MAY)


@claim("another user is refused that and what only root may")
def as_user(caller):
    denied(caller, {"i386_getpid"}, "-u", "1000:1000")


@claim("without capabilities root is as any other user")
def without(caller):
    denied(caller, {"i386_getpid", "become_root"}, "--cap-drop", "ALL")


@claim("with all capabilities nothing of the machine can be had", only="root full",
       why="with one id there is nothing to have them over")
def with_all(caller):
    denied(caller, ALL_MAY, "--cap-add", "ALL")


def status_of(caller, image, *opts):
    lines = images(caller).answer(image, "cat /proc/self/status", opts).splitlines()
    return {line.split(":")[0]: line.split(":")[1].strip() for line in lines}


@claim("the capabilities are docker's, and the bounding set has no more")
def capabilities(caller):
    image = images(caller).small()
    sets = lambda *opts: [int(status_of(caller, image, *opts)[name], 16) for name in ("CapBnd", "CapEff", "CapPrm", "CapInh", "CapAmb")]
    same(sets(), [DOCKER, DOCKER, DOCKER, 0, 0])
    same(sets("-u", "app"), [DOCKER, 0, 0, 0, 0])
    same(sets("--cap-drop", "ALL"), [0] * 5)
    same(sets("--cap-drop", "ALL", "--cap-add", "CHOWN"), [1, 1, 1, 0, 0])
    same(sets("--cap-drop", "cap_net_raw")[0], DOCKER & ~(1 << 13))
    same(sets("--cap-add", "NET_ADMIN")[0], DOCKER | 1 << 12)
    same(sets("-u", "app", "--cap-add", "NET_ADMIN"), [DOCKER | 1 << 12, *[1 << 12] * 4])


@claim("no_new_privs is set and a system call filter is loaded, whoever runs")
def locked(caller):
    image = images(caller).small()
    for opts in ([], ["-u", "app"], ["--cap-add", "ALL"], ["--read-only"], ["--network", "host"]):
        found = status_of(caller, image, *opts)
        same((found["NoNewPrivs"], found["Seccomp"]), ("1", "2"), str(opts))


def capability_xattr(bits):
    """VFS_CAP_REVISION_2, effective"""
    return struct.pack("<IIIII", 0x02000001, bits & 0xffffffff, 0, bits >> 32, 0)


@claim("setuid files and files with capabilities of an image give nothing")
def privileged_files(caller):
    program = open(shutil.which("id"), "rb").read()
    reader = open(shutil.which("grep"), "rb").read()
    layer = (system().file("/suid", program, 0o6755).file("/sgid", program, 0o2755).file("/grep-suid", reader, 0o6755))
    layer.capable("/capable", reader, capability_xattr(DOCKER))
    image = images(caller).make("privileged", lambda: [layer], {"Cmd": ["sh"]})
    run = lambda *command: images(caller).run(image, *command, opts=["-u", "1000:1000", *HOST_PROGRAMS]).ok().out.strip()
    same(run("/suid", "-u"), "1000")
    same(run("/suid", "-g"), "1000")
    same(run("/sgid", "-g"), "1000")
    same(run("/capable", "CapEff", "/proc/self/status").split()[1], "0" * 16)
    has(run("/grep-suid", " / ", "/proc/self/mountinfo"), "nosuid", "nodev")


@claim("a setuid file made in a volume is nothing on the host", only="root", why="root alone writes as other ids")
def setuid_in_volume(caller):
    path = caller.dir("volume", owner=0)
    image = images(caller).small()
    images(caller).sh(image, "cp /bin/busybox /v/sh; chmod 6755 /v/sh; chown 0:0 /v/sh; chmod 6755 /v/sh",
                      ["-v", f"{path}:/v"])
    if os.path.exists(path + "/sh"):
        mode = os.stat(path + "/sh").st_mode
        that(not mode & (stat.S_ISUID | stat.S_ISGID), f"{mode:o}")


@claim("descriptors of the caller are not there, and none leads out")
def descriptors(caller):
    image = images(caller).small()
    secret = caller.dir("secret", mode=0o777)
    fds = [os.open(path, os.O_RDONLY) for path in (secret, "/", "/etc/hostname", secret)]
    try:
        script = "ls /proc/self/fd; for f in /proc/self/fd/*; do ls $f/ 2>/dev/null; done; readlink /proc/self/cwd"
        done = caller.finish(caller.start([caller.nvbind, "run", image, "sh", "-c", script], pass_fds=fds)).ok()
        same(done.out.split("\n"), ["0", "1", "2", "3", "/", ""])
        for script in ("ls /proc/1/fd/", "ls /proc/1/cwd/", "ls /proc/1/root/..", "readlink /proc/1/exe", "cat /proc/1/environ",
                       "cat /proc/1/maps"):
            done = images(caller).sh(image, script)
            that(done.status != 0 or "nvbind-proof" not in done.out and "/nvbind" not in done.out, f"{script}: {done.out}")
    finally:
        for fd in fds:
            os.close(fd)


@claim("what /proc and /sys tell of the machine is masked or cannot be written")
def masked(caller):
    image = images(caller).small()
    script = ("for f in kcore keys timer_list sched_debug latency_stats; do test -e /proc/$f && cat /proc/$f 2>/dev/null | head -c 1 | wc -c; done;"
              "ls -A /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | grep -v :;"
              "for f in sys/kernel/core_pattern sys/kernel/hostname sysrq-trigger irq/default_smp_affinity sys/vm/drop_caches;"
              " do echo 1 2>/dev/null >/proc/$f && echo wrote $f; done; touch /sys/x 2>/dev/null && echo wrote sys; true")
    for opts in ([], ["--cap-add", "ALL"]):
        if opts and caller.name == "user":
            continue
        told = images(caller).answer(image, script, opts).split("\n")
        same([line for line in told if line not in ("0", "")], [], str(opts))


@claim("the image's NVIDIA_VISIBLE_DEVICES chooses nothing unless it is trusted")
def gpu_words(caller):
    for number, words in enumerate(("all", "0", "none", "void", "", "nvidia.com/gpu=all", "/etc/passwd", "all\x1b[2J", "0,0,0,nonsense")):
        image = images(caller).small(f"gpus-{number}", {"Env": [f"NVIDIA_VISIBLE_DEVICES={words}", "NVIDIA_DRIVER_CAPABILITIES=all"]})
        told = images(caller).answer(image, "echo $NVIDIA_VISIBLE_DEVICES; ls /dev")
        that(told.startswith("void\n") and "nvidia" not in told and "dri" not in told.split(), told)
        done = images(caller).sh(image, "ls /dev", ["--trust-image-gpu-env"])
        that(done.status in (0, 125) and "\x1b" not in done.err, f"{words!r}: {done.status} {done.err!r}")
        if words in ("none", "void", ""):
            done.ok()
        if done.status == 125:
            has(done.err, "try:")
        # The user's own word counts more than any image's.
        same(images(caller).sh(image, "true", ["--trust-image-gpu-env", "--gpu", "none"]).ok().out, "")


@claim("with --trust-image-gpu-env an image gets what -g would give it")
def trusted(caller):
    image = images(caller).small("trusted", {"Env": ["NVIDIA_VISIBLE_DEVICES=software"]})
    devices = lambda *opts: caller.nvbind_run("run", "--print", "devices", *opts, image).ok().json()
    same(devices("--trust-image-gpu-env"), devices("-g", "software"))
    that(devices() != devices("-g", "software"), "chosen without trust")


@claim("--privileged is refused with the reason")
def privileged(caller):
    done = images(caller).sh(images(caller).small(), "true", ["--privileged"])
    same(done.status, 2)
    has(done.err, "there is no '--privileged'", "--cap-add")


@claim("the store and the caller's home are not to be seen, and the root belongs to nobody above")
def no_host(caller):
    image = images(caller).small()
    told = images(caller).answer(image, f"ls -d {caller.home} {os.path.dirname(os.path.abspath(__file__))} 2>/dev/null; ls /home /mnt /srv 2>/dev/null;"
                                 " ls -d /.. | cat; ls / | grep -c .")
    same(told.split("\n")[0], "/..")
    same(images(caller).answer(image, "ls /.."), images(caller).answer(image, "ls /"))


@claim("containers do not see each other")
def apart(caller):
    image = images(caller).small()
    process = images(caller).begin(image, "sh", "-c", "echo up; exec sleep 4217")
    same(process.stdout.readline(), b"up\n")
    that("4217" not in images(caller).answer(image, "ps; cat /proc/[0-9]*/cmdline"), "seen")
    process.kill()


main(with_full=True)

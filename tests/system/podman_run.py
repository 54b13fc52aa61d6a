#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""A container of podman's with a device of our specification: nodes, libraries and variables are inside, and nothing of
them where no device was asked for. As root and as an ordinary user, on a machine made up by watched.py, without an image
(--rootfs) and without a network."""

import json
import os
import shutil
import subprocess

from harness import Skip, claim, has, main, same, that
from watched import NVIDIA, SPEC, Stage, write_library

GPUS = NVIDIA + """
gpu 0000:83:00.0 10de 20b0 nvidia 1; mknod -m 666 /mnt/dev/nvidia1 c 1 3
mkdir /mnt/driver/nvidia/gpus/0000:83:00.0
printf 'Model: \\t\\t A100\\nDevice Minor: \\t 1\\n' >/mnt/driver/nvidia/gpus/0000:83:00.0/information
"""
STATE = "/run/p"  # short: podman 4 waits for ever where the path of a socket of its own is too long
LIBRARIES = "/run/opengl-driver/lib"
TOOLS = ["sh", "cat", "stat", "env"]

# Before podman. A process namespace, so that its helper for ordinary users ends with the test, and no file of an earlier
# one; /proc without anything mounted below it, or the kernel would refuse the container one of its own.
VIEW = """
mount -t proc proc /proc
mount -t tmpfs -o mode=1777 shm /dev/shm
mkdir -p "$XDG_RUNTIME_DIR"
mount -t tmpfs -o mode=700,uid=$STATE_UID state "$XDG_RUNTIME_DIR"
[ "$1" = plain ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup
shift
"$@" || exit # no exec: the first process takes in orphans
true
"""

# crun refuses both kinds of cgroups beside each other, and without CAP_SYS_RESOURCE it can make no group's device rules.
WAYS = [("plain", []), ("cgroup2", ["--cgroups=disabled"])]
ways = {}  # by caller's name


def copy_program(name, top):
    program = shutil.which(name)
    shutil.copy(program, f"{top}/bin/{name}")
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
    for path in (word for word in told.split() if word.startswith("/")):
        os.makedirs(top + os.path.dirname(path), exist_ok=True)
        shutil.copy(path, top + path)


class Podman:
    def __init__(self, caller):
        if not shutil.which("podman"):
            raise Skip("podman is not installed")
        self.caller = caller
        self.stage = Stage(caller, GPUS)
        self.home = caller.dir("podman")
        self.make_home()
        self.make_machine()
        self.way = self.find_way()

    def make_home(self):
        os.chmod(self.caller.home, 0o755)
        for directory in ("bin", "dev", "proc", "sys", "etc", "run", "tmp"):
            os.makedirs(f"{self.home}/rootfs/{directory}")
        for name in TOOLS:
            copy_program(name, self.home + "/rootfs")
        conmon = shutil.which("conmon") or "/usr/libexec/podman/conmon"
        with open(self.home + "/containers.conf", "w", encoding="utf-8") as file:
            file.write(f'[engine]\ncgroup_manager="cgroupfs"\nevents_logger="none"\nconmon_path=["{conmon}"]\n')
        with open(self.home + "/storage.conf", "w", encoding="utf-8") as file:
            file.write(f'[storage]\ndriver="vfs"\nrunroot="{STATE}/runroot"\ngraphroot="{STATE}/graph"\n')
        subprocess.run(["chown", "-R", f"{self.caller.uid}:{self.caller.uid}", self.home], check=True)

    def make_machine(self):
        self.stage.sh(f"echo 'me:x:{self.caller.uid}:{self.caller.uid}::{self.home}:/bin/sh' >>/etc/passwd; "
                      "mkdir -p /etc/containers " + LIBRARIES)
        for stem in ("libcuda", "libnvidia-ml", "libGLX_nvidia"):
            soname = stem + (".so.0" if "GLX" in stem else ".so.1")
            write_library(self.stage.path(f"{LIBRARIES}/{stem}.so.550.163.01"), soname)
        self.stage.sh("echo '{\"default\":[{\"type\":\"insecureAcceptAnything\"}]}' >/etc/containers/policy.json")
        self.spec = json.loads(self.stage.generate("--no-nvml"))

    def podman_run(self, way, *words):
        view, options = way
        limits = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1000:1000"]  # podman's own are above some roots'
        return self.stage.run(
            "env", f"HOME={self.home}", f"XDG_RUNTIME_DIR={STATE}", f"XDG_DATA_HOME={STATE}",
            f"XDG_CONFIG_HOME={STATE}", f"STATE_UID={self.caller.uid}",
            f"CONTAINERS_CONF={self.home}/containers.conf", f"CONTAINERS_STORAGE_CONF={self.home}/storage.conf",
            "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", VIEW, "view", view,
            *self.stage.as_caller(), "podman", "run", "--rm", "--network", "none", "--log-driver", "none", *limits, *options, *words)

    def find_way(self):
        """The first that starts a container at all; one without a device."""
        refusals = []
        for way in WAYS:
            if self.caller.name not in ways:
                done = self.podman_run(way, "--rootfs", self.home + "/rootfs", "/bin/cat", "/dev/null")
                if done.status == 0:
                    ways[self.caller.name] = way
                    print(f"# podman runs for {self.caller.name}: {way[0]} {' '.join(way[1])}")
                refusals += done.err.strip().splitlines()[-1:]
        if self.caller.name not in ways:
            raise Skip("podman starts no container here: " + "; then ".join(refusals))
        return ways[self.caller.name]

    def run(self, script, *devices):
        words = [word for device in devices for word in ("--device", device)]
        return self.podman_run(self.way, *words, "--rootfs", self.home + "/rootfs", "/bin/sh", "-c", script)

    def nodes(self, *devices):
        script = "for n in /dev/nvidia* /dev/dri/*; do [ -c $n ] && stat -c '%n %t:%T' $n; done; true"
        return sorted(self.run(script, *devices).ok().out.split("\n")[:-1])


@claim("a device by its name brings its nodes, and only those of its GPU")
def nodes_inside(caller):
    podman = Podman(caller)
    common = ["/dev/nvidia-modeset 1:3", "/dev/nvidia-uvm 1:3"]
    one = lambda n: sorted([f"/dev/dri/card{n} 1:3", f"/dev/dri/renderD{128 + n} 1:3", *common, f"/dev/nvidia{n} 1:3",
                            "/dev/nvidiactl 1:3"])
    same(podman.nodes("nvidia.com/gpu=0"), one(0))
    same(podman.nodes("nvidia.com/gpu=1"), one(1))
    both = sorted({*one(0), *one(1)})
    same(podman.nodes("nvidia.com/gpu=all"), both)
    same(podman.nodes("nvidia.com/gpu=0", "nvidia.com/gpu=1"), both)
    same(podman.nodes("nvidia.com/gpu=GPU-0"), one(0))


@claim("without a device nothing of it is inside, and an unknown one is refused")
def nothing_inside(caller):
    podman = Podman(caller)
    same(podman.nodes(), [])
    done = podman.run("ls /usr/lib/nvbind 2>/dev/null; env").ok()
    that("nvbind" not in done.out and "NVIDIA" not in done.out, done.out)
    done = podman.run("true", "nvidia.com/gpu=7")
    that(done.status != 0, "it started")
    has(done.err, "unresolvable CDI devices nvidia.com/gpu=7")


@claim("every file is at its place, the host's own, and cannot be written")
def files_inside(caller):
    podman = Podman(caller)
    mounts = podman.spec["containerEdits"]["mounts"]
    that(len(mounts) >= 6, mounts)
    for mount in mounts:
        size = os.stat(podman.stage.path(os.path.realpath("/") + mount["hostPath"].lstrip("/"))).st_size
        inside = mount["containerPath"]
        mount["want"] = f"{inside} {size}"
    script = "; ".join(f"stat -L -c '%n %s' {m['containerPath']}; (echo x >>{m['containerPath']}) 2>/dev/null && echo written"
                       for m in mounts)
    same(sorted(podman.run(script + "; true", "nvidia.com/gpu=0").ok().out.splitlines()), sorted(m["want"] for m in mounts))


@claim("its variables are set, and a node can be opened")
def variables_inside(caller):
    podman = Podman(caller)
    done = podman.run("env; echo hello >/dev/nvidia0 && echo opened", "nvidia.com/gpu=0").ok()
    has(done.out, *(f"{entry}\n" for entry in podman.spec["containerEdits"]["env"]), "opened\n")


@claim("a stale specification keeps podman from starting, refresh mends it", only="root")
def stale(caller):
    podman = Podman(caller)
    podman.stage.sh(f"cd {LIBRARIES}; mv libcuda.so.550.163.01 libcuda.so.570.86.16; rm libnvidia-ml.so.* libGLX_nvidia.so.*")
    that(podman.run("true", "nvidia.com/gpu=0").status != 0, "it started")
    podman.stage.run(caller.nvbind, "cdi", "refresh").ok()
    has(podman.stage.read(SPEC), "libcuda.so.570.86.16")
    podman.run("stat /usr/lib/nvbind/driver/lib64/libcuda.so.1", "nvidia.com/gpu=0").ok()


main()

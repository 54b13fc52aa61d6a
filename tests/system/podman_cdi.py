#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""podman reads what we write: its own CDI library resolves our devices, and puts into config.json what we would;
and a container of podman's finds NVIDIA's driver, in each form of a specification.

No image: the OCI runtime that podman is given only keeps the config.json it gets, and where a container is started
its root is the machine's own below an overlay. Everything podman would write outside of the test's folder is on a
tmpfs over /run in a mount namespace of the test's own; cgroups are hidden, so that none is left."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import nvidia

RUNTIME = """#!/bin/sh
for word; do
    [ "$before" = --bundle ] && cp "$word/config.json" 'FOLDER/config.json'
    before=$word
done
exit 1
"""

# $1 the specification's name, then podman's words
SETUP = """
set -e
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir /run/cdi
[ -z "$1" ] || cp "$KEPT/$1" /run/cdi/
shift
exec timeout 60 podman "$@"
"""


# On the machine of nvidia.py: $1 more words of `cdi generate`, then podman's words.
DRIVER = """
set -e
mkdir /run/cdi
$NVBIND cdi generate --no-nvml $1 --output /run/cdi/nvidia.json
shift
mount -t tmpfs tmpfs /sys/fs/cgroup
mkdir /run/up /run/work
mount -t overlay -o lowerdir=/,upperdir=/run/up,workdir=/run/work overlay "$KEPT/rootfs" || exit 77
exec timeout 60 podman "$@"
"""
# Without what podman would raise by default, which not every machine allows.
START = ["--cgroups", "disabled", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]
FORMS = {"by view": "", "file by file": "--no-view", "without the variable": "--no-library-path"}

# What lies where, seen from the container.
LOOK = """
import ctypes, json, os, sys
told = {}
for name in sys.argv[1:]:
    try:
        told[name] = (ctypes.c_char * 64).in_dll(ctypes.CDLL(name), "nvb_test_name").value.decode()
    except (OSError, ValueError) as error:
        told[name] = str(error)
print(json.dumps({"libraries": told, "smi": os.path.exists("/etc/vulkan/icd.d/nvidia_icd.x86_64.json"),
                  "nodes": sorted(n for n in os.listdir("/dev") if n.startswith("nvidia"))}))"""


class Skip(Exception):
    pass


class Podman:
    def __init__(self, sample, nvbind, folder):
        self.sample = sample
        self.nvbind = nvbind
        self.driver = None  # the names of the libraries of a made-up driver, when it is made
        self.folder = folder
        (folder / "rootfs").mkdir()
        runtime = folder / "runtime"
        runtime.write_text(RUNTIME.replace("FOLDER", str(folder)))  # conmon passes no environment on
        runtime.chmod(0o755)
        (folder / "policy.json").write_text('{"default":[{"type":"insecureAcceptAnything"}]}')
        conmon = shutil.which("conmon") or "/usr/libexec/podman/conmon"
        (folder / "containers.conf").write_text(
            f'[engine]\ncgroup_manager="cgroupfs"\nevents_logger="none"\nconmon_path=["{conmon}"]\n')
        (folder / "storage.conf").write_text(
            '[storage]\ndriver="vfs"\nrunroot="/run/runroot"\ngraphroot="/run/graphroot"\n')
        self.env = {**os.environ, "KEPT": str(folder), "NVBIND": nvbind, "CONTAINERS_CONF": str(folder / "containers.conf"),
                    "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf")}

    def run(self, spec, *words):
        """(config.json as podman made it or None, what it said)"""
        kept = self.folder / "config.json"
        kept.unlink(missing_ok=True)
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", SETUP, "sh", spec, "--runtime", str(self.folder / "runtime"), "run",
             "--rm", "--network", "none", *words, "--rootfs", str(self.folder / "rootfs"), "/bin/true"],
            capture_output=True, text=True, env=self.env, stdin=subprocess.DEVNULL, check=False)
        return (json.loads(kept.read_text()) if kept.exists() else None), done.stderr

    def run_driver(self, form, runtime, *words):
        """The same with the machine's driver, by a specification of one of the forms. (out, config, err)"""
        files = self.folder / "machine"
        if os.path.exists("/proc/driver/nvidia"):
            raise Skip("this machine has a driver of its own")
        if self.driver is None:
            files.mkdir()
            self.driver = nvidia.make_files(str(files))
        if self.driver is None:
            raise Skip("needs a C compiler to make the libraries")
        kept = self.folder / "config.json"
        kept.unlink(missing_ok=True)
        shutil.rmtree(self.folder / "cache", ignore_errors=True)
        done = subprocess.run(
            [*nvidia.view(str(self.folder), str(files)), "sh", "-c", DRIVER, "sh", form, "--runtime", runtime, "run", "--rm",
             "--network", "none", "--device", "nvidia.com/gpu=0",
             *(START if runtime == "crun" else []), "--rootfs", str(self.folder / "rootfs"), *words],
            capture_output=True, text=True, env=self.env, stdin=subprocess.DEVNULL, check=False)
        if done.returncode == 77:
            raise Skip(f"no overlay over this machine's root: {done.stderr.strip()}")
        return done.stdout, (json.loads(kept.read_text()) if kept.exists() else None), done.stderr

    def write(self, name, *words):
        text = subprocess.run([self.sample, "write", *words], capture_output=True, check=True).stdout
        (self.folder / name).write_bytes(text)
        return text.decode()


def device_words(podman, form):
    text = podman.write(f"sample.{form}", form)
    assert "0.5.0" in text, text
    config, said = podman.run(f"sample.{form}", "--device", "nvbind.test/sample=0")
    assert config, f"podman refused it: {said}"
    return config


def our_env(config):
    return sorted(e for e in config["process"]["env"] if not e.startswith("HOSTNAME="))


def comparable(config):
    """What edits touch, less what is different each time: the container's number, and the order in which podman
    puts its own variables, rules and mounts."""
    return {
        "env": our_env(config),
        "devices": [[d["path"], d["type"], d["major"], d["minor"]] for d in config["linux"].get("devices", [])],
        "rules": sorted(([d for d in config["linux"]["resources"].get("devices", []) if "major" in d]), key=str),
        "mounts": sorted([m["destination"], m.get("type", ""),
                          str(m.get("options", [])) if "/opt/" in m["destination"] else ""]
                         for m in config["mounts"]),
    }


def accepts_json(podman):
    config = device_words(podman, "json")
    assert "SAMPLE=a b: #c" in config["process"]["env"], config["process"]["env"]
    paths = [d["path"] for d in config["linux"]["devices"]]
    assert "/dev/sample" in paths and "/dev/zero" in paths, paths


def accepts_yaml(podman):
    got, want = comparable(device_words(podman, "yaml")), comparable(device_words(podman, "json"))
    assert got == want, f"{got}\n{want}"


def refuses_what_is_newer(podman):
    """Otherwise the two above would prove nothing about the lowest version."""
    version = subprocess.run(["podman", "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    if int(version.split(".")[0]) > 4:
        raise Skip(f"podman {version} knows version 0.7.0, too")
    text = podman.write("newer.json", "json", "gids")
    assert '"0.7.0"' in text, text
    config, said = podman.run("newer.json", "--device", "nvbind.test/sample=0")
    assert config is None and "unresolvable CDI devices" in said, said


def applies_the_same(podman):
    plain, said = podman.run("")
    assert plain, said
    theirs = device_words(podman, "json")
    folder = podman.folder / "cdi"
    folder.mkdir()
    shutil.copy(podman.folder / "sample.json", folder)
    (podman.folder / "plain.json").write_text(json.dumps(plain))
    ours = subprocess.run([podman.sample, "apply", str(podman.folder / "plain.json"), str(folder),
                           "nvbind.test/sample=0"], capture_output=True, text=True, check=True).stdout
    got, want = comparable(json.loads(ours)), comparable(theirs)
    for part, value in want.items():
        assert got[part] == value, f"{part}:\n{got[part]}\n{value}"


def resolves_the_driver(podman):
    n_mounts = {}
    for name, form in FORMS.items():
        _, config, said = podman.run_driver(form, str(podman.folder / "runtime"), "/bin/true")
        assert config, f"podman refused the form {name}: {said}"
        ours = {m["destination"]: m for m in config["mounts"] if "nvbind" in m["destination"] or "nvidia" in m["destination"]}
        n_mounts[name] = len(ours)
        assert (name == "without the variable") != any(
            e.startswith("LD_LIBRARY_PATH=/usr/lib/nvbind/driver/lib64") for e in config["process"]["env"]), name
        assert all("ro" in m["options"] for m in ours.values()), ours
        assert not config.get("hooks"), config.get("hooks")
    assert n_mounts["by view"] < 15 < 60 < n_mounts["file by file"], n_mounts


def starts_with_the_driver(podman):
    if not shutil.which("crun"):
        raise Skip("crun is not installed")
    for name, form in FORMS.items():
        if name == "without the variable" and os.confstr("CS_GNU_LIBC_VERSION").split()[1] < "2.33":
            continue  # the machine's own loader looks nowhere else
        wanted = [*(podman.driver or {}).get("wide", []), "libcuda.so", "libnvidia-egl-gbm.so.1"]
        out, _, said = podman.run_driver(form, "crun", "/usr/bin/python3", "-I", "-S", "-c", LOOK, *wanted)
        assert out, f"{name}: {said}"
        told = json.loads(out)
        assert told["libraries"] == {**{n: n for n in wanted}, "libcuda.so": "libcuda.so.1"}, (name, told)
        assert told["smi"] and told["nodes"] == ["nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools", "nvidia0",
                                                 "nvidiactl"], (name, told)


CLAIMS = [
    ("podman accepts the JSON we write by default", accepts_json),
    ("podman reads the same from our YAML", accepts_yaml),
    ("podman 4 refuses a version that is higher", refuses_what_is_newer),
    ("our edits to config.json are podman's", applies_the_same),
    ("podman resolves NVIDIA's driver as one view, file by file and without a variable", resolves_the_driver),
    ("a container of podman's finds every library of it, in each form", starts_with_the_driver),
]


def why_not():
    if os.geteuid() != 0:
        return "root is needed for a mount namespace over /run"
    if not shutil.which("podman"):
        return "podman is not installed"
    probe = subprocess.run(["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/run"], capture_output=True,
                           text=True, check=False)
    return f"no mount namespace here: {probe.stderr.strip()}" if probe.returncode else None


def attempt(number, title, function, podman):
    try:
        function(podman)
    except Skip as skip:
        print(f"ok {number} - {title} # SKIP {skip}")
        return True
    except (AssertionError, subprocess.CalledProcessError) as error:
        print(f"not ok {number} - {title}")
        for line in str(error).splitlines():
            print("#", line)
        return False
    print(f"ok {number} - {title}")
    return True


def main():
    reason = why_not()
    ok = True
    with tempfile.TemporaryDirectory() as folder:
        podman = None if reason else Podman(os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2]), pathlib.Path(folder))
        for number, (title, function) in enumerate(CLAIMS, 1):
            if reason:
                print(f"ok {number} - {title} # SKIP {reason}")
            else:
                ok = attempt(number, title, function, podman) and ok
    print(f"1..{len(CLAIMS)}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())

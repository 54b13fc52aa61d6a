#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""podman reads what we write: its own CDI library resolves our devices, and puts into config.json what we would.

No image, no container: the OCI runtime that podman is given only keeps the config.json it gets. Everything podman
would write outside of the test's folder is on a tmpfs over /run in a mount namespace of the test's own."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

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
mkdir /run/cdi
[ -z "$1" ] || cp "$KEPT/$1" /run/cdi/
shift
exec timeout 60 podman "$@"
"""


class Skip(Exception):
    pass


class Podman:
    def __init__(self, sample, folder):
        self.sample = sample
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
        self.env = {**os.environ, "KEPT": str(folder), "CONTAINERS_CONF": str(folder / "containers.conf"),
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


CLAIMS = [
    ("podman accepts the JSON we write by default", accepts_json),
    ("podman reads the same from our YAML", accepts_yaml),
    ("podman 4 refuses a version that is higher", refuses_what_is_newer),
    ("our edits to config.json are podman's", applies_the_same),
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
        podman = None if reason else Podman(os.path.realpath(sys.argv[1]), pathlib.Path(folder))
        for number, (title, function) in enumerate(CLAIMS, 1):
            if reason:
                print(f"ok {number} - {title} # SKIP {reason}")
            else:
                ok = attempt(number, title, function, podman) and ok
    print(f"1..{len(CLAIMS)}")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())

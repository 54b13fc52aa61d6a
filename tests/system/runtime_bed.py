# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""runtime_bed.py - bundles for nvbind-runtime, and claims about it told as TAP.

All of it happens in mount and pid namespaces of its own: the test starts itself again inside. The
root of a bundle is empty but for the machine's /usr, which is bound into it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import uuid

CAPS = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
        "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_MKNOD", "CAP_AUDIT_WRITE"]
claims = []


class Skip(Exception):
    pass


def claim(text):
    def register(function):
        claims.append((text, function))
        return function

    return register


def that(condition, message):
    if not condition:
        raise AssertionError(message)


def same(got, want, what=""):
    that(got == want, f"{what + ': ' if what else ''}got {got!r}, want {want!r}")


def default_config():
    """What podman would write, about."""
    usual = ["nosuid", "noexec", "nodev"]
    return {
        "ociVersion": "1.0.2",
        "process": {
            "terminal": False, "user": {"uid": 0, "gid": 0}, "args": ["true"], "cwd": "/",
            "env": ["PATH=/usr/bin:/bin:/usr/sbin", "TERM=xterm"], "noNewPrivileges": True,
            "capabilities": {"bounding": CAPS, "effective": CAPS, "permitted": CAPS, "inheritable": [], "ambient": []},
        },
        "root": {"path": "rootfs", "readonly": False},
        "hostname": "box",
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc"},
            {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755"]},
            {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
             "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
            {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": [*usual, "mode=1777"]},
            {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue", "options": usual},
            {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": [*usual, "ro"]},
            {"destination": "/usr", "type": "bind", "source": "/usr", "options": ["rbind", "ro"]},
        ],
        "linux": {
            "namespaces": [{"type": name} for name in ["pid", "ipc", "uts", "mount", "network"]],
            "maskedPaths": ["/proc/kcore", "/proc/acpi", "/sys/firmware"],
            "readonlyPaths": ["/proc/sys", "/proc/sysrq-trigger"],
        },
    }


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def ok(self):
        same(self.status, 0, f"status (stderr: {self.err.strip()!r})")
        return self

    def fails(self, *pieces):
        that(self.status != 0, f"it succeeded: {self.out!r}")
        for piece in pieces:
            that(piece in self.err, f"want {piece!r} in {self.err!r}")
        return self


class Bed:
    """A directory for records and bundles."""

    def __init__(self, program):
        self.program = program
        self.dir = tempfile.mkdtemp(prefix="nvbind-oci-")
        self.root = os.path.join(self.dir, "state")
        self.ids = []

    def call(self, *words, before=(), timeout=20, **more):
        line = [self.program, "--root", self.root, *before, *words]
        if os.environ.get("VERBOSE"):
            print("#", *line)
        return Result(subprocess.run(line, capture_output=True, text=True, timeout=timeout, check=False,
                                     **{"stdin": subprocess.DEVNULL, **more}))

    def new_id(self):
        self.ids.append("nvbind-test-" + uuid.uuid4().hex[:10])
        return self.ids[-1]

    def bundle(self, change=None, args=None):
        """A new bundle; `change` alters its config."""
        path = tempfile.mkdtemp(prefix="bundle-", dir=self.dir)
        os.chmod(path, 0o755)
        rootfs = os.path.join(path, "rootfs")
        for name in ["usr", "proc", "dev", "sys", "tmp", "etc"]:
            os.makedirs(os.path.join(rootfs, name))
        for name in ["bin", "sbin", "lib", "lib64"]:
            if os.path.islink("/" + name):
                os.symlink("usr/" + name, os.path.join(rootfs, name))
        config = default_config()
        if args:
            config["process"]["args"] = args
        if change:
            change(config)
        self.write(path, config)
        return path

    def write(self, bundle, config):
        with open(os.path.join(bundle, "config.json"), "w", encoding="utf-8") as file:
            json.dump(config, file)

    def run(self, args, change=None, **more):
        """A container from its beginning to its end."""
        return self.call("run", "--bundle", self.bundle(change, args), self.new_id(), **more)

    def sh(self, script, change=None, **more):
        return self.run(["sh", "-c", script], change, **more)

    def state(self, id_):
        return json.loads(self.call("state", id_).ok().out)

    def until(self, id_, status, limit_s=5):
        end = time.monotonic() + limit_s
        while self.state(id_)["status"] != status:
            that(time.monotonic() < end, f"{id_} is {self.state(id_)['status']}, not {status}")
            time.sleep(0.01)

    def create(self, args=("sleep", "60"), change=None, **more):
        """A created container and its bundle. Its output goes to files, since a pipe would be held open."""
        id_ = self.new_id()
        path = self.bundle(change, list(args))
        with open(os.path.join(path, "out"), "w", encoding="utf-8") as out:
            line = [self.program, "--root", self.root, "create", "--bundle", path, id_]
            done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=out, stderr=out, timeout=20, check=False, **more)
        with open(os.path.join(path, "out"), encoding="utf-8") as told:
            same(done.returncode, 0, f"create ({told.read().strip()})")
        return id_, path

    def started(self, *words, **more):
        id_, path = self.create(*words, **more)
        self.call("start", id_).ok()
        return id_, path

    def end(self):
        for id_ in self.ids:
            self.call("delete", "--force", id_)
        shutil.rmtree(self.dir)


def tell(number, text, function, bed):
    try:
        function(bed)
        print(f"ok {number} - {text}", flush=True)
        return True
    except Skip as why:
        print(f"ok {number} - {text} # SKIP {why}", flush=True)
        return True
    except Exception:  # whatever it is, it is told and the next claim tried
        for line in traceback.format_exc().splitlines():
            print("#", line)
        print(f"not ok {number} - {text}", flush=True)
        return False


def main():
    if os.geteuid() != 0:
        print("1..0 # SKIP needs root")
        return
    if os.environ.get("NVBIND_TEST_INSIDE") != "1":
        line = ["unshare", "-m", "-p", "-f", "--mount-proc", "--propagation", "private", sys.executable, *sys.argv]
        sys.exit(subprocess.run(line, env={**os.environ, "NVBIND_TEST_INSIDE": "1"}, check=False).returncode)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    wanted = sys.argv[2:]
    bed = Bed(os.path.abspath(sys.argv[1]))
    chosen = [c for c in claims if not wanted or any(word in c[0] for word in wanted)]
    print(f"1..{len(chosen)}", flush=True)
    good = True
    try:
        for number, (text, function) in enumerate(chosen, 1):
            good = tell(number, text, function, bed) and good
    finally:
        bed.end()
    sys.exit(0 if good else 1)

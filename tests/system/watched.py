# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""watched.py - a machine that goes on while a test changes it: mount and network namespaces of their own, in
which /sys, /dev, /etc, /run and /proc/driver tell of GPUs that are not there. What the kernel would announce is sent by
Stage.event(), into the network namespace alone."""

import os
import platform
import signal
import socket
import subprocess
import sys
import time

from harness import Skip, TIMEOUT_S, that, until

# Runs in the namespaces until its standard input ends.
STAGE = r"""
set -e
mount --make-rprivate /
mount -t tmpfs stage /mnt
gpu() { # ADDRESS VENDOR DEVICE DRIVER NUMBER
    d=/mnt/pci/$1; mkdir -p $d/drm/card$5 $d/drm/renderD$((128 + $5)) /mnt/drivers/$4
    echo 0x$2 >$d/vendor; echo 0x$3 >$d/device; echo 0x030000 >$d/class; ln -s /mnt/drivers/$4 $d/driver
    for n in card$5 renderD$((128 + $5)); do mknod -m 666 /mnt/dev/dri/$n c 1 3; done
}
mkdir -p /mnt/pci /mnt/dev/dri /mnt/dev/pts /mnt/dev/shm /mnt/etc/cdi /mnt/driver
cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /mnt/dev/
for file in passwd group nsswitch.conf ld.so.cache; do [ ! -e /etc/$file ] || cp -a /etc/$file /mnt/etc/; done
@GPUS@
mount --bind /mnt/driver /proc/driver
mount --bind /mnt/pci /sys/bus/pci/devices
mount --bind /mnt/etc /etc
mount --bind /mnt/dev /dev
mount -t tmpfs run /run
mkdir /run/cdi
echo ready
cat >/dev/null
"""

AMD = "gpu 0000:03:00.0 1002 73bf amdgpu 0"
NVIDIA = """
gpu 0000:01:00.0 10de 20b0 nvidia 0
for n in nvidia0 nvidiactl nvidia-uvm nvidia-modeset; do mknod -m 666 /mnt/dev/$n c 1 3; done
d=/mnt/driver/nvidia; mkdir -p $d/gpus/0000:01:00.0 $d/capabilities/gpu0/mig /mnt/driver/nvidia-caps
echo 'NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.163.01  Tue Apr  8 2025' >$d/version
printf 'Model: \\t\\t A100\\nGPU UUID: \\t GPU-0\\nDevice Minor: \\t 0\\n' >$d/gpus/0000:01:00.0/information
echo 'gpu0/gi1/access 12
gpu0/gi1/ci0/access 13' >/mnt/driver/nvidia-caps/mig-minors
"""

# Send a kernel's event: only listeners in this network namespace hear it.
SEND = """
import socket, sys
s = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15)
s.sendto("\\0".join(sys.argv[1:]).encode() + b"\\0", (0, 1))"""

# Run a program that may not make certain sockets or watches: seccomp(2), written out by hand.
DENY = """
import ctypes, os, struct, sys
EPERM = 0x00050001
socket, inotify = 41, 294  # x86-64
rules = [(0x20, 0, 0, 0)]  # load the call's number
if "netlink" in sys.argv[1]:
    rules += [(0x15, 0, 3, socket), (0x20, 0, 0, 16), (0x15, 0, 1, 16), (0x06, 0, 0, EPERM), (0x20, 0, 0, 0)]
if "inotify" in sys.argv[1]:
    rules += [(0x15, 0, 1, inotify), (0x06, 0, 0, EPERM)]
rules += [(0x06, 0, 0, 0x7fff0000)]
code = b"".join(struct.pack("HBBI", *rule) for rule in rules)
held = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxP", len(rules), ctypes.addressof(held))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0):
    sys.exit(f"no filter: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[2], sys.argv[2:])"""

# Say each file that is opened of those given, or in the directories given.
OPENS = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
fd = libc.inotify_init1(os.O_NONBLOCK)
paths = {libc.inotify_add_watch(fd, path.encode(), 0x20): path for path in sys.argv[1:]}
if -1 in paths:
    sys.exit(paths[-1] + ": " + os.strerror(ctypes.get_errno()))
print("ready", flush=True)
sys.stdin.read()
try:
    data = os.read(fd, 65536)
except BlockingIOError:
    data = b""
while data:
    wd, mask, _, length = struct.unpack("iIII", data[:16])
    if not mask & 0x40000000:  # a directory was listed: that wakes nobody
        print(paths[wd], data[16:16 + length].split(b"\\0")[0].decode())
    data = data[16 + length:]"""

SPEC = "/run/cdi/gpu.json"


class Stage:
    """Commands run as root unless told, also where the caller is an ordinary user."""

    def __init__(self, caller, gpus=AMD):
        if os.getuid() != 0:
            raise Skip("needs root to make the machine")
        if os.path.isdir("/dev/dri") or os.path.exists("/proc/driver/nvidia"):
            raise Skip("this machine has GPUs of its own")
        self.caller = caller
        self.keeper = self.popen(["unshare", "--mount", "--net", "sh", "-c", STAGE.replace("@GPUS@", gpus)])
        said = self.keeper.stdout.readline()
        if said != b"ready\n":
            why = self.keeper.stderr.read().decode().strip()
            that(why.startswith("unshare:") or "mount:" in why, why)
            raise Skip(f"no namespaces: {why}")
        self.top = f"/proc/{self.keeper.pid}/root"

    def popen(self, command, env=None, **options):
        for name in ("stdin", "stdout", "stderr"):
            options.setdefault(name, subprocess.PIPE)
        process = subprocess.Popen(command, env={**self.caller.env, **(env or {})}, cwd=self.caller.home, **options)
        self.caller.tidy.append(process)
        return process

    def inside(self):
        return ["nsenter", "-t", str(self.keeper.pid), "-m", "-n", "--"]

    def as_caller(self):
        """Words before a command that make it the caller's own."""
        uid = self.caller.uid
        return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--"] if uid else []

    def run(self, *words, env=None):
        return self.caller.finish(self.popen([*self.inside(), *words], env=env))

    def sh(self, script):
        return self.run("sh", "-ec", script).ok().out

    def event(self, path, **values):
        fields = {"ACTION": "change", "DEVPATH": path, **values}
        self.run(sys.executable, "-c", SEND, f"{fields['ACTION']}@{path}", *(f"{k}={v}" for k, v in fields.items())).ok()

    def path(self, path):
        """The same file, seen from here."""
        return self.top + path

    def read(self, path=SPEC):
        try:
            with open(self.path(path), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return None

    def generate(self, *words, path=SPEC, env=None):
        self.run(self.caller.nvbind, "cdi", "generate", "--no-view", *words, "--output", path, env=env).ok()
        return self.read(path)

    def watch(self, *words, deny=None, env=None):
        """A watcher, after its first look."""
        command = [self.caller.nvbind, "cdi", "refresh", "--watch", *words]
        if deny:
            if platform.machine() != "x86_64":
                raise Skip("the filter is written for x86-64")
            command = [sys.executable, "-c", DENY, deny, *command]
        return Watcher(self, command, env)


def write_library(path, soname):
    """An empty ELF file with that soname, as tests/machines has them."""
    code = "import sys; sys.path.insert(0, sys.argv[1]); import elf; " \
           "open(sys.argv[2], 'wb').write(elf.shared_object(sys.argv[3], ()))"
    machines = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../machines")
    subprocess.run([sys.executable, "-B", "-c", code, machines, path, soname], check=True)


class Watcher:
    """`cdi refresh --watch` on a stage; what it says is in .out() and .err()."""

    def __init__(self, stage, command, env=None):
        self.folder = stage.caller.dir("watch")
        self.notify = NotifySocket(self.folder + "/notify")
        with open(self.folder + "/out", "wb") as out, open(self.folder + "/err", "wb") as err:
            self.process = stage.popen([*stage.inside(), *command], stdout=out, stderr=err, start_new_session=True,
                                       env={"NOTIFY_SOCKET": self.notify.path, **(env or {})})
        self.notify.wait(lambda: that(self.process.poll() is None, f"it ended: {self.err()}"))

    def said(self, name):
        with open(f"{self.folder}/{name}", encoding="utf-8") as file:
            return file.read()

    def out(self):
        return self.said("out")

    def err(self):
        return self.said("err")

    def until_out(self, text):
        until(lambda: text in self.out(), f"want {text!r} in its output")

    def cpu_ticks(self):
        """Of it and of the children that it waited for."""
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            return sum(map(int, file.read().rsplit(")", 1)[1].split()[11:15]))

    def wakeups(self):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return int(next(line for line in file if line.startswith("voluntary")).split()[1])

    def end(self, number=signal.SIGTERM):
        """(status, seconds it took)"""
        begin = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(timeout=TIMEOUT_S)
        return status, time.monotonic() - begin

    def kill(self):
        """It and its child, with no chance to tidy up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=TIMEOUT_S)


class NotifySocket:
    """What systemd would give it. A file: names without one belong to a network namespace."""

    def __init__(self, path):
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.socket.settimeout(0.1)

    def wait(self, check):
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            try:
                that(self.socket.recv(64) == b"READY=1", "it told something else")
                return
            except TimeoutError:
                check()
        raise AssertionError("it never told that it is ready")

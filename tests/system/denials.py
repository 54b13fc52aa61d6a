#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""What a container may not do: every denial is tried from inside (attempts.py), and what can be is
also tried outside, so that a denial is known to come from the sandbox and not from a wrong call."""

import functools
import glob
import json
import os
import subprocess
import sys

from harness import PYTHON, QUIET, Skip, claim, main, same, that
from refusals import ATTEMPTS, NAMES, ON_A_TTY, is_refused

# The sandbox for Steam and Proton lets programs make sandboxes of their own.
STEAM_ALLOWS = {"unshare_user", "clone_user", "clone3_user"}
HARMLESS = {"i386_getpid"}
STEAM_MAY = STEAM_ALLOWS | HARMLESS | {"i386_unshare_user", "i386_clone_user", "mount_tmpfs", "mount_bind", "remount_usr", "new_mount_api", "clone_mount", "umount_proc",
                            "pivot_root", "chroot", "unshare_net", "setns"}


@functools.lru_cache(maxsize=None)
def outcomes(caller, sandbox):
    """Every attempt, once a caller and sandbox."""
    return caller.python(ATTEMPTS, *(n for n in NAMES if n not in ON_A_TTY), opts=["--sandbox", sandbox]).json()


def deny(name):
    @claim(f"strict: {name.replace('_', ' ')} is refused")
    def denied(caller):
        word = outcomes(caller, "strict")[name]
        that(is_refused(name, word), f"outcome {word}")


for attempt_name in NAMES:
    if attempt_name not in ON_A_TTY | HARMLESS:
        deny(attempt_name)


@claim("steam: user namespaces are allowed")
def steam_allows(caller):
    found = outcomes(caller, "steam")
    for name in STEAM_ALLOWS:
        same(found[name], "ok", name)


@claim("steam: a sandbox within works, with mounts and a /proc of its own")
def nested(caller):
    words = ["/usr/bin/unshare", "--user", "--map-root-user", "--mount", "--pid", "--fork", "--mount-proc", "/bin/sh", "-c",
             "mount -t tmpfs x /tmp && test -e /proc/self/status && echo nested"]
    same(caller.run(*words, opts=["--sandbox", "steam"]).ok().out, "nested\n")
    that(caller.run(*words).status != 0, "works under strict, too")


@claim("steam: all else that strict refuses is refused")
def steam_denies(caller):
    found = outcomes(caller, "steam")
    wrong = {name: word for name, word in found.items() if name not in STEAM_MAY and not is_refused(name, word)}
    same(wrong, {})


@claim("32-bit programs can run where the kernel has them at all")
def runs_32_bit(caller):
    outside = subprocess.run(["unshare", "--user", "--map-root-user", "--pid", "--fork", PYTHON, "-I",
                              "-S", "-c", ATTEMPTS, "i386_getpid"], capture_output=True, text=True, check=True)
    word = json.loads(outside.stdout)["i386_getpid"]
    if word != "ok":
        raise Skip(f"this kernel has no 32-bit calls: {word}")
    same(outcomes(caller, "steam")["i386_getpid"], "ok")


@claim("steam: mounts outside of an own namespace are refused")
def steam_mounts(caller):
    found = outcomes(caller, "steam")
    for name in ("mount_tmpfs", "mount_bind", "remount_usr", "umount_proc", "pivot_root", "chroot", "unshare_net"):
        that(is_refused(name, found[name]), f"{name}: {found[name]}")


@claim("characters cannot be pushed back into the terminal")
def no_tty_injection(caller):
    code = "import os,pty,sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    outside = [PYTHON, "-c", code, caller.nvbind, "run", *QUIET, "-t"]
    for sandbox in ("strict", "steam"):
        done = caller.finish(caller.start([*outside, "--sandbox", sandbox, "host", PYTHON, "-I", "-S", "-c", ATTEMPTS,
                                           *sorted(ON_A_TTY)])).ok()
        for name, word in json.loads(done.out[done.out.index("{"):]).items():
            that(is_refused(name, word) and word != "ENXIO", f"{name}, sandbox {sandbox}: {word}")


@claim("the attempts are real: with the power to do them they succeed", only="root", why="needs root's powers")
def control(caller):
    harmless = ["mount_tmpfs", "mount_bind", "new_mount_api", "clone_mount", "chroot", "unshare_user", "clone_user",
                "clone3_user", "setns", "add_key", "keyctl", "perf_event_open", "set_hostname", "userfaultfd",
                "make_block_device", "make_char_device", "raw_socket", "packet_socket", "i386_unshare_user", "i386_keyctl", "oom_score_lower", "nice_up"]
    done = subprocess.run(["unshare", "--mount", "--uts", "--net", "--ipc", "--pid", "--fork", "--mount-proc", "sh",
                           "-c", 'mount -t tmpfs tmpfs /tmp && exec "$@"', "sh", PYTHON, "-I", "-S", "-c", ATTEMPTS,
                           *harmless], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    # A machine in a sandbox of its own may lack one or another; half of them would be a broken test.
    failed = {name: word for name, word in found.items() if word != "ok"}
    that(len(failed) <= 4, f"not even root outside could: {failed}")
    for name in ("mount_tmpfs", "new_mount_api", "unshare_user", "clone3_user", "add_key", "set_hostname"):
        same(found[name], "ok", name)


@claim("secrets of /etc cannot be read")
def secrets(caller):
    paths = [p for pattern in ("/etc/shadow*", "/etc/gshadow*", "/etc/sudoers", "/etc/ssh/ssh_host_*_key",
                               "/etc/ssl/private/*") for p in glob.glob(pattern)]
    that(paths, "this machine has no /etc/shadow to try")
    for sandbox in ("strict", "steam"):
        code = "import json,os,sys\nprint(json.dumps([p for p in sys.argv[1:] if os.access(p, os.R_OK)]))"
        same(caller.python(code, *paths, opts=["--sandbox", sandbox]).json(), [], f"readable, sandbox {sandbox}")


@claim("the host's homes, /tmp, /run and other data are not there", only="root", why="only root can lay the marks")
def no_host_data(caller):
    marks = []
    for top in ("/root", "/home", "/tmp", "/run", "/var/tmp", "/dev/shm", "/mnt", "/media", "/srv", "/var/lib", "/var/log"):
        if os.path.isdir(top) and os.access(top, os.W_OK):
            marks.append(os.path.join(top, f"nvbind-proof-mark-{os.getpid()}"))
    try:
        for mark in marks:
            open(mark, "w", encoding="ascii").close()
        code = "import json,os,sys\nprint(json.dumps([p for p in sys.argv[1:] if os.path.lexists(p)]))"
        same(caller.python(code, *marks).json(), [], "seen inside")
    finally:
        for mark in marks:
            if os.path.exists(mark):
                os.unlink(mark)


@claim("/home and /root show nothing but the container's own home")
def own_home_only(caller):
    code = """
import json, os
def names(path):
    try:
        return os.listdir(path)
    except OSError:
        return []
print(json.dumps([names("/root"), names("/home"), os.environ["HOME"]]))"""
    root, homes, home = caller.python(code).json()
    same(root, [], "/root")
    that(set(homes) <= {home.split("/")[-1]}, f"/home has {homes}")


@claim("what is written to the image's files never reaches the host")
def host_files_are_safe(caller):
    targets = ["/usr/nvbind-proof", "/usr/bin/nvbind-proof", "/etc/nvbind-proof", "/opt/nvbind-proof"]
    existing = ["/usr/bin/true", "/etc/hostname", "/etc/passwd", "/usr/lib/os-release"]
    before = [(os.stat(p).st_mtime_ns, os.stat(p).st_size, os.stat(p).st_mode) for p in existing]
    caller.sh(f"for f in {' '.join(targets + existing)}; do echo x >>$f; chmod 777 $f; mv $f $f.x; rm -f $f; done; true",
              stderr=subprocess.DEVNULL)
    same([p for p in targets if os.path.lexists(p)], [], "made on the host")
    same([(os.stat(p).st_mtime_ns, os.stat(p).st_size, os.stat(p).st_mode) for p in existing], before, "changed")


@claim("writes into the writable layer are gone with the container")
def layer_is_private(caller):
    caller.sh("echo x >/tmp/note && echo x >$HOME/note").ok()
    same(caller.answer("/bin/sh", "-c", "ls -A /tmp; ls $HOME/note 2>/dev/null; true"), "")


@claim("--read-only leaves nothing of the image's files writable")
def read_only(caller):
    code = """
import json, os
print(json.dumps([p for p in ("/", "/usr", "/etc", "/bin", "/usr/bin", "/opt", "/var") if os.access(p, os.W_OK)]))"""
    same(caller.python(code, opts=["--read-only"]).json(), [])


ABSTRACT = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
try:
    s.connect("\\0" + sys.argv[1])
    print("connected")
except OSError as error:
    print(error.strerror)"""


@claim("abstract sockets, as X11's, are out of reach without the host's network, and within it with")
def abstract_sockets(caller):
    import socket
    name = f"nvbind-proof/X{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0" + name)
        server.listen()
        same(caller.python(ABSTRACT, name).ok().out.strip(), "Connection refused")
        same(caller.python(ABSTRACT, name, quiet=["--gpu", "none", "--network", "host"]).ok().out.strip(), "connected")


@claim("the only network interface is a loopback that works, and it is the default")
def loopback_alone(caller):
    code = """
import json, socket
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
print(json.dumps([name for _, name in socket.if_nameindex()]))"""
    same(caller.python(code).json(), ["lo"])
    same(caller.python(code, quiet=["--gpu", "none"]).json(), ["lo"], "without --network")


@claim("a server on the host's loopback cannot be reached")
def host_loopback(caller):
    import socket
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = "import socket,sys\nsocket.create_connection(('127.0.0.1', int(sys.argv[1])), 2)"
        done = caller.python(code, str(server.getsockname()[1]))
        that(done.status == 1 and "refused" in done.err, f"status {done.status}: {done.err}")


@claim("the host's processes are invisible and cannot be signalled")
def host_processes(caller):
    code = """
import json, os, sys
seen = {}
for pid in filter(str.isdigit, os.listdir("/proc")):
    seen[pid] = open(f"/proc/{pid}/cmdline").read()
try:
    os.kill(int(sys.argv[1]), 0)
    killed = True
except OSError:
    killed = False
print(json.dumps([seen, killed and sys.argv[1] not in seen]))"""
    seen, killed = caller.python(code, str(os.getpid())).json()
    that(len(seen) <= 3, f"processes {seen}")
    same(killed, False, "a signal to the host")


@claim("/proc/1/root is refused or the container's own")
def pid_1_root(caller):
    code = """
import json, os
try:
    a, b = os.stat("/proc/1/root"), os.stat("/")
    print(json.dumps((a.st_dev, a.st_ino) == (b.st_dev, b.st_ino)))
except PermissionError:
    print("true")"""
    same(caller.python(code).json(), True)


@claim("System V and POSIX IPC of the host is invisible")
def host_ipc(caller):
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    key = 0x6E760000 | os.getpid() & 0xFFFF
    segment = libc.shmget(key, 4096, 0o1666)
    that(segment >= 0, f"cannot make a segment: {os.strerror(ctypes.get_errno())}")
    try:
        code = "import ctypes,sys\nprint(ctypes.CDLL(None).shmget(int(sys.argv[1]), 0, 0))"
        same(caller.python(code, str(key)).ok().out.strip(), "-1", "shmget")
        done = subprocess.run([PYTHON, "-c", code, str(key)], capture_output=True, text=True, check=True)
        same(done.stdout.strip(), str(segment), "shmget outside")
    finally:
        libc.shmctl(segment, 0, None)


@claim("no open file of the caller is inherited beyond the first three")
def no_descriptors(caller):
    fds = [os.open("/", os.O_RDONLY | os.O_DIRECTORY) for _ in range(100)]
    try:
        code = """
import json, os
print(json.dumps({fd: os.readlink("/proc/self/fd/" + fd) for fd in os.listdir("/proc/self/fd")
                  if os.path.lexists("/proc/self/fd/" + fd)}))"""
        seen = caller.python(code, pass_fds=fds).json()
    finally:
        for fd in fds:
            os.close(fd)
    same({int(fd) for fd in seen}, {0, 1, 2}, f"{seen}")


@claim("the caller's variables stay outside, those of -e come in")
def no_environment(caller):
    secret = {"NVBIND_PROOF_SECRET": "swordfish", "LD_LIBRARY_PATH": "/nowhere", "SSH_AUTH_SOCK": "/x", "SUDO_USER": "x",
              "DBUS_SESSION_BUS_ADDRESS": "unix:path=/x", "NVIDIA_VISIBLE_DEVICES": "all"}
    text = caller.answer("/usr/bin/env", opts=["-e", "GIVEN=a b", "-e", "PASSED"], env={**secret, "PASSED": "on"})
    found = dict(line.split("=", 1) for line in text.splitlines())
    same({name for name in secret if name in found} - {"NVIDIA_VISIBLE_DEVICES"}, set(), "leaked")
    that(found.get("NVIDIA_VISIBLE_DEVICES") in (None, "void"), f"{found.get('NVIDIA_VISIBLE_DEVICES')}")
    same((found["GIVEN"], found["PASSED"]), ("a b", "on"))
    that("swordfish" not in text and caller.home not in text, "a value of the caller's")


@claim("the environment of pid 1 tells nothing of the caller either")
def no_environment_of_pid_1(caller):
    code = """
try:
    print(open("/proc/1/environ", "rb").read())
except OSError as error:
    print(error.strerror)"""
    text = caller.python(code, env={"NVBIND_PROOF_SECRET": "swordfish"}).ok().out
    that("swordfish" not in text, "seen in /proc/1/environ")


@claim("the caller's directory does not leak, by no /proc/self/fd either (CVE-2024-21626)")
def no_working_directory(caller):
    secret = caller.dir("secret")
    caller.file(secret + "/mark")
    look = "ls; pwd -P; ls -d ../../../../work ../../../tmp/nvbind-proof* 2>/dev/null"
    out = caller.sh(look, cwd=secret).out
    that("mark" not in out and "nvbind-proof" not in out, f"saw {out!r}")
    fd = os.open(secret, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for n in sorted({3, 4, 5, 6, 7, 8, 9, 10, 11, 12, fd}):
            done = caller.sh("ls", opts=["-w", f"/proc/self/fd/{n}"], pass_fds=[fd], cwd=secret)
            that("mark" not in done.out, f"-w /proc/self/fd/{n} shows the caller's directory")
    finally:
        os.close(fd)


@claim("setuid programs give nothing")
def setuid_programs(caller):
    for path in ("/usr/bin/mount", "/usr/bin/su", "/usr/bin/passwd", "/usr/bin/newuidmap", "/usr/bin/sudo"):
        if os.path.exists(path) and os.stat(path).st_mode & 0o4000:
            break
    else:
        raise Skip("no setuid program on this machine")
    script = """
mount -t tmpfs x /tmp 2>/dev/null && echo mounted
su -c 'id -u' root </dev/null 2>/dev/null
cp /usr/bin/id /tmp/id; chmod 4755 /tmp/id 2>/dev/null; /tmp/id -u
true"""
    same(caller.sh(script).ok().out.split(), ["1000"])
    code = """
import json, os
found = []
for line in open("/proc/self/mounts"):
    where, options = line.split()[1], line.split()[3].split(",")
    if "nosuid" not in options and os.path.isdir(where):
        found.append(where)
print(json.dumps(found))"""
    same(caller.python(code).json(), [], "mounts where setuid programs would count")


@claim("device files count nowhere but in /dev")
def nodev_everywhere(caller):
    code = """
import json
found = []
for line in open("/proc/self/mounts"):
    where, options = line.split()[1], line.split()[3].split(",")
    if "nodev" not in options and where != "/dev" and not where.startswith("/dev/") and not where.startswith("/proc/"):
        found.append(where)
print(json.dumps(found))"""
    same(caller.python(code).json(), [])


@claim("no mount of the container shows on the host while it runs")
def mounts_stay_inside(caller):
    before = open("/proc/self/mounts", encoding="utf-8").read()
    process = caller.begin("/bin/sh", "-c", "echo ready; exec sleep 60")
    same(process.stdout.readline(), b"ready\n")
    same(open("/proc/self/mounts", encoding="utf-8").read(), before)


@claim("a mount made on the host later does not show inside", only="root", why="only root can mount")
def host_mounts_stay_outside(caller):
    target = caller.dir("late")
    process = caller.begin("/bin/sh", "-c", "echo ready; read x; grep -c late /proc/self/mounts",
                           opts=["-i"], stdin=subprocess.PIPE)
    same(process.stdout.readline(), b"ready\n")
    subprocess.run(["mount", "-t", "tmpfs", "late", target], check=True)
    try:
        same(caller.finish(process, b"go\n").out.strip(), "0")
    finally:
        subprocess.run(["umount", target], check=True)


if __name__ == "__main__":
    sys.exit(main())

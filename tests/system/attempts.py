# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""attempts.py - forbidden things, really tried: text for `python3 -c`, inside a container.

Prints {"attempt": "ok", the errno or the signal} as JSON for the names given. Each attempt has a
process of its own, so that it may succeed without disturbing the next one. Arguments are such
that a process with the power to do it would succeed: EINVAL or EFAULT is no denial."""

import ctypes
import errno
import json
import mmap
import os
import socket
import struct
import sys

libc = ctypes.CDLL(None, use_errno=True)
attempts = {}

NR = {"ptrace": 101, "pivot_root": 155, "mount": 165, "umount2": 166, "swapon": 167, "reboot": 169,
      "sethostname": 170, "iopl": 172, "init_module": 175, "clone": 56, "kexec_load": 246, "add_key": 248,
      "request_key": 249, "keyctl": 250, "unshare": 272, "perf_event_open": 298, "open_by_handle_at": 304,
      "setns": 308, "process_vm_readv": 310, "bpf": 321, "userfaultfd": 323, "chroot": 161, "settimeofday": 164,
      "fsopen": 430, "open_tree": 428, "clone3": 435, "fanotify_init": 300, "acct": 163, "mknod": 133}
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET, SIGCHLD = 0x20000, 0x10000000, 0x40000000, 17


def attempt(function):
    attempts[function.__name__] = function
    return function


def call(name, *args):
    """The bare system call; text becomes bytes, None a null pointer."""
    words = [ctypes.c_char_p(a.encode()) if isinstance(a, str) else
             ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    result = libc.syscall(ctypes.c_long(NR[name]), *words)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return result


@attempt
def mount_tmpfs():
    call("mount", "tmpfs", "/tmp", "tmpfs", 0, None)


@attempt
def mount_bind():
    call("mount", "/tmp", "/tmp", None, 4096, None)


@attempt
def remount_usr():
    call("mount", None, "/usr", None, 4096 | 32, None)


@attempt
def new_mount_api():
    call("fsopen", "tmpfs", 1)


@attempt
def clone_mount():
    call("open_tree", -100, "/usr", 1)


@attempt
def umount_proc():
    call("umount2", "/proc", 2)


@attempt
def pivot_root():
    os.chdir("/")
    call("pivot_root", ".", ".")


@attempt
def chroot():
    call("chroot", "/tmp")


@attempt
def unshare_user():
    call("unshare", CLONE_NEWUSER)


@attempt
def unshare_net():
    call("unshare", CLONE_NEWNET)


@attempt
def clone_user():
    pid = call("clone", CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@attempt
def clone3_user():
    """A filter cannot look into clone3's struct, so strict must refuse the whole call."""
    pid = call("clone3", struct.pack("8Q", CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0), 64)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@attempt
def setns():
    call("setns", os.open("/proc/self/ns/net", os.O_RDONLY), CLONE_NEWNET)


@attempt
def add_key():
    call("add_key", "user", "nvbind-proof", b"x", 1, -2)


@attempt
def request_key():
    call("request_key", "keyring", "_uid.0", None, -2)


@attempt
def keyctl():
    call("keyctl", 0, -2, 1)


@attempt
def bpf():
    call("bpf", 0, struct.pack("4I", 2, 4, 4, 1) + bytes(64), 80)


@attempt
def perf_event_open():
    attr = struct.pack("IIQQQQQ", 1, 112, 0, 0, 0, 0, 0x60) + bytes(64)  # cpu clock, user space only
    call("perf_event_open", attr, 0, -1, -1, 0)


@attempt
def ptrace_pid_1():
    call("ptrace", 0x4206, 1, 0, 0)


@attempt
def process_vm_readv_pid_1():
    buffer = ctypes.create_string_buffer(8)
    vector = struct.pack("2Q", ctypes.addressof(buffer), 8)
    start = int(open("/proc/1/maps").read().split("-", 1)[0], 16)
    call("process_vm_readv", 1, vector, 1, struct.pack("2Q", start, 8), 1, 0)


@attempt
def write_pid_1_exe():
    os.open("/proc/1/exe", os.O_WRONLY)


@attempt
def write_own_exe():
    os.open("/proc/self/exe", os.O_WRONLY)


@attempt
def write_pid_1_mem():
    os.open("/proc/1/mem", os.O_RDWR)


@attempt
def read_kcore():
    that_has_bytes("/proc/kcore")


@attempt
def read_keys():
    that_has_bytes("/proc/keys")


@attempt
def read_kmsg():
    that_has_bytes("/dev/kmsg")


def that_has_bytes(path):
    if not os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 1):
        raise OSError(errno.ENOENT, "empty")


@attempt
def open_sysrq():
    os.open("/proc/sysrq-trigger", os.O_WRONLY)


@attempt
def write_sysctl():
    fd = os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY)
    os.close(fd)


@attempt
def write_uevent_helper():
    os.open("/sys/kernel/uevent_helper", os.O_WRONLY)


@attempt
def kexec_load():
    call("kexec_load", 0, 0, None, 0)


@attempt
def reboot_cad_off():
    call("reboot", 0xFEE1DEAD - (1 << 32), 672274793, 0, None)


@attempt
def init_module():
    call("init_module", bytes(64), 64, "")


@attempt
def iopl():
    call("iopl", 3)


@attempt
def swapon():
    call("swapon", "/tmp", 0)


@attempt
def accounting():
    call("acct", None)


@attempt
def set_clock():
    now = struct.pack("2q", 1, 0)
    call("settimeofday", now, None)


@attempt
def set_hostname():
    call("sethostname", "proof", 5)


@attempt
def open_by_handle():
    handle = struct.pack("Ii", 8, 1) + struct.pack("II", 2, 0)
    call("open_by_handle_at", os.open("/usr", os.O_RDONLY), handle, 0)


@attempt
def userfaultfd():
    call("userfaultfd", 0)


@attempt
def fanotify():
    call("fanotify_init", 0, 0)


@attempt
def tiocsti():
    import fcntl
    fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x5412, b"#")


@attempt
def tiocsti_high_bits():
    """The kernel looks at 32 bits of the command, a careless filter at 64."""
    fd = os.open("/dev/tty", os.O_RDWR)
    if libc.syscall(ctypes.c_long(16), ctypes.c_long(fd), ctypes.c_ulong(0x100005412), ctypes.c_char_p(b"#")) < 0:
        raise OSError(ctypes.get_errno(), "ioctl")


@attempt
def tioclinux():
    import fcntl
    fcntl.ioctl(os.open("/dev/tty", os.O_RDWR), 0x541C, b"\x02")


@attempt
def make_block_device():
    os.mknod("/tmp/disk", 0o60600, os.makedev(254, 0))


@attempt
def make_char_device():
    os.mknod("/tmp/mem", 0o20600, os.makedev(1, 1))


@attempt
def become_root():
    os.setresuid(0, 0, 0)


@attempt
def raw_socket():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)


@attempt
def packet_socket():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)


@attempt
def call_x32():
    """The second x86-64 table, where every number differs."""
    if libc.syscall(ctypes.c_long(0x40000000 + 39)) < 0:
        raise OSError(ctypes.get_errno(), "getpid")


def call_i386(number, first=0, second=0, third=0):
    """The third table: `int 0x80` from a 64-bit program. A filter for x86-64 alone does not see it."""
    code = b"\x53\x31\xf6\xb8" + struct.pack("<I", number) + b"\xbb" + struct.pack("<I", first)  # rbx saved, esi 0
    code += b"\xb9" + struct.pack("<I", second) + b"\xba" + struct.pack("<I", third) + b"\xcd\x80\x5b\xc3"
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    result = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    if result < 0:
        raise OSError(-result, "int 0x80")
    return result


@attempt
def i386_getpid():
    call_i386(20)


@attempt
def i386_unshare_user():
    call_i386(310, CLONE_NEWUSER)


@attempt
def i386_clone_user():
    pid = call_i386(120, CLONE_NEWUSER | SIGCHLD)
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@attempt
def i386_keyctl():
    call_i386(288, 0, 0xFFFFFFFE, 1)


@attempt
def i386_ptrace_pid_1():
    call_i386(26, 0x4206, 1)


@attempt
def oom_score_lower():
    with open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write("-1000")


@attempt
def nice_up():
    os.setpriority(os.PRIO_PROCESS, 0, -20)


def outcome(function):
    """"ok", the errno's name, or the signal that ended it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            function()
            word = "ok"
        except OSError as error:
            word = errno.errorcode.get(error.errno, str(error.errno))
        except BaseException as error:
            word = repr(error)
        os.write(writer, word.encode())
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(pid, 0)
    word = os.read(reader, 200).decode()
    os.close(reader)
    return word or f"signal {os.WTERMSIG(status)}"


# As root on the bare machine they would succeed: so never all of them unasked, and never in the
# first PID namespace (its inode number is fixed, include/linux/proc_ns.h).
if os.stat("/proc/self/ns/pid").st_ino == 0xEFFFFFFC:
    sys.exit("attempts.py: for the inside of a container only")
print(json.dumps({name: outcome(attempts[name]) for name in sys.argv[1:]}))

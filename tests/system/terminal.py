#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""-t: the container's own terminal, joined to the caller's."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

from harness import PYTHON, QUIET, claim, main, same, that


class Terminal:
    """nvbind on a terminal of ours, as a shell would start it: leader of a session."""

    def __init__(self, caller, *command, opts=("-i", "-t"), rows=31, columns=97):
        self.caller = caller
        self.ours, self.theirs = pty.openpty()
        os.fchown(self.theirs, caller.uid, -1)
        self.resize(rows, columns)
        self.before = termios.tcgetattr(self.theirs)
        self.text = ""

        def take_terminal():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = caller.start([caller.nvbind, "run", *QUIET, *opts, "host", *command], stdin=self.theirs,
                                    stdout=self.theirs, stderr=self.theirs, preexec_fn=take_terminal)

    def resize(self, rows, columns):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))

    def type(self, text):
        os.write(self.ours, text.encode())

    def read_until(self, piece, limit_s=10):
        end = time.monotonic() + limit_s
        while piece not in self.text:
            ready, _, _ = select.select([self.ours], [], [], max(0, end - time.monotonic()))
            that(ready, f"no {piece!r} within {limit_s} s: {self.text!r}")
            self.text += os.read(self.ours, 4096).decode(errors="replace")
        before, self.text = self.text.split(piece, 1)
        return before

    def wait(self, limit_s=10):
        """Read to the end, else a full terminal would hold the command."""
        end = time.monotonic() + limit_s
        while self.process.poll() is None:
            that(time.monotonic() < end, f"no end: {self.text!r}")
            if select.select([self.ours], [], [], 0.02)[0]:
                self.text += os.read(self.ours, 4096).decode(errors="replace")
        while select.select([self.ours], [], [], 0)[0]:
            self.text += os.read(self.ours, 4096).decode(errors="replace")
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.caller.end_started()
        os.close(self.ours)
        os.close(self.theirs)


@claim("the command has a terminal with the size of the caller's")
def has_terminal(caller):
    code = "import os\nprint('<', *map(os.isatty, (0, 1, 2)), os.get_terminal_size(), os.ttyname(0), '>')"
    with Terminal(caller, PYTHON, "-I", "-S", "-c", code) as terminal:
        terminal.read_until("< ")
        said = terminal.read_until(" >")
        same(terminal.wait(), 0)
    that(said.startswith("True True True os.terminal_size(columns=97, lines=31) /dev/"), said)


@claim("it is the controlling terminal, of the container's own devpts")
def controls(caller):
    with Terminal(caller, "/bin/sh", "-c", "tty </dev/tty && ls /dev/pts && ps -o tty= -p $$; echo end") as terminal:
        said = terminal.read_until("end")
        same(terminal.wait(), 0)
    that("not a tty" not in said and "?" not in said.split(), said)


@claim("a new size of the caller's terminal arrives")
def resizes(caller):
    code = """
import os, signal, time
def tell(*_):
    os.write(1, b"size %d %d\\n" % os.get_terminal_size())
signal.signal(signal.SIGWINCH, tell)
os.write(1, b"ready\\n")
time.sleep(8)"""
    with Terminal(caller, PYTHON, "-I", "-S", "-c", code) as terminal:
        terminal.read_until("ready")
        terminal.resize(12, 34)
        os.kill(terminal.process.pid, signal.SIGWINCH)
        terminal.read_until("size 34 12")


@claim("typing arrives, and is echoed once")
def typing(caller):
    with Terminal(caller, "/bin/sh", "-c", "stty -a | grep -o ' echo '; read line; echo \"<$line>\"") as terminal:
        terminal.read_until("echo")
        terminal.type("hello\r")
        said = terminal.read_until("<hello>")
        same(terminal.wait(), 0)
    same(said.count("hello"), 1, f"echo in {said!r}")


@claim("the keys for interrupt, quit and end of file do inside what they say")
def control_keys(caller):
    for key, status in (("\x03", 130), ("\x1c", 131), ("\x04", 0)):
        with Terminal(caller, "/bin/sh", "-c", "ulimit -c 0; echo ready; exec cat") as terminal:
            terminal.read_until("ready")
            time.sleep(0.05)
            terminal.type(key)
            same(terminal.wait(), status, repr(key))


@claim("a command that lets go of its terminal is not hung up on")
def closes_early(caller):
    with Terminal(caller, "/bin/sh", "-c", "exec <&- >&- 2>&-; sleep 0.2; exit 5") as terminal:
        same(terminal.wait(), 5)


@claim("an interrupt typed at nvbind without -t reaches the command, once")
def interrupt_without_t(caller):
    code = """
import os, signal, time
n = 0
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
os.write(1, b"ready\\n")
end = time.monotonic() + 0.4
while time.monotonic() < end:
    n += signal.sigtimedwait([signal.SIGINT], 0.05) is not None
os.write(1, b"got %d\\n" % n)"""
    for _ in range(3):
        with Terminal(caller, PYTHON, "-I", "-S", "-c", code, opts=[]) as terminal:
            terminal.read_until("ready")
            terminal.type("\x03")
            terminal.read_until("got ")
            same(terminal.wait(), 0)
            same(terminal.text.strip(), "1", "interrupts")


@claim("the caller's terminal is as before, however the container ends")
def restores(caller):
    for script, status in (("exit 0", 0), ("kill -9 $$", 137), ("stty raw -echo; exit 4", 4)):
        with Terminal(caller, "/bin/sh", "-c", script) as terminal:
            same(terminal.wait(), status, script)
            same(termios.tcgetattr(terminal.theirs), terminal.before, script)


@claim("nvbind ended by TERM leaves the caller's terminal as before")
def restores_after_term(caller):
    with Terminal(caller, "/bin/sh", "-c", "echo ready; exec sleep 60") as terminal:
        terminal.read_until("ready")
        terminal.process.terminate()
        same(terminal.wait(), 143)
        same(termios.tcgetattr(terminal.theirs), terminal.before)


@claim("a megabyte through the terminal arrives whole")
def much_output(caller):
    code = "import sys\nfor i in range(20000):\n    sys.stdout.write('%050d\\n' % i)"
    with Terminal(caller, PYTHON, "-I", "-S", "-c", code) as terminal:
        same(terminal.wait(20), 0)
        lines = terminal.text.split()
    same((len(lines), lines[-1]), (20000, "%050d" % 19999))


@claim("the caller's own terminal is out of reach")
def not_the_callers(caller):
    code = """
import json, os
print("<", json.dumps([os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                       if os.path.lexists(f"/proc/self/fd/{fd}")]), ">")"""
    with Terminal(caller, PYTHON, "-I", "-S", "-c", code) as terminal:
        theirs = os.ttyname(terminal.theirs)
        terminal.read_until("< ")
        said = terminal.read_until(" >")
        same(terminal.wait(), 0)
        if theirs in said:
            inside = os.stat(f"/proc/{os.getpid()}/fd/{terminal.theirs}")
            code = "import os\ns = os.stat(0)\nprint('<', s.st_dev, s.st_ino, '>')"
            with Terminal(caller, PYTHON, "-I", "-S", "-c", code) as again:
                again.read_until("< ")
                device, inode = map(int, again.read_until(" >").split())
            that((device, inode) != (inside.st_dev, inside.st_ino), "the caller's terminal is the container's")


@claim("-t without a terminal works, for scripts")
def without_terminal(caller):
    done = caller.run("/bin/sh", "-c", "test -t 1 && echo terminal", opts=["-t"])
    same((done.status, done.out.strip()), (0, "terminal"))


@claim("-t with a pipe as input passes the text and its end")
def pipe_into_terminal(caller):
    done = caller.finish(caller.begin("/bin/sh", "-c", "read a; echo \"<$a>\"; cat; echo end", opts=["-i", "-t"],
                                      stdin=subprocess.PIPE), b"one\ntwo\n", timeout=5)
    that("<one>" in done.out and "end" in done.out, f"{done.out!r}, {done.err!r}")


main()

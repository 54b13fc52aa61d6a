#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""nvbind pull on a terminal: one display that stays in its lines, and ^C."""

import fcntl
import os
import re
import select
import signal
import struct
import termios
import time

from harness import claim, has, main, processes_with, same, that, until
from pull_bed import Puller
from registry_bed import Registry

PIECES = re.compile(r"\x1b\[(\d*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")


class Screen:
    """What a terminal of some width shows; knows the few words that the display uses."""

    def __init__(self, width):
        self.width, self.lines, self.row, self.column = width, [""], 0, 0
        self.widest = 0

    def feed(self, text):
        for match in PIECES.finditer(text):
            number, word, line_end, plain = match.groups()
            if word == "A":
                that(int(number) <= self.row, "the cursor goes above the display")
                self.row -= int(number)
            elif word == "K":
                self.lines[self.row] = self.lines[self.row][:self.column]
            elif word == "J":
                self.lines[self.row:] = [self.lines[self.row][:self.column]]
            elif word:
                raise AssertionError(f"an escape that was not expected: {match[0]!r}")
            elif line_end == "\r":
                self.column = 0
            elif line_end:
                self.row += 1
                if self.row == len(self.lines):
                    self.lines.append("")
                # a terminal's driver puts a carriage return before it
            else:
                line = self.lines[self.row]
                self.lines[self.row] = line[:self.column].ljust(self.column) + plain + line[self.column + len(plain):]
                self.column += len(plain)
                self.widest = max(self.widest, self.column)

    def text(self):
        return "\n".join(self.lines).rstrip()


class Terminal:
    def __init__(self, puller, *words, width=80, height=24):
        self.master, slave = os.openpty()
        self.resize(width, height)
        self.screen = Screen(width)
        self.raw = ""
        self.process = puller.caller.start(
            puller.words(*words), env={**puller.env, "TERM": "xterm"}, stdin=slave, stdout=slave, stderr=slave,
            start_new_session=True, preexec_fn=lambda: fcntl.ioctl(slave, termios.TIOCSCTTY, 0))
        os.close(slave)

    def resize(self, width, height=24):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self, seconds):
        """For a while, or to the end."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.master, 65536).decode()
            except OSError:
                data = ""
            if not data:
                return False
            self.raw += data
            self.screen.feed(data)
        return True

    def wait(self):
        that(not self.read(20), "no end")
        os.close(self.master)
        return self.process.wait(timeout=5)


def slow_image(registry, n=3, seconds=1.5):
    registry.add_image("app", "1", [{f"f{i}": os.urandom(100000)} for i in range(n)], how="")
    registry.hook = lambda ask: ask.kind == "blob" and len(registry.blobs[ask.name]) > 10000 and ask.slowly(
        registry.blobs[ask.name], len(registry.blobs[ask.name]) // 20 + 1, seconds / 20)
    return f"{registry.name}/app:1"


@claim("the display is drawn over itself, within the width, and leaves two lines")
def display(caller):
    p = Puller(caller)
    with Registry() as registry:
        name = slow_image(registry)
        t = Terminal(p, name)
        t.read(1.2)
        has(t.screen.text(), "/3 layers", "MB", "[")
        that(len(t.screen.text().splitlines()) <= 4, t.screen.text())
        same(t.wait(), 0)
        lines = t.screen.text().splitlines()
        same(len(lines), 2, t.screen.text())
        has(lines[0], "pulled ", " s")
        has(lines[1], "@sha256:")
        that(t.screen.widest <= 80 or lines[1].startswith(name.split(":")[0]), "too wide")
        that(t.raw.count("\x1b[J") > 5, "it was hardly drawn")
        that("\x1b[2J" not in t.raw and "\x1b[H" not in t.raw, "it clears the screen")


@claim("in a narrow and low terminal it takes what there is, also when that changes")
def narrow(caller):
    p = Puller(caller)
    with Registry() as registry:
        t = Terminal(p, slow_image(registry, n=6), width=24, height=3)
        t.read(1.0)
        lines = t.screen.text().splitlines()
        that(lines and len(lines) <= 2 and all(len(line) < 24 for line in lines), lines)
        t.resize(60, 10)
        t.read(1.0)
        that(any(len(line) > 24 for line in t.screen.text().splitlines()), t.screen.text())
        same(t.wait(), 0)


@claim("a terminal that cannot be drawn on gets lines")
def dumb(caller):
    p = Puller(caller)
    p.env["TERM"] = "dumb"
    with Registry() as registry:
        name = slow_image(registry, seconds=0.2)
        t = Terminal(p, name)
        # Terminal sets TERM; this one is set behind it.
        same(t.wait(), 0)
    done = p.pull(name, env={"TERM": "dumb"})
    that("\x1b" not in done.err, done.err)


@claim("^C ends it at once with 130, leaves the terminal clean and nothing running")
def interrupt(caller):
    p = Puller(caller)
    with Registry() as registry:
        name = slow_image(registry, seconds=30)
        t = Terminal(p, name)
        t.read(1.0)
        has(t.screen.text(), "layers")
        begin = time.monotonic()
        os.write(t.master, b"\x03")
        same(t.wait(), 130)
        that(time.monotonic() - begin < 2, "it took too long")
        that("layers" not in t.screen.text(), t.screen.text())
        until(lambda: not processes_with(p.home), "something is left")
        same((p.refs(), p.areas()), ([], []))
        registry.hook = None
        p.pull(name).ok()


@claim("a pull that is told to end from elsewhere ends with its helper")
def terminate(caller):
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGHUP):
        p = Puller(caller)
        with Registry() as registry:
            process = p.start(slow_image(registry, seconds=30))
            that(wait_for_blob(registry), "no layer was asked for")
            process.send_signal(number)
            same(process.wait(timeout=5), -number)
            until(lambda: not fetchers(caller.uid), "nvbind-fetch goes on", 5)


def fetchers(uid):
    from harness import processes
    return [pid for pid, (owner, state, line) in processes().items()
            if "nvbind-fetch" in line and state not in "ZX" and owner == uid]


def wait_for_blob(registry):
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if registry.count("blob") > 1:
            return True
        time.sleep(0.02)
    return False


main()

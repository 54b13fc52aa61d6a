#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""What detached containers write is kept, shown and followed, and no death of ours loses any of it."""

import json
import subprocess
import time

from harness import claim, has, main, same, that, until
from life_bed import on_life


def follow(life, *words):
    return life.caller.start([life.caller.nvbind, "logs", "-f", *words], env=life.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@claim("each stream comes out where it went in")
@on_life
def streams(life):
    ident = life.sh("echo out; echo err >&2; printf torn")
    life.answer("wait", ident)
    done = life.do("logs", ident).ok()
    same((done.out, done.err), ("out\ntorn", "err\n"))
    rows = [json.loads(line) for line in life.do("logs", "--json", ident).ok().out.splitlines()]
    same(sorted((row["stream"], row["text"]) for row in rows), [("stderr", "err"), ("stdout", "out"), ("stdout", "torn")])


@claim("lines have the time at which they were written, to some 10 ms, and --since and --until go by it")
@on_life
def times(life):
    ident = life.sh("for i in 1 2 3 4; do date +%s.%N; sleep 0.3; done")
    life.answer("wait", ident)
    rows = [line.split() for line in life.answer("logs", "-t", ident).splitlines()]
    same(len(rows), 4)
    for moment, wanted in rows:
        seconds = subprocess.run(["date", "-d", moment, "+%s.%N"], capture_output=True, text=True, check=True).stdout
        that(-0.001 <= float(seconds) - float(wanted) < 0.1, f"{seconds} is not {wanted}")
    second = rows[1][0]
    same(life.answer("logs", "--since", second, ident).split(), [row[1] for row in rows[1:]])
    same(life.answer("logs", "--until", second, ident).split(), [row[1] for row in rows[:2]])
    same(life.answer("logs", "-n", "1", ident), rows[3][1])


@claim("logs -f shows what comes as it comes, and ends with the container")
@on_life
def followed(life):
    ident = life.sh("echo one; sleep 0.5; echo two; sleep 0.3; printf end")
    process = follow(life, ident)
    same(process.stdout.readline(), "one\n")
    same(life.state(ident), "running")
    same(process.stdout.readline(), "two\n")
    same(life.state(ident), "running")
    out, err = process.communicate(timeout=10)
    same((out, err, process.returncode), ("end", "", 0))
    same(life.answer("logs", "-f", ident), "one\ntwo\nend")


@claim("logs -f goes on over restarts and ends with stop")
@on_life
def over_restarts(life):
    ident = life.sh("echo life; sleep 0.1; exit 1", opts=["--restart", "always"])
    process = follow(life, ident)
    for _ in range(3):
        same(process.stdout.readline(), "life\n")
    life.answer("stop", "-t", "0", ident)
    process.communicate(timeout=10)
    same(process.returncode, 0)


@claim("a flood is shown whole, in order, while it comes")
@on_life
def flood(life):
    ident = life.sh("i=0; while [ $i -lt 100000 ]; do echo $i; i=$((i + 1)); done")
    out, err = follow(life, ident).communicate(timeout=60)
    same(err, "")
    that(out == "".join(f"{i}\n" for i in range(100000)), "lines are missing or torn")
    same(life.answer("logs", "-n", "3", ident), "99997\n99998\n99999")


@claim("of more than may stay the last is shown, from a whole line on")
@on_life
def rotated(life):
    ident = life.sh("yes 0123456789abcdef | head -c 34000000; echo end")
    life.answer("wait", ident)
    text = life.do("logs", ident).ok().out
    that(10 << 20 < len(text) < 20 << 20, f"{len(text)} bytes are shown")
    lines = text.splitlines()
    same((lines[0], lines[-1]), ("0123456789abcdef", "end"))


@claim("what is written after its supervisor was killed is not lost, and not what was written before")
@on_life
def killed(life):
    ident = life.sh("echo one; sleep 0.6; echo two; sleep 0.2; echo three >&2; sleep 0.3")
    until(lambda: "one" in life.log(ident), "nothing comes")
    process = follow(life, ident)
    life.kill_supervisor(ident)
    out, err = process.communicate(timeout=10)
    same((out, err), ("one\ntwo\n", "three\n"))


@claim("a reader that goes away ends logs -f")
@on_life
def gone_reader(life):
    ident = life.sh("echo one; sleep 100")
    process = follow(life, ident)
    same(process.stdout.readline(), "one\n")
    process.stdout.close()
    begin = time.monotonic()
    process.wait(timeout=5)
    that(time.monotonic() - begin < 3, "it stayed")
    life.answer("rm", "-f", ident)


@claim("one in the foreground has no log, and one that is not there neither")
@on_life
def none(life):
    process = life.foreground("/bin/sleep", "100", opts=["--name", "here"])
    until(lambda: life.state("here") == "running", "not listed")
    done = life.do("logs", "here")
    same(done.status, 1)
    has(done.err, "container 'here' has no log", "foreground")
    life.answer("stop", "here")
    life.caller.finish(process)
    has(life.do("logs", "here").err, "there is no container 'here'")


main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""How a run ends: exit statuses, signals, and what happens to the processes left inside."""

import os
import signal
import subprocess
import time

from harness import PYTHON, claim, main, processes_with, same, that, until


def begin_ready(caller, script, **options):
    """A shell script that says "ready" when its traps are set."""
    process = caller.begin("/bin/sh", "-c", script, **options)
    same(process.stdout.readline(), b"ready\n")
    return process


@claim("the command's exit status is nvbind's")
def passes_status(caller):
    for status in (0, 1, 7, 125, 126, 127, 255):
        same(caller.sh(f"exit {status}").status, status)


@claim("a command ended by a signal gives 128 and the signal")
def status_of_signal(caller):
    for number in (signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGUSR1):
        same(caller.sh(f"kill -{int(number)} $$; sleep 5").status, 128 + number, number.name)


@claim("its standard output and error are nvbind's")
def passes_output(caller):
    done = caller.sh("echo out; echo err >&2").ok()
    same((done.out, done.err), ("out\n", "err\n"))


@claim("an absent command gives 127 and says so")
def absent(caller):
    for command in ("nvbind-proof-absent", "/no/such/file"):
        done = caller.run(command)
        same(done.status, 127)
        that(command in done.err, f"stderr {done.err!r}")


@claim("a command that is no program, or a directory, gives 126 and says so")
def not_executable(caller):
    for command in ("/etc/passwd", "/usr", "/usr/bin"):
        done = caller.run(command)
        same(done.status, 126, command)
        that(command in done.err, f"stderr {done.err!r}")


@claim("a command is found in the container's PATH, not in the caller's")
def own_path(caller):
    tools = caller.dir("tools")
    caller.file(tools + "/proof-tool", "#!/bin/sh\necho host\n", 0o755)
    same(caller.run("proof-tool", env={"PATH": tools + ":/usr/bin:/bin"}).status, 127)
    same(caller.answer("true", env={"PATH": "/nowhere"}), "")


@claim("without a command a shell runs and reads its standard input")
def default_command(caller):
    done = caller.nvbind_run("run", "--gpu", "none", "--network", "none", "-i", "host", data=b"echo $((40+2))\nexit 9\n")
    same((done.out, done.status), ("42\n", 9))


@claim("TERM, INT, HUP, USR1 and QUIT to nvbind reach the command")
def passes_signals(caller):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGQUIT):
        name = number.name[3:]
        process = begin_ready(caller, f'trap "echo got {name}; exit 42" {name}; echo ready; while :; do sleep 0.02; done')
        process.send_signal(number)
        done = caller.finish(process)
        same((done.out, done.status), (f"got {name}\n", 42), name)


@claim("TERM ends a command that has no handler for it")
def default_action(caller):
    process = begin_ready(caller, "echo ready; exec sleep 62.5")
    process.terminate()
    same(caller.finish(process, timeout=5).status, 143)


@claim("KILL of the command from outside gives 137")
def killed_command(caller):
    process = begin_ready(caller, "echo ready; exec sleep 62.75")
    until(lambda: "sleep 62.75" in processes_with("62.75").values(), "the command does not run")
    os.kill(next(pid for pid, line in processes_with("62.75").items() if line == "sleep 62.75"), signal.SIGKILL)
    same(caller.finish(process, timeout=5).status, 137)


@claim("stopping and continuing nvbind does no harm")
def stop_and_continue(caller):
    process = begin_ready(caller, "echo ready; sleep 0.2; echo end")
    process.send_signal(signal.SIGSTOP)
    time.sleep(0.3)
    process.send_signal(signal.SIGCONT)
    done = caller.finish(process)
    same((done.out, done.status), ("end\n", 0))


@claim("orphans are reaped")
def reaps(caller):
    code = """
import json, os, time
for _ in range(20):
    if os.fork() == 0:
        if os.fork() == 0:
            time.sleep(0.05)
        os._exit(0)
    os.wait()
time.sleep(0.3)
states = []
for pid in filter(str.isdigit, os.listdir("/proc")):
    states.append(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0])
print(json.dumps(states))"""
    states = caller.python(code).json()
    that("Z" not in states and len(states) <= 3, f"states {states}")


@claim("what the command leaves running ends with it")
def orphans_end(caller):
    number = f"63.{os.getpid()}{caller.uid}"
    start = time.monotonic()
    done = caller.sh(f"setsid sleep {number} >/dev/null 2>&1 & sleep {number} & exit 3", timeout=5)
    same(done.status, 3)
    that(time.monotonic() - start < 3, "nvbind waited for them")
    until(lambda: not processes_with(number), "an orphan lives on", 2)


@claim("a closed reader of the output ends the command, not with a message")
def closed_output(caller):
    process = caller.begin("/usr/bin/yes")
    same(process.stdout.read(4), b"y\ny\n")
    process.stdout.close()
    process.stdout = None
    done = caller.finish(process, timeout=5)
    same((done.status, done.err), (141, ""))


@claim("standard input is passed on with -i, with its end")
def passes_input(caller):
    text = bytes(range(256)) * 4096
    done = caller.finish(caller.begin("/usr/bin/sha256sum", opts=["-i"], stdin=subprocess.PIPE), text)
    want = subprocess.run(["sha256sum"], input=text, capture_output=True, check=True).stdout.decode()
    same(done.ok().out, want)


@claim("without -i the command's standard input is empty")
def no_input(caller):
    done = caller.finish(caller.begin("/bin/cat", stdin=subprocess.PIPE), b"not for you\n", timeout=5)
    same((done.out, done.status), ("", 0))


@claim("a caller without standard input, output and error does no harm")
def closed_descriptors(caller):
    done = caller.finish(caller.start(["/bin/sh", "-c", 'exec <&- 2>&-; exec "$@"', "sh", caller.nvbind, "run", "--gpu",
                                       "none", "--network", "none", "host", "/bin/ls", "/proc/self/fd"]))
    same(done.status, 0)
    that({"0", "1", "2"} <= set(done.out.split()), f"descriptors {done.out.split()}")
    done = caller.finish(caller.start(["/bin/sh", "-c", 'exec <&- >&- 2>&-; exec "$@"', "sh", caller.nvbind, "run",
                                       "--gpu", "none", "--network", "none", "host", "/bin/true"]))
    same(done.status, 0)


@claim("limits of resources come along")
def passes_rlimits(caller):
    code = """
import json, resource
print(json.dumps([resource.getrlimit(r) for r in (resource.RLIMIT_NOFILE, resource.RLIMIT_STACK, resource.RLIMIT_CPU)]))"""
    done = caller.finish(caller.start(["/bin/sh", "-c", 'ulimit -n 700; ulimit -s 4096; ulimit -t 50; exec "$@"', "sh",
                                       caller.nvbind, "run", "--gpu", "none", "--network", "none", "host", PYTHON, "-I",
                                       "-S", "-c", code]))
    nofile, stack, cpu = done.json()
    same((nofile[1], stack[1], cpu[1]), (700, 4096 * 1024, 50))


@claim("a thousand arguments and 100 kB of one arrive whole")
def long_arguments(caller):
    code = "import sys\nprint(len(sys.argv), len(sys.argv[-1]), sys.argv[1:4])"
    same(caller.python(code, "", "a b", "\t'\"\\", *["x"] * 1000, "y" * 100000).ok().out.strip(),
         "1005 100000 ['', 'a b', '\\t\\'\"\\\\']")


@claim("options behind the image belong to the command")
def options_of_command(caller):
    same(caller.answer("/bin/echo", "--gpu", "all", "-t"), "--gpu all -t")


main()

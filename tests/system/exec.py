#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Further commands in running containers: in the same place, with no more rights, and no longer."""

import os
import signal
import subprocess
import time

from harness import PYTHON, claim, has, main, same, that, until
from life_bed import on_life


@claim("it is in all namespaces of the container")
@on_life
def namespaces(life):
    show = "for n in user mnt pid ipc uts net cgroup; do readlink /proc/self/ns/$n; done; hostname; ls -a /home"
    ident = life.sh(show + "; sleep 100", opts=["--name", "box"])
    until(lambda: "user" in life.log(ident).splitlines()[8:], "nothing comes")
    same(life.answer("exec", "box", "/bin/sh", "-c", show), life.log(ident).strip())


@claim("it has the container's user, filter and rights, and not one more")
@on_life
def rights(life):
    show = "id; grep -E '^(Uid|Gid|Groups|Cap|NoNewPrivs|Seccomp)' /proc/self/status; cat /proc/self/uid_map; umask; pwd; ulimit -Hn; env | grep -v -E '^(_|PWD|OLDPWD)=' | sort"
    ident = life.sh(show + "; echo done; sleep 100", opts=["-e", "A=b c"])
    until(lambda: "done" in life.log(ident).splitlines(), "nothing comes")
    same(life.answer("exec", ident, "/bin/sh", "-c", show), life.log(ident).replace("\ndone\n", ""))
    for code in ("import os; os.unshare(os.CLONE_NEWUSER)" if hasattr(os, "unshare") else "import ctypes; l = ctypes.CDLL(None, use_errno=True); assert l.unshare(0x10000000) == 0",
                 "open('/proc/sysrq-trigger', 'w')", "open('/usr/bin/made', 'w')", "import os; os.kill(1, 0); open('/proc/1/mem', 'rb')"):
        done = life.do("exec", ident, PYTHON, "-I", "-S", "-c", code)
        same(done.status, 1, code)


@claim("no descriptor and no directory of the caller's comes along")
@on_life
def nothing_leaks(life):
    ident = life.start("/bin/sleep", "100")
    code = "import os; print(sorted(int(n) for n in os.listdir('/proc/self/fd'))[:-1], os.getcwd())"
    read, write = os.pipe()
    os.set_inheritable(write, True)
    done = life.caller.finish(life.caller.start([life.caller.nvbind, "exec", ident, PYTHON, "-I", "-S", "-c", code], env=life.env, pass_fds=[write], cwd="/"))
    os.close(read)
    os.close(write)
    same((done.status, done.out), (0, "[0, 1, 2] /home/user\n"))


@claim("its exit status is passed on; 126, 127 and 125 are as with run")
@on_life
def statuses(life):
    ident = life.start("/bin/sleep", "100")
    for command, status, text in ((["/bin/sh", "-c", "exit 7"], 7, ""), (["/bin/sh", "-c", "kill -9 $$"], 137, ""),
                                  (["/no/such"], 127, "no command '/no/such'"), (["/etc"], 126, "cannot be executed"), (["--", "/bin/true"], 0, "")):
        done = life.do("exec", ident, *command)
        same(done.status, status, str(command))
        has(done.err, text)
    done = life.do("exec", "-w", "/no/such", ident, "true")
    same(done.status, 125)
    has(done.err, "cannot enter the working directory '/no/such'")
    life.answer("stop", "-t", "0", ident)
    done = life.do("exec", ident, "true")
    same(done.status, 125)
    has(done.err, "does not run", "nvbind start")
    has(life.do("exec", "nobody", "true").err, "there is no container 'nobody'")


@claim("options: a variable, a directory, standard input only with -i")
@on_life
def options(life):
    ident = life.start("/bin/sleep", "100", opts=["-e", "A=1"])
    same(life.answer("exec", "-e", "A=2", "-e", "HOME", "-w", "/usr", ident, "/bin/sh", "-c", 'echo "$A $(pwd)"'), "2 /usr")
    same(life.do("exec", "-i", ident, "cat", data=b"typed").ok().out, "typed")
    same(life.do("exec", ident, "cat", data=b"typed").ok().out, "")
    same(life.answer("exec", "-t", ident, "tty"), "/dev/pts/0")


@claim("it ends with the container, and with nvbind exec")
@on_life
def ends(life):
    ident = life.start("/bin/sleep", "100")
    process = life.caller.start([life.caller.nvbind, "exec", ident, "sleep", "1234"], env=life.env)
    until(lambda: "sleep 1234" in life.answer("exec", ident, "ps", "ax"), "it does not run")
    process.kill()
    process.wait()
    until(lambda: "sleep 1234" not in life.answer("exec", ident, "ps", "ax"), "it is still there")
    process = life.caller.start([life.caller.nvbind, "exec", ident, "sleep", "1234"], env=life.env)
    until(lambda: "sleep 1234" in life.answer("exec", ident, "ps", "ax"), "it does not run")
    life.answer("rm", "-f", ident)
    same(life.caller.finish(process).status, 137)


@claim("with -d it goes on by itself")
@on_life
def detached(life):
    ident = life.start("/bin/sleep", "100")
    begin = time.monotonic()
    life.answer("exec", "-d", ident, "sleep", "1234")
    that(time.monotonic() - begin < 5, "it waited")
    until(lambda: "sleep 1234" in life.answer("exec", ident, "ps", "ax"), "it does not run")


@claim("signals go to the command")
@on_life
def signals(life):
    ident = life.start("/bin/sleep", "100")
    process = life.caller.start([life.caller.nvbind, "exec", ident, "/bin/sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"],
                                env=life.env, stdout=subprocess.PIPE, text=True)
    same(process.stdout.readline(), "ready\n")
    process.send_signal(signal.SIGTERM)
    same(process.wait(timeout=10), 9)
    same(life.state(ident), "running")


@claim("it is held by the container's limits", only="root", why="root alone may make groups here")
@on_life
def limits(life):
    ident = life.start("/bin/sleep", "100", opts=["--pids", "5"])
    done = life.do("exec", ident, "/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8; do sleep 5 & done; wait")
    that(done.status != 0, "more processes than the limit")
    has(done.err, "ork")


@claim("a container in the foreground takes further commands, too")
@on_life
def foreground(life):
    process = life.foreground("/bin/sleep", "100", opts=["--name", "here"])
    until(lambda: life.state("here") == "running", "not listed")
    same(life.answer("exec", "here", "echo", "in"), "in")
    life.answer("stop", "here")
    life.caller.finish(process)


@claim("it works without the supervisor")
@on_life
def without_supervisor(life):
    ident = life.start("/bin/sleep", "100")
    life.kill_supervisor(ident)
    same(life.answer("exec", ident, "echo", "in"), "in")


main()

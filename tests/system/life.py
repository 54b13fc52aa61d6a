#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Detached containers: they live on, are seen, stopped, started again with their data, and removed."""

import json
import os
import re
import socket
import time

from harness import PYTHON, QUIET, Skip, claim, has, main, same, that, until
from life_bed import gone, on_life


@claim("run -d prints an id and returns; ps shows it; stop ends it; rm removes all of it")
@on_life
def whole_life(life):
    ident = life.start("/bin/sleep", "100")
    that(re.fullmatch("[0-9a-f]{12}", ident), ident)
    row = life.one(ident)
    same((row["state"], row["image"], row["command"], row["detached"]), ("running", "host", "/bin/sleep 100", True))
    os.kill(row["pid"], 0)
    has(life.answer("ps"), ident, "/bin/sleep 100", "Up ")
    same(life.answer("stop", ident), ident)
    row = life.one(ident)
    same((row["state"], row["exit_status"], row["pid"]), ("exited", 143, None))
    same(life.answer("ps", "-q"), "")
    same(life.answer("rm", ident[:4]), ident[:4])
    gone(life)


@claim("an exit status is the command's own, or 128 and the signal's number")
@on_life
def exit_statuses(life):
    for script, status in (("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 137), ("kill -15 $$", 143)):
        ident = life.sh(script)
        same(life.answer("wait", ident), str(status), script)
        same(life.until_state(ident, "exited")["exit_status"], status, script)


@claim("wait returns when the container ends, not before")
@on_life
def waits(life):
    ident = life.sh("sleep 0.5; exit 3")
    begin = time.monotonic()
    same(json.loads(life.answer("wait", "--json", ident)), [{"id": ident, "status": 3}])
    that(0.2 < time.monotonic() - begin < 5, "it did not wait for the end")


@claim("a start that fails says why, with run's own statuses, and leaves nothing")
@on_life
def failing_starts(life):
    for command, opts, status, text in (("/no/such", [], 127, "no command '/no/such'"), ("/etc", [], 126, "cannot be executed"),
                                        ("/bin/true", ["-w", "/no/such"], 125, "cannot enter the working directory")):
        done = life.do("run", "-d", *QUIET, *opts, "host", command)
        same((done.status, done.out), (status, ""))
        has(done.err, "cannot run image 'host'", text)
    gone(life)


@claim("a name is one container's at a time, and leads to it")
@on_life
def names(life):
    ident = life.start("/bin/sleep", "100", opts=["--name", "web"])
    done = life.do("run", "-d", "--name", "web", *QUIET, "host", "true")
    same(done.status, 125)
    has(done.err, f"the name 'web' is taken by container {ident}")
    same(life.answer("ps", "-aq"), ident)
    done = life.do("stop", "wob")
    same(done.status, 1)
    has(done.err, "did you mean 'web'?")
    same(life.answer("rm", "-f", "web"), "web")
    life.start("/bin/sleep", "100", opts=["--name", "web"])
    same(life.answer("rm", "-f", "web"), "web")
    gone(life)


@claim("what it wrote to its home and to /var is there when it starts again; /tmp and /run are new")
@on_life
def keeps_data(life):
    script = "for d in $HOME /var/tmp /tmp /run/user/1000; do echo x >>$d/file; cat $d/file | wc -l; done; cat /etc/machine-id"
    ident = life.sh(script)
    life.answer("wait", ident)
    life.until_state(ident, "exited")
    life.answer("start", ident)
    life.answer("wait", ident)
    life.until_state(ident, "exited")
    lines = life.log(ident).split()
    same(lines[:4] + lines[5:9], ["1"] * 4 + ["2", "2", "1", "1"])


@claim("what it wrote over the image's files is there when it starts again, and nobody else sees it")
@on_life
def keeps_layers(life):
    if os.getuid() != 0:
        raise Skip("needs root, to make a part of the image that the container may write to")
    maps = json.loads(life.answer("run", *QUIET, "--print", "oci", "host"))["linux"]["uidMappings"][0]
    owner = maps["hostID"] + 1000 - maps["containerID"]
    # With something mounted at /etc each directory of it that drivers write to is a part by itself.
    view = ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
            'mount -t tmpfs none /etc && mkdir -m 777 /etc/vulkan && echo old >/etc/vulkan/there && chown -R "$1:$1" /etc/vulkan && shift && exec "$@"', "sh", str(owner)]
    ident = life.sh("cat /etc/vulkan/*; echo new >/etc/vulkan/there; echo made >/etc/vulkan/made", view=view)
    life.answer("wait", ident)
    life.until_state(ident, "exited")
    life.answer("start", ident, view=view)
    life.answer("wait", ident)
    life.until_state(ident, "exited")
    same(life.log(ident).split(), ["old", "made", "new"])
    other = life.sh("cat /etc/vulkan/*", view=view)
    life.answer("wait", other)
    same(life.log(other).split(), ["old"])


@claim("links that a container leaves in its files lead nothing of ours out of it at the next start")
@on_life
def hostile_links(life):
    victim = life.caller.dir("victim", mode=0o777)
    script = f"rm -rf /home/user; ln -s {victim} /home/user; for d in cache lib log tmp run lock; do rm -rf /var/$d; ln -s {victim} /var/$d; done; ls -ld /home/user /var/*"
    ident = life.sh(script)
    life.answer("wait", ident)
    life.until_state(ident, "exited")
    done = life.do("start", ident)
    same(os.listdir(victim), [])
    same(os.stat(victim).st_uid, life.caller.uid)
    that(done.status in (0, 1), done.status)


@claim("a detached container needs nothing of the command that started it: not its terminal, not its pipes")
@on_life
def independent(life):
    begin = time.monotonic()
    done = life.caller.finish(life.caller.start(
        ["/bin/sh", "-c", '"$0" run -d --gpu none --network none host sleep 3 | cat; exec 5>&1; "$0" run -d --gpu none --network none host sleep 3 >/dev/null',
         life.caller.nvbind], env=life.env))
    same(done.status, 0)
    that(time.monotonic() - begin < 2.5, "the pipe was held by the container")
    same(len(life.list()), 2)


@claim("with -t it has a terminal, whose output is the log, and without it has none")
@on_life
def terminals(life):
    code = "import os, sys; print([os.isatty(i) for i in range(3)]); print(open('/dev/stdin').read() if not os.isatty(0) else '')"
    for opts, wanted in (([], "[False, False, False]"), (["-t"], "[True, True, True]")):
        ident = life.start(PYTHON, "-I", "-S", "-c", code, opts=opts)
        life.answer("wait", ident)
        has(life.log(ident), wanted)
    ident = life.sh("stty size; echo to err >&2; echo by name >/dev/stdout; setsid sh -c 'echo orphan' & sleep 0.2", opts=["-t"])
    life.answer("wait", ident)
    for text in ("24 80", "to err", "by name", "orphan"):
        has(life.log(ident), text)
    same(life.log(ident, "stderr"), "")
    shell = life.start("/bin/sh", opts=["-dit"])
    time.sleep(0.3)
    same(life.state(shell), "running")
    same(life.answer("stop", "-t", "1", shell), shell)


@claim("its log loses nothing, whichever way the container opens its standard output")
@on_life
def logs_whole(life):
    ident = life.sh("echo one; echo two >/dev/stdout; echo three | tee /dev/stdout; echo four >>/dev/stdout; sh -c 'echo five >/dev/stderr'; echo six >&2")
    same(life.answer("wait", ident), "0")
    life.until_state(ident, "exited")
    same(sorted(life.log(ident).split()), sorted("one two three three four".split()))
    same(sorted(life.log(ident, "stderr").split()), ["five", "six"])


@claim("a flood of output is held by no reader and cut to what may stay")
@on_life
def flood(life):
    ident = life.sh("head -c 60000000 /dev/zero; echo end")
    same(life.answer("wait", ident), "0")
    life.until_state(ident, "exited")
    st = os.stat(life.file(ident, "log", "stdout"))
    same(st.st_size, 60000004)
    that(st.st_blocks * 512 < 19 << 20, f"{st.st_blocks * 512} bytes are kept")
    with open(life.file(ident, "log", "stdout"), "rb") as file:
        file.seek(-4, 2)
        same(file.read(), b"end\n")


@claim("stop sends the container's own signal and waits as long as it wants")
@on_life
def stop_signals(life):
    trap = "trap 'echo int; exit 5' INT; trap 'echo term' TERM; echo ready; while :; do sleep 0.05; done"
    ident = life.sh(trap, opts=["--stop-signal", "INT"])
    until(lambda: "ready" in life.log(ident), "not ready")
    life.answer("stop", ident)
    same(life.one(ident)["exit_status"], 5)
    ident = life.sh(trap, opts=["--stop-timeout", "0"])
    until(lambda: "ready" in life.log(ident), "not ready")
    begin = time.monotonic()
    life.answer("stop", ident)
    that(time.monotonic() - begin < 3, "it waited")
    same(life.one(ident)["exit_status"], 137)
    ident = life.sh(trap)
    until(lambda: "ready" in life.log(ident), "not ready")
    begin = time.monotonic()
    life.answer("stop", "-t", "1", ident)
    that(0.9 < time.monotonic() - begin < 4, "not a second")
    same(life.one(ident)["exit_status"], 137)
    has(life.log(ident), "term")


@claim("kill sends a signal and does not wait")
@on_life
def kills(life):
    ident = life.sh("trap 'echo usr1' USR1; echo ready; while :; do sleep 0.05; done")
    until(lambda: "ready" in life.log(ident), "not ready")
    life.answer("kill", "-s", "USR1", ident)
    until(lambda: "usr1" in life.log(ident), "no signal came")
    same(life.state(ident), "running")
    life.answer("kill", ident)
    same(life.until_state(ident, "exited")["exit_status"], 137)
    done = life.do("kill", ident)
    same(done.status, 1)
    has(done.err, "does not run")


@claim("rm refuses a running container without -f")
@on_life
def rm_running(life):
    ident = life.start("/bin/sleep", "100")
    done = life.do("rm", ident)
    same(done.status, 1)
    has(done.err, "is running", "nvbind stop")
    same(life.state(ident), "running")
    life.answer("rm", "-f", ident)
    gone(life)


@claim("--rm removes it when it has ended, by itself or by stop")
@on_life
def auto_removed(life):
    ident = life.sh("sleep 0.1", opts=["--rm"])
    until(lambda: not life.left(), f"left: {life.left()}")
    ident = life.start("/bin/sleep", "100", opts=["--rm", "--name", "gone"])
    life.answer("stop", ident)
    gone(life)


@claim("restart stops and starts; start of a running one does nothing; stop of a stopped one neither")
@on_life
def restarts(life):
    ident = life.start("/bin/sleep", "100")
    pid = life.one(ident)["pid"]
    life.answer("start", ident)
    same(life.one(ident)["pid"], pid)
    life.answer("restart", "-t", "0", ident)
    that(life.one(ident)["pid"] != pid, "it is the same process")
    same(life.state(ident), "running")
    life.answer("stop", ident)
    life.answer("stop", ident)
    same(life.state(ident), "exited")


@claim("a container that cannot start again says why, then and later")
@on_life
def failing_restart(life):
    parent = life.caller.dir("parent")
    volume = parent + "/volume"
    os.mkdir(volume)
    os.chown(volume, life.caller.uid, life.caller.uid)
    ident = life.start("/bin/true", opts=["-v", f"{volume}:/data"])
    life.answer("wait", ident)
    os.rmdir(volume)
    os.rmdir(parent)
    life.caller.file(parent, "in the way")
    done = life.do("start", ident)
    same(done.status, 1)
    has(done.err, f"cannot start '{ident}'")
    row = life.one(ident)
    same((row["state"], row["exit_status"]), ("exited", 125))
    that(row["error"], "no reason is kept")
    os.unlink(parent)
    os.makedirs(volume)
    life.answer("start", ident)
    same(life.answer("wait", ident), "0")


@claim("one in the foreground is listed, signalled and stopped as well, and leaves nothing")
@on_life
def foreground(life):
    process = life.foreground("/bin/sleep", "100", opts=["--name", "here", "-l", "a=b"])
    row = None
    until(lambda: life.state("here") == "running", "not listed")
    row = life.one("here")
    same((row["detached"], row["labels"], row["command"]), (False, {"a": "b"}, "/bin/sleep 100"))
    same(life.answer("stop", "here"), "here")
    same(life.caller.finish(process).status, 143)
    gone(life)
    process = life.foreground("/bin/sleep", "100", opts=["--name", "here"])
    until(lambda: life.state("here") == "running", "not listed")
    process.kill()
    process.wait()
    until(lambda: life.list() == [] and not life.left(), f"left: {life.left()}", 2)
    gone(life)


def free_port():
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


def ask(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=3) as made:
            return made.recv(100).decode()
    except OSError as problem:
        return type(problem).__name__


@claim("its published port is there while it runs, without its supervisor, too, and again when it starts again")
@on_life
def published(life):
    port = free_port()
    code = "import socket; s = socket.create_server(('127.0.0.1', 80))\nwhile True: c, _ = s.accept(); c.send(b'here'); c.close()"
    ident = life.start(PYTHON, "-I", "-S", "-c", code, opts=["-p", f"127.0.0.1:{port}:80"])
    until(lambda: ask(port) == "here", "no answer")
    life.kill_supervisor(ident)
    same(ask(port), "here")
    life.answer("restart", "-t", "0", ident)
    until(lambda: ask(port) == "here", "no answer after restart")
    life.answer("stop", "-t", "0", ident)
    same(ask(port), "ConnectionRefusedError")
    life.answer("rm", ident)
    gone(life)


@claim("the memory of a supervisor is its own for less than 0.8 MB")
@on_life
def small(life):
    ident = life.start("/bin/sleep", "100")
    until(lambda: life.supervisor(ident), "no supervisor")
    time.sleep(0.2)
    sizes = {}
    for name, pid in (("supervisor", life.supervisor(ident)), ("pid 1", life.one(ident)["pid"])):
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                sizes[name] = sum(int(line.split()[1]) for line in file if line.startswith("Private_"))
        except PermissionError:
            sizes[name] = None
    print("# private KiB:", sizes)
    that(sizes["supervisor"] < 800, sizes)


@claim("it has the limits it was given, and its group is gone with it", only="root", why="root alone may make groups here")
@on_life
def limits(life):
    ident = life.sh("ulimit -a >/dev/null; sleep 100", opts=["--pids", "20"])
    with open(f"{life.runs}/{ident}/pid", encoding="utf-8") as file:
        groups = json.loads(file.read().split("\n", 1)[1])["cgroups"]
    that(groups and all(os.path.isdir(group) for group in groups), groups)
    life.answer("stop", "-t", "0", ident)
    that(not any(os.path.isdir(group) for group in groups), "the group is left")


@claim("a record without its supervisor program says what to install")
@on_life
def no_supervisor(life):
    done = life.do("run", "-d", *QUIET, "host", "true", env={**life.env, "NVBIND_LIBEXECDIR": "/no/such"})
    same(done.status, 125)
    has(done.err, "'/no/such/nvbind-supervisor' cannot be executed", "install nvbind again")
    gone(life)


main()

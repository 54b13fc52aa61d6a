#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Bad input and unable machines: what is said, on which stream, with which status."""

import json
import os
import re
import sys

from harness import Skip, claim, has, main, same, that


def told(done, status, *pieces):
    """An error as promised: nothing on stdout, the cause in plain words, no trace of guts."""
    same(done.status, status, f"status (stderr: {done.err.strip()!r})")
    same(done.out, "", "stdout")
    that(re.match(r"nvbind( \w+)*: ", done.err), f"stderr {done.err!r}")
    for piece in pieces:
        that(re.search(piece, done.err), f"want {piece!r} in {done.err!r}")
    that("(null)" not in done.err and "error:" not in done.err.lower(), done.err)


@claim("no image: the form of the command is shown")
def no_image(caller):
    told(caller.nvbind_run("run"), 2, r"an IMAGE is missing", r"try: write nvbind run .*IMAGE")


@claim("an unknown image that may not be pulled: said how to get it")
def unknown_image(caller):
    told(caller.nvbind_run("run", "--gpu", "none", "--pull", "never", "debian:13", "/bin/true"), 125, r"no image 'debian:13'",
         r"nvbind pull debian:13")


@claim("an unknown option: the nearest one is suggested")
def unknown_option(caller):
    told(caller.nvbind_run("run", "--netwrok", "none", "host"), 2, r"--netwrok", r"--network")
    told(caller.nvbind_run("run", "-Z", "host"), 2, r"-Z|'Z'")


@claim("an unknown word for an option: the legal ones are listed")
def unknown_word(caller):
    told(caller.nvbind_run("run", "--network", "hots", "host"), 2, r"'hots'", r"'host'")
    told(caller.nvbind_run("run", "--sandbox", "sterict", "host"), 2, r"--sandbox", r"strict")
    told(caller.nvbind_run("run", "--display", "x12", "host"), 2, r"x11")
    told(caller.nvbind_run("run", "--print", "pppp", "host"), 2, r"--print", r"request", r"oci")


@claim("an option without its value, and a value for a flag")
def option_value(caller):
    told(caller.nvbind_run("run", "--memory"), 2, r"--memory")
    told(caller.nvbind_run("run", "--read-only=yes", "host"), 2, r"--read-only")


@claim("numbers that are none")
def bad_numbers(caller):
    for option, words in {"--memory": ("x", "-1", "0", "1Q", "99999999999999999999", "", "1.5.5G"),
                          "--cpus": ("x", "-1", "0", "1e3", ""), "--pids": ("x", "-5", "0", "1.5", "")}.items():
        for word in words:
            done = caller.nvbind_run("run", "--gpu", "none", option, word, "host", "/bin/true")
            same(done.status, 2, f"{option} {word!r} ({done.err.strip()!r})")
            that(repr(word) in done.err and "try: " in done.err, f"{option} {word!r}: {done.err!r}")


@claim("a variable that is none")
def bad_variable(caller):
    for word in ("=x", "", "NVBIND_PROOF_UNSET"):
        done = caller.nvbind_run("run", "--gpu", "none", "-e", word, "host", "/bin/true")
        that(done.status in (2, 125), f"-e {word!r}: status {done.status}")
        has(done.err, repr(word))


@claim("an unknown profile: the nearest is suggested")
def unknown_profile(caller):
    told(caller.nvbind_run("run", "--profile", "gamign", "--gpu", "none", "host", "/bin/true"), 125, r"'gamign'",
         r"gaming")


@claim("a profile with a fault: file, line, column and a mark under it")
def bad_profile(caller):
    path = caller.file(caller.env["XDG_CONFIG_HOME"] + "/nvbind/profiles/proof.toml",
                       'description = "for the test"\n\n[sandbox\nprofile = "strict"\n')
    done = caller.nvbind_run("run", "--profile", "proof", "--gpu", "none", "host", "/bin/true")
    told(done, 125, re.escape(path) + r":3:\d+", r"\[sandbox", r"\n *\|? *\^|\^")


@claim("a profile with an unknown key or value: said where")
def wrong_profile(caller):
    path = caller.env["XDG_CONFIG_HOME"] + "/nvbind/profiles/wrong.toml"
    caller.file(path, '[sandbox]\nprofile = "strickt"\n')
    done = caller.nvbind_run("run", "--profile", "wrong", "--gpu", "none", "host", "/bin/true")
    told(done, 125, re.escape(path), r"strickt")


@claim("a display that is missing: said which variable was looked at")
def missing_display(caller):
    for kind, variable in (("x11", "DISPLAY"), ("wayland", "WAYLAND_DISPLAY")):
        done = caller.nvbind_run("run", "--gpu", "none", "--display", kind, "host", "/bin/true")
        told(done, 125, variable, r"try: ")
    done = caller.nvbind_run("run", "--gpu", "none", "--display", "x11", "host", "/bin/true", env={"DISPLAY": ":4321"})
    told(done, 125, r"4321")
    done = caller.nvbind_run("run", "--gpu", "none", "--display", "auto", "host", "/bin/true")
    same(done.status, 0, "auto without a display")


@claim("a GPU that is not there: said so, with what there is")
def missing_gpu(caller):
    told(caller.nvbind_run("run", "--gpu", "7", "host", "/bin/true"), 125, r"'?7'?", r"try: |GPU")
    told(caller.nvbind_run("run", "--gpu", "GPU-00000000-0000-0000-0000-000000000000", "host", "/bin/true"), 125, r"GPU-0000")


# All ids mapped to themselves by hand: unshare(1) asks newuidmap where that is installed.
MAPPED = """
import ctypes, os, sys
asked, answer = os.pipe(), os.pipe()
pid = os.getpid()
if os.fork() == 0:
    os.read(asked[0], 1)
    for kind in ("uid", "gid"):
        open(f"/proc/{pid}/{kind}_map", "w").write("0 0 4294967295")
    os.write(answer[1], b"x")
    os._exit(0)
if ctypes.CDLL(None, use_errno=True).unshare(0x10000000) != 0:
    sys.exit("unshare: " + os.strerror(ctypes.get_errno()))
os.write(asked[1], b"x")
os.read(answer[0], 1)
os.wait()
os.execvp(sys.argv[1], sys.argv[1:])"""


@claim("user namespaces switched off: the setting is named")
def no_user_namespaces(caller):
    limit = 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"'
    if caller.uid == 0:
        view = [sys.executable, "-I", "-c", MAPPED, "sh", "-c", limit, "sh"]
        done = caller.nvbind_run("run", "--gpu", "none", "host", "/bin/true", view=view)
    else:
        words = ["unshare", "--user", "--map-current-user", "--keep-caps", "sh", "-c", limit, "sh", caller.nvbind, "run",
                 "--gpu", "none", "host", "/bin/true"]
        done = caller.finish(caller.start(words))
    if "unshare" in done.err and "nvbind: " not in done.err:
        raise Skip(f"no user namespace to begin with: {done.err.strip()}")
    told(done, 125, r"user namespace", r"user\.max_user_namespaces", r"try: ")


@claim("errors of a start leave the caller's output clean and are one block of text")
def one_block(caller):
    done = caller.run("nvbind-proof-absent")
    lines = done.err.splitlines()
    that(1 <= len(lines) <= 6 and all(re.match(r"nvbind( \w+)*: |  because: |  while: |  try: |  ", line) for line in lines),
         f"stderr {done.err!r}")
    same(done.out, "")


@claim("a directory for run-time files that cannot be written does no harm, or is told")
def odd_runtime(caller):
    done = caller.run("/bin/true", env={"XDG_RUNTIME_DIR": "/proc/nowhere", "HOME": "/nonexistent"})
    that(done.status == 0 or "nowhere" in done.err, f"status {done.status}: {done.err!r}")


@claim("few descriptors, little room for files: it works or is told")
def poor_caller(caller):
    for limit in ("ulimit -n 6", "ulimit -n 12", "ulimit -n 20", "ulimit -f 0"):
        done = caller.finish(caller.start(["/bin/sh", "-c", limit + '; exec "$@"', "sh", caller.nvbind, "run", "--gpu",
                                           "none", "--network", "none", "host", "/bin/true"]))
        that(done.status == 0 or done.status == 125 and done.err.startswith("nvbind: "),
             f"{limit}: status {done.status}, {done.err!r}")


@claim("an empty environment suffices")
def empty_environment(caller):
    done = caller.finish(caller.start(["/usr/bin/env", "-i", caller.nvbind, "run", "--gpu", "none", "--network", "none",
                                       "host", "true"]))
    same((done.status, done.err), (0, ""))


@claim("--print tells each stage as JSON and starts nothing")
def prints(caller):
    mark = caller.dir("data") + "/started"
    directory = os.path.dirname(mark)
    for stage in ("request", "devices", "edits", "oci"):
        done = caller.run("/usr/bin/touch", "/data/started", opts=["--print", stage, "-v", f"{directory}:/data", "-e",
                                                                   "SECRET=swordfish"]).ok()
        that(isinstance(json.loads(done.out), (dict, list)), stage)
        if stage == "request":
            that("swordfish" not in done.out, "the request shows values of variables")
    that(not os.path.exists(mark), "the command ran")


@claim("--print=oci is a configuration as the runtime specification wants it")
def prints_oci(caller):
    config = json.loads(caller.run("/bin/true", "x", opts=["--print", "oci", "-e", "A=b", "--pids", "50"]).ok().out)
    that(re.match(r"1\.\d+\.\d+", config["ociVersion"]), "ociVersion")
    same(config["process"]["args"], ["/bin/true", "x"])
    has(config["process"]["env"], "A=b")
    same(config["process"]["noNewPrivileges"], True)
    same({n["type"] for n in config["linux"]["namespaces"]}, {"user", "mount", "pid", "ipc", "uts", "network", "cgroup"})
    same(config["linux"]["resources"]["pids"]["limit"], 50)
    if caller.uid:
        same(config["linux"]["uidMappings"], [{"containerID": 1000, "hostID": caller.uid, "size": 1}])


@claim("--timing tells the steps on stderr, --report writes figures as JSON")
def figures(caller):
    done = caller.run("/bin/echo", "out", opts=["--timing"]).ok()
    same(done.out, "out\n")
    that(re.search(r"\d", done.err) and "ms" in done.err or "us" in done.err or "µs" in done.err, done.err)
    path = caller.dir("figures") + "/report.json"
    caller.sh("exit 3", opts=["--report", path])
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    that("3" in json.dumps(report), f"no exit status in {report}")
    same(os.stat(path).st_uid, caller.uid, "owner")


@claim("a report that cannot be written is told before the command runs, not after")
def unwritable_report(caller):
    directory = caller.dir("data")
    done = caller.run("/usr/bin/touch", "/data/started", opts=["-v", f"{directory}:/data", "--report", "/proc/no/report"])
    told(done, 125, r"/proc/no/report")
    same(os.listdir(directory), [], "the command ran")


main()

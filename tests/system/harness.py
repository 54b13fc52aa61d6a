# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""harness.py - claims about `nvbind run`, each tried as root and as an ordinary user, told as TAP.

A test file writes functions that take a Caller and marks them with @claim("what must be true");
its last line is main(). A claim fails by an exception, mostly from same() and that(), and is
passed over by Skip with the reason. The ordinary user is an id without an account or groups, with
a home and a runtime directory of its own; both vanish at the end, with every process of that id.

usage: FILE NVBIND [root|user|full]     VERBOSE=1 prints each command line."""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback

PYTHON = "/usr/bin/python3"  # in the container: the machine's own, seen through image host
TIMEOUT_S = 20
QUIET = ["--gpu", "none", "--network", "none"]
claims = []


class Skip(Exception):
    pass


def claim(text, only=None, why=None, soak=False):
    """only: "root", "user", "full" or several, for what makes no sense for the others; `why` is then
    told. soak: it tries something again and again; `make soak` runs these claims alone."""

    def register(function):
        if soak or "NVBIND_SOAK" not in os.environ:
            claims.append((text, function, only, why))
        return function

    return register


def often(n):
    """How often a soaked claim tries: n times, or as often as `make soak` says."""
    return int(os.environ.get("NVBIND_SOAK", n))


def that(condition, message):
    if not condition:
        raise AssertionError(message)


def same(got, want, what=""):
    that(got == want, f"{what + ': ' if what else ''}got {got!r}, want {want!r}")


def has(text, *pieces):
    for piece in pieces:
        that(piece in text, f"want {piece!r} in {text!r}")


def until(condition, message, limit_s=5.0):
    """Wait for what must become true soon."""
    end = time.monotonic() + limit_s
    while not condition():
        that(time.monotonic() < end, message)
        time.sleep(0.01)


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def ok(self):
        same(self.status, 0, f"status (stderr: {self.err.strip()!r})")
        return self

    def json(self):
        self.ok()
        return json.loads(self.out)


class Caller:
    """Who starts nvbind: an id with a home."""

    def __init__(self, name, uid, nvbind):
        self.name, self.uid, self.nvbind = name, uid, nvbind
        self.view = ()  # words before every line, as root, unless a claim has its own
        self.home = tempfile.mkdtemp(prefix="nvbind-proof-")
        self.runtime = os.path.join(self.home, "run")
        os.mkdir(self.runtime, 0o700)
        for path in (self.home, self.runtime):
            os.chown(path, uid, uid)
        self.env = {
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": self.home, "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": self.runtime,
            "XDG_CONFIG_HOME": self.home + "/.config", "XDG_DATA_HOME": self.home + "/.local/share",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "NVBIND_DATA"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        self.copy = None  # of the program, made for this caller
        self.tidy = []  # started programs, ended at the latest with the claim

    def close(self):
        self.end_started()
        if self.uid != os.getuid():
            end_all_of(self.uid)
        shutil.rmtree(self.home, ignore_errors=True)
        if self.copy:
            shutil.rmtree(self.copy, ignore_errors=True)

    def end_started(self):
        for process in self.tidy:
            if process.poll() is None:
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        self.tidy.clear()

    def start(self, command, view=None, env=None, keep=None, **options):
        """view: words that run the rest of the line, as root, before the caller's id is taken.
        A program that `keep`s its place outlives the claim (whole-file fixtures end it)."""
        view = self.view if view is None else view
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        options.setdefault("cwd", self.home)
        if self.uid != os.getuid():
            if view:
                command = ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups",
                           "--inh-caps=-all", *command]
            else:
                options.update(user=self.uid, group=self.uid, extra_groups=[])
        command = [*view, *command]
        if os.environ.get("VERBOSE"):
            print("#", self.name, *command, flush=True)
        process = subprocess.Popen(command, env={**self.env, **(env or {})}, **options)
        if not keep:
            self.tidy.append(process)
        return process

    def finish(self, process, data=None, timeout=TIMEOUT_S):
        try:
            out, err = process.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"no end after {timeout} s: {process.args}; "
                                 f"stdout {out[-400:]!r}, stderr {err[-400:]!r}") from None
        text = lambda data: "" if data is None else data if isinstance(data, str) else data.decode(errors="replace")
        return Result(process.returncode, text(out), text(err))

    def nvbind_run(self, *words, data=None, timeout=TIMEOUT_S, **options):
        """`nvbind WORDS...`, to its end."""
        if data is not None:
            options["stdin"] = subprocess.PIPE
        return self.finish(self.start([self.nvbind, *words], **options), data, timeout)

    def run(self, *command, opts=(), quiet=QUIET, **options):
        """A command in a container of image host."""
        return self.nvbind_run("run", *quiet, *opts, "host", *command, **options)

    def sh(self, script, opts=(), **options):
        return self.run("/bin/sh", "-c", script, opts=opts, **options)

    def answer(self, *command, opts=(), **options):
        """What a command that must succeed prints."""
        return self.run(*command, opts=opts, **options).ok().out.strip()

    def python(self, code, *args, opts=(), **options):
        return self.run(PYTHON, "-I", "-S", "-c", code, *args, opts=opts, **options)

    def begin(self, *command, opts=(), quiet=QUIET, **options):
        """A container that goes on; the claim's end ends it."""
        return self.start([self.nvbind, "run", *quiet, *opts, "host", *command], **options)

    def dir(self, name, owner=None, mode=0o755):
        """A directory on the host, of the caller unless told."""
        path = tempfile.mkdtemp(prefix=name + "-", dir=self.home)
        os.chmod(path, mode)
        os.chown(path, *(2 * [self.uid if owner is None else owner]))
        return path

    def file(self, path, text="", mode=0o644, owner=None):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, mode)
        os.chown(path, *(2 * [self.uid if owner is None else owner]))
        return path


def processes():
    """{pid: (uid, state, command line)} of the machine."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                state = file.read().rsplit(")", 1)[1].split()[0]
            with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="replace") as file:
                line = file.read().replace("\0", " ").strip()
            found[int(pid)] = (os.stat(f"/proc/{pid}").st_uid, state, line)
        except OSError:
            continue  # it ended while we looked
    return found


def processes_with(marker):
    """Live processes that carry the marker in their command line."""
    return {pid: line for pid, (_, state, line) in processes().items() if marker in line and state not in "ZX"}


def end_marked(marker):
    """What a claim had to fail for goes nevertheless; markers are made up for each claim."""
    for pid in processes_with(marker):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def end_all_of(uid):
    """Only ever an id that this run made up."""
    for _ in range(50):
        left = [pid for pid, (owner, _, _) in processes().items() if owner == uid]
        if not left:
            return
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.02)


def unused_uid():
    taken = {uid for uid, _, _ in processes().values()} | {account.pw_uid for account in pwd.getpwall()}
    return next(uid for uid in range(31000 + os.getpid() % 10000, 60000) if uid not in taken)


def can_reach(uid, path):
    return subprocess.run(["test", "-x", path], user=uid, group=uid, extra_groups=[]).returncode == 0


def reachable(uid, nvbind):
    """The program where the user may execute it: a build below a private folder is copied, laid out
    as an installation."""
    if can_reach(uid, nvbind):
        return nvbind, None
    build = os.path.dirname(os.path.dirname(nvbind))
    copy = tempfile.mkdtemp(prefix="nvbind-proof-", dir="/var/tmp")  # some tests cover /tmp
    os.chmod(copy, 0o755)
    os.mkdir(copy + "/bin")
    shutil.copy(nvbind, copy + "/bin/nvbind")
    shutil.copytree(build + "/data", copy + "/share/nvbind")
    shutil.copytree(build + "/layer", copy + "/lib/nvbind", ignore=shutil.ignore_patterns("*.p"))
    os.makedirs(copy + "/libexec/nvbind")
    shutil.copy(build + "/fetch/nvbind-fetch", copy + "/libexec/nvbind")
    shutil.copy(build + "/supervisor/nvbind-supervisor", copy + "/libexec/nvbind")
    return copy + "/bin/nvbind", copy


def make_full(user, nvbind):
    """(Caller or None, why not): a user with an account and subordinate ids, which exist only in the
    mount namespace of what it starts."""
    if not shutil.which("newuidmap"):
        return None, "newuidmap is not installed (package uidmap)"
    uid = user.uid + 1
    full = Caller("full", uid, nvbind)
    lines = {"passwd": f"nvbtest:x:{uid}:{uid}::{full.home}:/bin/sh\n", "group": f"nvbtest:x:{uid}:\n",
             "subuid": "nvbtest:400000:65536\n", "subgid": "nvbtest:400000:65536\n"}
    script = 'exec "$@"'
    for name, line in lines.items():
        path = f"/etc/{name}"
        text = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
        own = full.file(f"{full.home}/{name}", text.rstrip("\n") + "\n" * bool(text) + line, owner=0)
        if not os.path.exists(path):
            return None, f"there is no {path} to put the ids over"
        script = f"mount --bind {own} {path} && " + script
    full.view = ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh"]
    return full, None


def callers(nvbind, with_full):
    """(name, Caller or None, why not)"""
    if os.getuid() != 0:
        none = [("full", None, "not started as root")] * with_full
        return [("root", None, "not started as root"), ("user", Caller("user", os.getuid(), nvbind), None), *none]
    uid = unused_uid()
    theirs, copy = reachable(uid, nvbind)
    user = Caller("user", uid, theirs)
    full = [("full", *make_full(user, theirs))] * with_full
    (full[0][1] if full and full[0][1] else user).copy = copy  # goes with the last
    return [("root", Caller("root", 0, nvbind), None), ("user", user, None), *full]


def try_claim(function, caller):
    """None, or what to write behind "not ok"; Skip passes through."""
    try:
        function(caller)
    except Skip:
        raise
    except AssertionError as failure:
        return str(failure) or traceback.format_exc()
    except Exception:  # a claim that cannot be decided is not met
        return traceback.format_exc()
    finally:
        caller.end_started()
    return None


def main(with_full=False):
    """with_full: a third caller, "full", who has subordinate ids."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:  # nohup, or a shell's background
            signal.signal(number, signal.SIG_DFL)
    nvbind = os.path.realpath(sys.argv[1])
    wanted = sys.argv[2:] or ["root", "user", "full"]
    n = n_failed = 0
    for name, caller, why_not in callers(nvbind, with_full):
        if name not in wanted:
            if caller is not None:
                caller.close()
            continue
        for text, function, only, why_only in claims:
            n += 1
            title = f"{n} - {text} ({name})"
            if only is not None and name not in only.split():
                print(f"ok {title} # SKIP {why_only or 'for ' + only + ' alone'}", flush=True)
                continue
            if caller is None:
                print(f"ok {title} # SKIP {why_not}", flush=True)
                continue
            try:
                failure = try_claim(function, caller)
            except Skip as skip:
                print(f"ok {title} # SKIP {' '.join(str(skip).split())}", flush=True)
                continue
            if failure is None:
                print(f"ok {title}", flush=True)
                continue
            n_failed += 1
            print(f"not ok {title}")
            for line in failure.splitlines():
                print("#", line)
            sys.stdout.flush()
        if caller is not None:
            caller.close()
    print(f"1..{n}")
    sys.exit(n_failed > 0)

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Odd machines: chroots, other containers, strange mounts, poor limits. It runs, or says plainly why not.

Each is a view made for one run in a private mount namespace, so all of it needs root to begin with."""

import json
import os
import shutil
import subprocess

from harness import Skip, claim, has, main, same, that

PRIVATE = ["unshare", "--mount", "--propagation", "private"]
# The machine's own files as a new root, in which `$PARTS` are missing or changed.
PIVOT = """
set -e
PATH=$PATH:/usr/sbin:/sbin
mount -t tmpfs -o mode=755 none /mnt && mkdir /mnt/r && cd /mnt/r
for d in bin sbin lib lib32 lib64 libx32; do if [ -L /$d ]; then cp -a /$d .; fi; done
for d in usr etc opt var proc dev sys run tmp home root srv $WORK; do
    case " $WITHOUT " in *" $d "*) continue;; esac
    mkdir -p $d && mount --rbind /$d $d
done
%s
mkdir old
mount --rbind /mnt/r /mnt/r
cd /mnt/r
pivot_root . old
cd /
umount -l /old
exec "$@"
"""


def needs_root():
    if os.getuid() != 0:
        raise Skip("needs root to make the view")


def view(script):
    needs_root()
    return [*PRIVATE, "sh", "-c", script + '\nexec "$@"', "sh"]


def pivoted(caller, extra="", without=""):
    """A root of its own, entered by pivot_root."""
    needs_root()
    work = caller.nvbind.split("/")[1]
    return [*PRIVATE, "env", "WORK=" + work, "WITHOUT=" + without, "sh", "-c", PIVOT % extra, "sh"]


def fine(caller, words, **options):
    done = caller.run("/bin/sh", "-c", "echo fine", view=words, **options)
    same((done.status, done.out, done.err), (0, "fine\n", ""))


def refused(done, *pieces):
    same(done.status, 125, f"status (stdout {done.out!r}, stderr {done.err!r})")
    has(done.err, "nvbind: ", *pieces)


@claim("in a root entered by pivot_root it runs")
def pivot(caller):
    fine(caller, pivoted(caller))


@claim("in a root whose /bin and /lib are directories, not links to /usr, it runs")
def unmerged(caller):
    # Little programs of such a root: busybox would do, but only these are surely there.
    extra = """
rm bin sbin; mkdir bin sbin
cp /bin/sh /bin/true bin/
for l in lib lib64; do [ -e $l ] || continue; rm $l; mkdir $l; mount --bind /usr/$l $l; done"""
    fine(caller, pivoted(caller, extra))


@claim("in a plain chroot the error says that it is one")
def chroot(caller):
    needs_root()
    inside = PIVOT.split("mkdir old\n")[0] % "" + '\nexec chroot --userspec="$ID:$ID" --groups= . "$@"'
    words = [*PRIVATE, "env", "WORK=" + caller.nvbind.split("/")[1], "WITHOUT=", f"ID={caller.uid}", "sh", "-c", inside, "sh"]
    command = [*words, caller.nvbind, "run", "--gpu", "none", "--network", "none", "host", "/bin/true"]
    done = caller.finish(subprocess_of(caller, command))
    refused(done, "chroot")
    that("doctor looks for the reason" not in done.err, done.err)


def subprocess_of(caller, command):
    process = subprocess.Popen(command, env=caller.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, cwd="/")
    caller.tidy.append(process)
    return process


@claim("in a container of its own under steam it runs; under strict it says what is in the way")
def nested(caller):
    tools = caller.dir("tools")
    inner = shutil.copy(caller.nvbind, tools + "/nvbind")
    os.chmod(inner, 0o755)
    words = ["/tools/nvbind", "run", "--network", "none", "host", "--", "/bin/sh", "-c", "id -u; cat /etc/shadow; echo fine"]
    done = caller.run(*words, opts=["--sandbox", "steam", "-v", f"{tools}:/tools:ro"])
    same(done.out, "1000\nfine\n", done.err)
    refused(caller.run(*words, opts=["-v", f"{tools}:/tools:ro"]), "clone3", "--sandbox steam")


@claim("a third container within two says that overlays lie two deep at most")
def nested_thrice(caller):
    tools = caller.dir("tools")
    os.chmod(shutil.copy(caller.nvbind, tools + "/nvbind"), 0o755)
    inner = ["/t/nvbind", "run", "--gpu", "none", "--network", "none"]
    done = caller.run(*inner, "--sandbox", "steam", "-v", "/t:/t:ro", "host", *inner, "host", "/bin/echo", "third",
                      opts=["--sandbox", "steam", "-v", f"{tools}:/t:ro"])
    that((done.status, done.out) == (0, "third\n") or done.status == 125 and "two upon each other" in done.err,
         f"status {done.status}, {done.err!r}")


def bwrap_words(caller, *options):
    bwrap = shutil.which("bwrap")
    if not bwrap:
        raise Skip("bubblewrap is not installed")
    return [bwrap, "--bind", "/", "/", "--dev", "/dev", "--proc", "/proc", *options, "--unshare-all", caller.nvbind, "run",
            "--gpu", "none", "--network", "none", "host", "/bin/sh", "-c", "echo fine; cat /etc/shadow /etc/gshadow"]


@claim("within bubblewrap it runs, or for the machine's root says that no ids are left")
def in_bwrap(caller):
    done = caller.finish(caller.start(bwrap_words(caller)))
    if caller.uid == 0:
        refused(done, "root is the machine's own here")
    else:
        same(done.out, "fine\n", done.err)


@claim("with files mounted over those of /etc, as docker does, it runs and the secrets stay hidden")
def etc_files(caller):
    place = caller.dir("etc")
    for name in ("resolv.conf", "hosts", "hostname"):
        caller.file(f"{place}/{name}", f"outer {name}\n")
    script = "".join(f"[ -f /etc/{name} ] || : >/etc/{name}; mount --bind {place}/{name} /etc/{name}\n"
                     for name in ("hosts", "hostname"))
    secrets = ["shadow", "gshadow", "sudoers", "ssh/key", "ssl/private/key", "NetworkManager/system-connections/home",
               "exim4/passwd.client", "security/opasswd", "docker/key.json", "wireguard/wg0.conf"]
    copy = caller.dir("copy")
    script = f"""set -e
cp -a /etc/. {copy}/
for f in {' '.join(secrets)}; do mkdir -p "$(dirname {copy}/$f)"; rm -rf {copy}/$f; echo swordfish >{copy}/$f; done
chmod -R a+rX {copy}; mount --bind {copy} /etc
{script}"""
    reading = "cd /etc && cat " + " ".join(secrets) + "; grep -rs swordfish /etc; cat /etc/hostname; test -e /etc/os-release && echo fine"
    done = caller.run("/bin/sh", "-c", reading, view=view(script))
    that("swordfish" not in done.out, done.out)
    that(done.out.endswith("fine\n") and "outer" not in done.out, f"{done.out!r} {done.err!r}")


@claim("with something mounted below a directory of /etc that has secrets, they stay hidden")
def etc_deep(caller):
    copy, other = caller.dir("copy"), caller.dir("other")
    caller.file(other + "/mark", "m")
    script = f"""set -e
cp -a /etc/. {copy}/
mkdir -p {copy}/ssl/private {copy}/ssl/certs {copy}/security; echo swordfish >{copy}/ssl/private/key
echo swordfish >{copy}/security/opasswd
chmod -R a+rX {copy}; mount --bind {copy} /etc; mount --bind {other} /etc/ssl/certs; mount --bind {other}/mark /etc/security/limits.conf"""
    done = caller.sh("cat /etc/ssl/private/key /etc/security/opasswd; grep -rs swordfish /etc; cat /etc/ssl/certs/mark; echo fine",
                     view=view(script))
    that("swordfish" not in done.out, done.out)
    that(done.out.endswith("fine\n"), done.err)


@claim("with something mounted below /usr the container sees it, and cannot write it")
def usr_below(caller):
    place = caller.dir("local", mode=0o777)
    caller.file(place + "/mark", "m\n")
    done = caller.sh("cat /usr/local/mark; echo x >/usr/local/new || echo refused; echo x >/usr/new 2>/dev/null || echo refused",
                     view=view(f"mount --bind {place} /usr/local"))
    same(done.out, "m\nrefused\nrefused\n", done.err)
    same(os.listdir(place), ["mark"])


@claim("a /tmp without execution does no harm; without /tmp it says so")
def odd_tmp(caller):
    if not caller.home.startswith("/tmp/"):
        raise Skip("the caller's home is not in /tmp here")
    script = f"""mkdir -p /mnt/h && mount -t tmpfs none /mnt && mkdir /mnt/h && mount --bind {caller.home} /mnt/h
mount -t tmpfs -o noexec,nosuid,nodev,mode=1777 none /tmp && mkdir -p {caller.home} && mount --bind /mnt/h {caller.home}; umount -l /mnt"""
    fine(caller, view(script), cwd="/")
    done = caller.run("/bin/true", view=pivoted(caller, without="tmp"), cwd="/")
    refused(done, "no directory '/tmp'", "mkdir -m 1777 /tmp")


@claim("without /dev/shm, with a read-only /sys, with /home a mount, it runs")
def odd_mounts(caller):
    fine(caller, view("umount -l /dev/shm; rmdir /dev/shm 2>/dev/null; mount -t tmpfs none /mnt; mount --bind /mnt /dev/shm"))
    fine(caller, view("mount -o remount,bind,ro /sys"))
    fine(caller, view("mount -t tmpfs none /home"))


@claim("with the root mounted read-only it runs")
def read_only_root(caller):
    words = pivoted(caller)
    words[-2] = words[-2].replace("umount -l /old\n", "umount -l /old\nmount -o remount,bind,ro /\n")
    fine(caller, words, cwd="/")


@claim("with processes of others hidden in /proc (hidepid) it runs")
def hidepid(caller):
    needs_root()
    words = ["unshare", "--mount", "--pid", "--fork", "--propagation", "private", "sh", "-c",
             'mount -t proc -o hidepid=2 proc /proc && "$@"', "sh"]
    fine(caller, words)


@claim("where parts of /proc are masked, as in other containers, the error says so")
def masked_proc(caller):
    done = caller.run("/bin/true", view=view("mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys"))
    refused(done, "/proc", "unmask=ALL", "systempaths=unconfined")
    done = caller.run("/bin/true", view=view("mount -t tmpfs -o ro none /proc/irq 2>/dev/null || mount --bind /dev/null /proc/keys"))
    refused(done, "/proc")
    refused(caller.run("/bin/true", view=view("umount -R /proc")), "mount -t proc proc /proc")


@claim("from a directory that is gone, without HOME, with unwritable places of one's own, it runs")
def lost(caller):
    gone = caller.dir("gone")
    words = ["sh", "-c", 'rmdir "$(pwd)"; exec "$@"', "sh", caller.nvbind, "run", "--gpu", "none", "--network", "none", "host",
             "/bin/sh", "-c", "echo fine"]
    same(caller.finish(caller.start(words, cwd=gone)).ok().out, "fine\n")
    words[2] = 'unset HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_DATA_HOME; exec "$@"'
    same(caller.finish(caller.start(words)).ok().out, "fine\n")
    bad = {name: "/proc/none" for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
    same(caller.finish(caller.start(words[4:], env=bad)).ok().out, "fine\n")


@claim("with umask 077, an odd language and an odd terminal it is the same container")
def odd_words(caller):
    script = "umask; stat -c %a /etc /etc/passwd /tmp /home /run; printf %s \"$LANG\""
    usual = caller.sh(script).ok().out
    words = ["sh", "-c", 'umask 077; exec "$@"', "sh", caller.nvbind, "run", "--gpu", "none", "--network", "none", "host",
             "/bin/sh", "-c", script]
    same(caller.finish(caller.start(words)).ok().out, usual)
    for name, value in {"LANG": "tr_TR.UTF-8", "LC_ALL": "xx_YY", "TERM": "../../../etc/passwd\n\033[2J",
                        "TZ": ":/etc/shadow"}.items():
        done = caller.sh("echo fine", env={name: value})
        same((done.status, done.out, done.err), (0, "fine\n", ""), name)


@claim("few descriptors, processes or bytes for files: it runs or says which limit")
def poor(caller):
    for limit, hint in {"--nofile=8": "ulimit -n", "--nofile=14": "ulimit -n|cannot", "--nproc=1": "ulimit -u", "--fsize=0": "File too large"}.items():
        words = ["prlimit", limit, caller.nvbind, "run", "--gpu", "none", "--network", "none", "host", "/bin/sh", "-c", "echo fine"]
        done = caller.finish(caller.start(words))
        if done.status != 0:
            refused(done)
            that(any(h in done.err for h in hint.split("|")), f"{limit}: {done.err!r}")


@claim("a full disk under the cache costs time only")
def full_cache(caller):
    cache = "/var/cache/nvbind" if caller.uid == 0 else caller.home + "/.cache"
    script = f"""mkdir -p {cache} && mount -t tmpfs -o size=4k,mode=777 none {cache}
dd if=/dev/zero of={cache}/filler bs=4k count=1 2>/dev/null; true"""
    fine(caller, view(script))


@claim("in a container of crun with the paths of /proc open and the capabilities for ids it runs; else it says why not",
       only="root", why="crun is started by root here")
def in_crun(caller):
    if not shutil.which("crun"):
        raise Skip("crun is not installed")
    bundle = caller.dir("bundle")
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    with open(bundle + "/config.json", encoding="utf-8") as file:
        config = json.load(file)
    capabilities = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID"]
    config["process"].update(terminal=False, cwd="/", args=[caller.nvbind, "run", "--gpu", "none", "--network", "none",
                                                           "host", "/bin/sh", "-c", "echo fine"])
    config["root"] = {"path": bundle + "/root", "readonly": True}
    os.mkdir(bundle + "/root")
    config["mounts"] = [m for m in config["mounts"] if m["type"] != "cgroup"]
    config["mounts"].append({"destination": "/etc/hosts", "type": "bind", "source": "/etc/hosts", "options": ["bind", "ro"]})
    config["linux"]["namespaces"] = [n for n in config["linux"]["namespaces"] if n["type"] != "cgroup"]

    def run():
        with open(bundle + "/config.json", "w", encoding="utf-8") as file:
            json.dump(config, file)
        start = ["sh", "-c", 'umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup || exit 9; mount --rbind / "$0"/root; '
                 'exec "$@"', bundle, "crun", "--root", bundle + "/state", "--cgroup-manager=disabled", "run", "--bundle", bundle, f"proof{os.getpid()}"]
        return caller.finish(caller.start([*PRIVATE, *start]))

    done = run()
    if "nvbind: " not in done.err:
        raise Skip(f"crun does not start here: {done.err.strip()[-200:]}")
    refused(done, "CAP_SETUID")
    config["process"]["capabilities"] = {kind: capabilities for kind in config["process"]["capabilities"]}
    refused(run(), "unmask=ALL")
    for kind in ("maskedPaths", "readonlyPaths"):
        config["linux"].pop(kind, None)
    done = run()
    same((done.status, done.out), (0, "fine\n"), done.err)


@claim("beside SELinux or AppArmor it runs")
def security_modules(caller):
    names = "/sys/kernel/security/lsm"
    active = open(names, encoding="ascii").read() if os.path.exists(names) else ""
    if "selinux" not in active and "apparmor" not in active:
        raise Skip("neither is active in this kernel")
    fine(caller, [])


main()

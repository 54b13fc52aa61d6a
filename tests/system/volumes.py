#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""-v: what of the host is brought in, who owns it, and that it cannot be led astray."""

import os
import socket
import stat

from harness import claim, has, main, same, that


def owner_of(path):
    st = os.lstat(path)
    return st.st_uid, st.st_gid


@claim("a directory is writable, and what is written is there on the host")
def directory(caller):
    source = caller.dir("data")
    caller.file(source + "/old", "before\n")
    done = caller.sh("cat /data/old; echo inside >/data/new; mkdir /data/deep; echo x >/data/deep/er; rm /data/old",
                     opts=["-v", f"{source}:/data"]).ok()
    same(done.out, "before\n")
    same(open(source + "/new", encoding="utf-8").read(), "inside\n")
    same(sorted(os.listdir(source)), ["deep", "new"])


@claim("with :ro it is not writable by any means")
def read_only(caller):
    source = caller.dir("data")
    caller.file(source + "/old", "before\n")
    done = caller.sh("echo x >/data/new; echo x >>/data/old; rm /data/old; chmod 777 /data/old; touch /data/old; cat /data/old",
                     opts=["-v", f"{source}:/data:ro"]).ok()
    same(done.out, "before\n")
    same(done.err.count("Read-only file system"), 5, done.err)
    same(os.listdir(source), ["old"])


@claim("a single file can be a volume, read-only and writable")
def single_file(caller):
    source = caller.file(caller.dir("data") + "/file", "one\n")
    caller.sh("cat /deep/er/file && echo two >>/deep/er/file", opts=["-v", f"{source}:/deep/er/file"]).ok()
    same(open(source, encoding="utf-8").read(), "one\ntwo\n")
    done = caller.sh("echo three >>/f", opts=["-v", f"{source}:/f:ro"])
    that(done.status != 0, "written in spite of :ro")
    same(open(source, encoding="utf-8").read(), "one\ntwo\n")


@claim("a volume may replace a file and a directory of the image")
def over_image(caller):
    directory = caller.dir("data")
    caller.file(directory + "/mark", "m")
    file = caller.file(caller.dir("etc") + "/os-release", "NAME=proof\n")
    done = caller.sh("ls /opt; cat /etc/os-release /usr/lib/os-release | head -1",
                     opts=["-v", f"{directory}:/opt", "-v", f"{file}:/etc/os-release:ro"]).ok()
    same(done.out, "mark\nNAME=proof\n")


@claim("a volume may stand where the image has nothing, below root's directories and behind their links, too")
def new_places(caller):
    folder = caller.dir("new")
    caller.file(folder + "/f", "from outside\n")
    places = ["/usr/lib/nowhere/at/all", "/etc/nowhere", "/lib/nowhere-behind-a-link"]
    opts = [word for place in places for word in ("-v", f"{folder}:{place}")] + ["-v", f"{folder}/f:/usr/nowhere.txt"]
    for more in ([], ["--read-only"]):
        out = caller.sh("cat /usr/nowhere.txt; cat " + " ".join(p + "/f" for p in places), opts=[*opts, *more]).ok().out
        same(out, "from outside\n" * 4)
    same([p for p in places if os.path.exists(p)], [])


@claim("volumes inside volumes, in any order of paths")
def nested(caller):
    outer, inner = caller.dir("outer"), caller.dir("inner")
    os.mkdir(outer + "/in")
    os.chown(outer + "/in", caller.uid, caller.uid)
    caller.file(inner + "/mark", "m")
    same(caller.answer("/bin/ls", "/v/in", opts=["-v", f"{outer}:/v", "-v", f"{inner}:/v/in"]), "mark")


@claim("files made through a volume belong to the volume's owner, never to an id that nobody has")
def ownership(caller):
    source = caller.dir("data")
    caller.sh("echo x >/data/file; mkdir /data/dir; ln -s file /data/link; mkfifo /data/fifo",
              opts=["-v", f"{source}:/data"]).ok()
    for name in ("file", "dir", "link", "fifo"):
        same(owner_of(f"{source}/{name}"), (caller.uid, caller.uid), name)


@claim("root's volume of another user's directory: files belong to that user", only="root",
       why="a user has one id")
def ownership_of_other(caller):
    other = 4242
    source = caller.dir("data", owner=other)
    caller.file(source + "/theirs", "text", 0o600, owner=other)
    done = caller.sh("cat /data/theirs; stat -c %u-%g /data /data/theirs; echo x >/data/file",
                     opts=["-v", f"{source}:/data"]).ok()
    same(done.out, "text1000-1000\n1000-1000\n")
    same(owner_of(source + "/file"), (other, other))


@claim("inside, the caller's own files look like one's own")
def looks_own(caller):
    source = caller.dir("data")
    caller.file(source + "/private", "text", 0o600)
    same(caller.answer("/bin/sh", "-c", "stat -c %u-%g-%a /data/private; cat /data/private",
                       opts=["-v", f"{source}:/data"]), "1000-1000-600\ntext")


MAKE_SETUID = """
import ctypes, os, stat
libc = ctypes.CDLL(None)
def by_tmpfile():
    fd = os.open("/data", os.O_TMPFILE | os.O_RDWR, 0o6755)
    libc.linkat(-100, b"/proc/self/fd/%d" % fd, -100, b"/data/tmpfile", 0x400)
def by_fchmodat2():  # Linux 6.6, unknown to libseccomp 2.5
    os.close(os.open("/data/fchmodat2", os.O_CREAT | os.O_RDWR, 0o755))
    libc.syscall(452, -100, b"/data/fchmodat2", 0o6755, 0)
def by_openat2():
    how = (ctypes.c_ulong * 3)(os.O_CREAT | os.O_RDWR, 0o6755, 0)
    libc.syscall(437, -100, b"/data/openat2", ctypes.byref(how), 24)
def by_chmod():
    os.close(os.open("/data/chmod", os.O_CREAT | os.O_RDWR, 0o755))
    os.chmod("/data/chmod", 0o6755)
def by_fchmod():
    os.fchmod(os.open("/data/fchmod", os.O_CREAT | os.O_RDWR, 0o755), 0o6755)
ways = [by_tmpfile, by_fchmodat2, by_openat2, by_chmod, by_fchmod,
        lambda: os.open("/data/open", os.O_CREAT | os.O_RDWR, 0o6755), lambda: libc.creat(b"/data/creat", 0o6755),
        lambda: os.mknod("/data/mknod", 0o106755)]
os.umask(0)
for way in ways:
    try:
        way()
    except OSError:
        pass"""


@claim("no setuid file can be left in a volume by any call", only="root",
       why="a user could make such a file anyway")
def setuid_through_volume(caller):
    for sandbox in ("strict", "steam"):
        source = caller.dir("data")
        caller.python(MAKE_SETUID, opts=["-v", f"{source}:/data", "--sandbox", sandbox]).ok()
        made = {name: os.stat(f"{source}/{name}") for name in os.listdir(source)}
        that(made, "no call made anything")
        same([name for name, st in made.items() if st.st_mode & (stat.S_ISUID | stat.S_ISGID)], [], f"sandbox {sandbox}")


@claim("an absent source is an error that names it")
def absent_source(caller):
    path = caller.home + "/no-such-thing"
    done = caller.run("/bin/true", opts=["-v", f"{path}:/data"])
    same(done.status, 125)
    has(done.err, path)
    that(not os.path.lexists(path), "it was made")


@claim("a source that the caller may not enter stays closed", only="user", why="root may enter all")
def forbidden_source(caller):
    source = caller.dir("closed", owner=0, mode=0o700)
    caller.file(source + "/secret", "swordfish", 0o644, owner=0)
    done = caller.sh("cat /data/secret", opts=["-v", f"{source}:/data"])
    that(done.status != 0 and "swordfish" not in done.out, f"read {done.out!r}")
    done = caller.sh("cat /data", opts=["-v", f"{source}/secret:/data"])
    that(done.status == 125 and "swordfish" not in done.out, f"status {done.status}, read {done.out!r}")


@claim("words that are no volume are refused with the right form")
def malformed(caller):
    for text in ("", ":", "/x", "relative:/data", "/tmp:relative", "/tmp:/data:rx", "/tmp:/data:ro:x", ":/data", "/tmp:"):
        done = caller.run("/bin/true", opts=["-v", text])
        same(done.status, 2, repr(text))
        has(done.err, "/SOURCE:/DESTINATION")


@claim("a destination that leads out by a link or by dots stays inside")
def destination_escapes(caller):
    outside = caller.dir("outside", mode=0o777)
    trap, payload = caller.dir("trap"), caller.dir("payload")
    caller.file(payload + "/mark", "m")
    os.symlink(outside, trap + "/absolute")
    os.symlink("../../../../../../../.." + outside, trap + "/relative")
    os.symlink("/proc/1/root" + outside, trap + "/magic")
    destinations = [f"/trap/{link}/made" for link in ("absolute", "relative", "magic")]
    destinations += [f"/../../..{outside}/made", f"/trap/../../..{outside}/made", f"/proc/1/root{outside}/made",
                     f"/proc/self/cwd{outside}/made"]
    for destination in destinations:
        done = caller.sh("true", opts=["-v", f"{trap}:/trap", "-v", f"{payload}:{destination}"])
        that(done.status in (0, 2, 125), f"{destination}: status {done.status}")
        same(os.listdir(outside), [], f"{destination} made something on the host")


@claim("a missing destination inside a read-only volume makes nothing on the host")
def destination_in_volume(caller):
    outer, payload = caller.dir("outer"), caller.dir("payload")
    done = caller.sh("true", opts=["-v", f"{outer}:/v:ro", "-v", f"{payload}:/v/absent"])
    same(done.status, 125)
    same(os.listdir(outer), [])


@claim("a volume cannot replace the root, and over what the kernel shows it starts or is refused plainly")
def destination_vital(caller):
    source = caller.dir("data")
    for destination in ("/", "//", "/.", "/..", "/usr/.."):
        done = caller.run("/bin/true", opts=["-v", f"{source}:{destination}"])
        that(done.status in (2, 125), f"{destination}: status {done.status}")
    for destination in ("/proc", "/proc/self", "/proc/sys", "/dev", "/sys", "/dev/null", "/proc/1/ns"):
        done = caller.run("/bin/true", opts=["-v", f"{source}:{destination}"])
        that(done.status == 0 or done.status == 125 and done.err.startswith("nvbind: "),
             f"{destination}: status {done.status}, {done.err!r}")
        same(os.listdir(source), [], f"{destination} made something on the host")


@claim("a link as a source brings in what it leads to for the caller")
def source_link(caller):
    source = caller.dir("data")
    caller.file(source + "/mark", "m")
    link = caller.dir("links") + "/link"
    os.symlink(source, link)
    same(caller.answer("/bin/ls", "/data", opts=["-v", f"{link}:/data"]), "mark")


@claim("a socket can be brought in and reached")
def socket_volume(caller):
    path = caller.dir("socket") + "/s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        os.chown(path, caller.uid, caller.uid)
        server.listen()
        code = "import socket\nsocket.socket(socket.AF_UNIX).connect('/tmp/s')"
        caller.python(code, opts=["-v", f"{path}:/tmp/s"]).ok()


@claim("names with spaces, commas, quotes, line ends and letters beyond ASCII work")
def strange_names(caller):
    for name in ("a b", "a,b", "a\\b", "a\"b'", "a\nb", "Spiele-größe-日本"):
        source = os.path.join(caller.dir("odd"), name)
        os.mkdir(source)
        os.chown(source, caller.uid, caller.uid)
        caller.file(source + "/mark", "m")
        same(caller.answer("/bin/ls", "/to/" + name, opts=["-v", f"{source}:/to/{name}"]), "mark", repr(name))


@claim("-w enters a directory of a volume, and is made where it is absent")
def workdir(caller):
    source = caller.dir("data")
    same(caller.answer("/bin/pwd", opts=["-v", f"{source}:/data", "-w", "/data"]), "/data")
    done = caller.run("/bin/pwd", opts=["-w", "/tmp/not/yet"])
    that((done.status, done.out) == (0, "/tmp/not/yet\n") or (done.status == 125 and "/tmp/not/yet" in done.err),
         f"status {done.status}, {done.out!r}, {done.err!r}")


@claim("a hundred volumes in one container")
def many(caller):
    opts = []
    for i in range(100):
        source = caller.dir("many")
        caller.file(source + "/mark", str(i))
        opts += ["-v", f"{source}:/many/{i}:ro"]
    same(caller.answer("/bin/sh", "-c", "cat /many/*/mark | wc -c", opts=opts), "190")


main()

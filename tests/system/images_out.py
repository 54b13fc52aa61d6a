#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Images leave the store as archives, layouts and files, and others read and write the same ones."""

import io
import os
import random
import shutil
import signal
import stat
import subprocess
import tarfile
import time

from harness import Skip, claim, has, main, often, same, that
from store_bed import Store, describe, layers
from image_files import archive, chain, entry, folder, hardlink, link, oci_files


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            raise Skip(f"no {program}")


def three():
    """What layers do to each other: files replaced, hidden, laid over links, and owners."""
    return [*layers(), archive([
        folder("srv"), folder("srv/deep"), entry("srv/deep/file", "1", uid=33, gid=33),
        folder("etc", mode=0o711, mtime=77), entry("etc/.wh.passwd"), link("lib", "opt/lib"),
        folder("opt"), folder("opt/lib"), entry("opt/lib/through", "a link"),
        entry("bin/sh", "replaced", mode=0o4755, uid=5), entry(".wh.tmp"), folder("tmp", mode=0o700),
        folder("x" * 120), entry("x" * 120 + "/" + "y" * 120, "long"), hardlink("srv/other", "srv/deep/file"),
        entry("xattr", "x", pax_headers={"SCHILY.xattr.user.colour": "blue"}),
    ])]


def members(data):
    """{name: what matters} of an archive."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for info in tar:
            content = tar.extractfile(info).read() if info.isreg() else None
            found[info.name] = (info.type, info.mode, info.uid, info.gid, info.mtime, info.linkname, content,
                                info.pax_headers.get("SCHILY.xattr.user.colour"))
    return found


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Out(Store):
    def __init__(self, caller, every=None):
        super().__init__(caller)
        self.out = caller.dir("out")
        self.every = every or three()
        self.do("import", self.layout("image", oci_files(self.every, inner={"Cmd": ["/bin/sh"], "Env": ["A=b"]})), "app:1")

    def at(self, name):
        return os.path.join(self.out, name)

    def export(self, form, name, image="app:1"):
        self.do("export", "-f", form, "-o", self.at(name), image)
        return self.at(name)

    def again(self, source, *words):
        """Imported from there, what is the image's root?"""
        self.do("import", source, "again", *words)
        return members(read(self.export("root", "again.tar", "again")))


@claim("a root's archive has what a container would see, and the same bytes each time")
def root(caller):
    store = Out(caller)
    found = members(read(store.export("root", "root.tar")))
    same(sorted(found), sorted([
        ".", "bin", "bin/ash", "bin/bash", "bin/sh", "caf\u00e9", "etc", "lib", "opt", "opt/lib", "opt/lib/through", "srv", "srv/deep",
        "srv/deep/file", "srv/other", "tmp", "usr", "var", "var/cache", "var/cache/new", "x" * 120, "x" * 120 + "/" + "y" * 120,
        "xattr"]), "names")
    same(found["bin/sh"][6], b"replaced")
    same(found["bin/bash"][6], b"#!", "the link's other end")
    same(found["etc"][1:5:3], (0o711, 77))
    same(found["srv/other"][0], tarfile.LNKTYPE)
    same(found["xattr"][7], "blue")
    if caller.name != "user":  # who has one id alone
        same(found["srv/deep/file"][2:4], (33, 33), "owners")
        same(found["bin/sh"][1:3], (0o4755, 5), "setuid")
    first = read(store.at("root.tar"))
    same(read(store.export("root", "twice.tar")) == first, True, "the same bytes")
    out, err = caller.start([caller.nvbind, "export", "app:1"]).communicate()
    same(out == first, True, "the same through a pipe")
    same(err, b"")


@claim("what is exported is imported again, and stays the same")
def again(caller):
    store = Out(caller)
    want = members(read(store.export("root", "root.tar")))
    for form in ("oci-archive", "oci-dir", "docker-archive"):
        same(store.again(store.export(form, form)), want, form)
        same(store.images()[("docker.io/library/again", "latest")]["size"] > 0, True)
    same(store.again(store.at("root.tar"), "-c", "CMD x"), want, "root")
    second = store.export("docker-archive", "second", "again")
    store.do("import", second, "third")
    same(read(store.export("docker-archive", "third", "third"))[4096:] != b"", True)
    names = {name: row["id"] for name, row in store.images().items() if name[0].endswith(("again", "third"))}
    same(len(set(names.values())), 1, "a second export changes no digest")
    store.is_clean()


@claim("skopeo reads what is exported: names, configuration, layers")
def skopeo_reads(caller):
    need("skopeo")
    store = Out(caller)
    want = members(read(store.export("root", "root.tar")))
    for form, transport in (("oci-archive", "oci-archive"), ("oci-dir", "oci"), ("docker-archive", "docker-archive")):
        path = store.export(form, form)
        copy = store.at("copy-" + form)
        name = transport + ":" + path + (":app:1" if form == "docker-archive" else ":1")
        subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", name, f"oci:{copy}:x"], check=True, capture_output=True)
        for top, _, files in os.walk(copy):
            for one in (".", *files):
                os.chown(os.path.join(top, one), caller.uid, caller.uid)
        same(store.again(copy), want, form)
        inner = store.do("import", "--json", copy, "again").json()
        same(inner["layers"], 3)


@claim("what skopeo, umoci and podman write is imported, with the same layers")
def foreign(caller):
    need("skopeo")
    store = Store(caller)
    every = three()
    oci = store.layout("oci", oci_files(every))
    for transport in ("oci-archive", "docker-archive", "oci", "dir"):
        if transport == "dir":
            continue  # skopeo's own form, which nobody else reads
        path = store.files + "/by-" + transport
        suffix = ":app:1" if transport == "docker-archive" else ":v1"
        subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", f"oci:{oci}:latest", f"{transport}:{path}{suffix}"],
                       check=True, capture_output=True)
        for top, _, files in os.walk(path):
            for one in (".", *files):
                os.chown(os.path.join(top, one), caller.uid, caller.uid)
        store.do("import", path, "by/" + transport)
        same(store.layers(), sorted(name[7:] for name in chain(every)), transport)
    store.is_clean()


@claim("podman loads what is exported, and what it saves is imported", only="root", why="podman's own store wants to be root's")
def podman(caller):
    need("podman")
    store = Out(caller)
    want = members(read(store.export("root", "root.tar")))
    mine = caller.dir("podman")
    words = ["podman", "--root", mine + "/root", "--runroot", mine + "/run", "--storage-driver", "vfs"]
    private = ["unshare", "-m", "--propagation", "private"]
    load = subprocess.run([*private, *words, "load", "-q", "-i", store.export("docker-archive", "docker")],
                          capture_output=True, text=True, check=False)
    if load.returncode and "docker.io/library/app:1" not in load.stdout:
        raise Skip(f"podman does not work here: {load.stderr.strip()[-200:]}")
    for form in ("docker-archive", "oci-archive"):
        path = store.at("saved-" + form)
        subprocess.run([*private, *words, "save", "-q", "--format", form, "-o", path, "docker.io/library/app:1"],
                       check=True, capture_output=True)
        found = store.again(path)
        same({name: row[:1] + row[1:4] + row[5:7] for name, row in found.items() if name != "."},
             {name: row[:1] + row[1:4] + row[5:7] for name, row in want.items() if name != "."}, form)


@claim("files go into a directory as umoci unpacks them", only="root", why="umoci wants to be root")
def as_umoci(caller):
    need("umoci")
    store = Out(caller)
    bundle = caller.dir("bundle")
    subprocess.run(["umoci", "unpack", "--image", store.files + "/image:latest", bundle + "/b"], check=True, capture_output=True)
    want, links = describe(bundle + "/b/rootfs")
    got, found = describe(store.export("root-dir", "files"))
    same(got, want, "files")
    same(found, links, "hard links")
    same(os.getxattr(store.at("files/xattr"), "user.colour"), b"blue")
    result = store.run("export", "-f", "root-dir", "-o", store.at("files"), "app:1")
    same(result.status, 1)
    has(result.err, "files' is not empty")


@claim("umoci's own layers over ours are imported", only="root", why="umoci wants to be root")
def umoci_writes(caller):
    need("umoci")
    store = Out(caller)
    image, bundle = store.export("oci-dir", "oci"), caller.dir("bundle") + "/b"
    subprocess.run(["umoci", "unpack", "--image", image + ":1", bundle], check=True, capture_output=True)
    os.unlink(bundle + "/rootfs/caf\u00e9")
    with open(bundle + "/rootfs/etc/new", "w", encoding="utf-8") as file:
        file.write("n")
    subprocess.run(["umoci", "repack", "--image", image + ":2", bundle], check=True, capture_output=True)
    found = store.again(image, "--ref", "2")
    same("caf\u00e9" in found, False, "whiteout")
    same(found["etc/new"][6], b"n")
    same(found["bin/sh"][1:3], (0o4755, 5))


@claim("a file appears when it is whole: not after a failure, and not after a kill", soak=True)
def whole(caller):
    big = archive([entry(f"file{i}", random.Random(i).randbytes(5000)) for i in range(2000)])
    store = Out(caller, [big])
    begun = time.monotonic()
    size = os.path.getsize(store.export("docker-archive", "app.tar"))
    longest = (time.monotonic() - begun) * 1.2
    os.unlink(store.at("app.tar"))
    n_whole, n = 0, often(20)
    for i in range(n):
        process = caller.start([caller.nvbind, "export", "-f", "docker-archive", "-o", store.at("app.tar"), "app:1"],
                               start_new_session=True)
        time.sleep(random.uniform(0, longest))
        try:
            if i % 2:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        except ProcessLookupError:
            pass
        process.wait()
        if os.listdir(store.out):
            same(os.listdir(store.out), ["app.tar"], "leftovers")
            same(os.path.getsize(store.at("app.tar")), size)
            os.unlink(store.at("app.tar"))
            n_whole += 1
    that(n_whole < n, "no kill came in time")
    result = store.run("export", "-o", store.at("nowhere/x"), "app:1")
    same(result.status, 1)
    has(result.err, "nowhere/x': No such file or directory")
    same(os.listdir(store.out), [])
    store.is_clean()


@claim("who stops reading, and a full disk, are told; nothing is left", only="root", why="a small file system must be mounted")
def no_room(caller):
    big = archive([entry("file", random.Random(1).randbytes(8 << 20))])
    store = Out(caller, [big])
    script = f"mount -t tmpfs -o size=2m none {store.out} && " + """
        $1 export -o $2/x app:1; echo $?; ls $2 | wc -l
        $1 export -f root-dir -o $2/d app:1; echo $?
        umount $2; set -o pipefail; $1 export app:1 | head -c 10 >/dev/null; echo $?"""
    result = caller.finish(caller.start(["unshare", "-m", "--propagation", "private", "bash", "-c", script, "sh", caller.nvbind, store.out]))
    same(result.out, "1\n0\n1\n1\n", result.err)
    same(result.err.count("No space left on device"), 2, result.err)
    has(result.err, "cannot write the archive: Broken pipe")


@claim("files are copied out: one, a directory, what is in one, what a link leads to, as an archive")
def copies(caller):
    store = Out(caller)
    at = store.at
    store.do("cp", "app:1:/etc/../bin/sh", at("."))
    st = os.lstat(at("sh"))
    same((stat.S_IMODE(st.st_mode), st.st_uid, read(at("sh"))), (0o755, caller.uid, b"replaced"))
    store.do("cp", "app:1:/srv", at("new"))
    same(sorted(os.listdir(at("new"))), ["deep", "other"])
    store.do("cp", "app:1:/srv/.", at("new"))
    same(sorted(os.listdir(at("new"))), ["deep", "other"], "over what is there")
    store.do("cp", "app:1:/srv", at("new"))
    same(sorted(os.listdir(at("new"))), ["deep", "other", "srv"])
    store.do("cp", "app:1:/lib", at("."))
    same(os.readlink(at("lib")), "opt/lib")
    store.do("cp", "-L", "app:1:/lib", at("followed"))
    same(os.listdir(at("followed")), ["through"])
    store.do("cp", "app:1:/lib/through", at("sh"))
    same(read(at("sh")), b"a link", "a file replaces a file")
    store.do("cp", "app:1:/usr/usr/usr/etc/", at("."))
    same(stat.S_IMODE(os.lstat(at("etc")).st_mode), 0o711)
    out = caller.file(at("x.tar"))
    with open(out, "wb") as file:
        store.do("cp", "app:1:/opt", "-", stdout=file)
    same(sorted(members(read(out))), ["opt", "opt/lib", "opt/lib/through"])
    for words, pieces in (
            (("app:1:/nope", at(".")), ["there is no '/nope' in image 'app:1'"]),
            (("app:1:/bin/sh/x", at(".")), ["'/bin/sh/x' leads through what is no directory"]),
            (("app:1:/etc/old", at(".")), ["there is no '/etc/old'"]),
            (("app:1:/bin/sh", at("no/where")), ["No such file or directory"]),
            (("app:1:/bin/sh", at("no/")), ["there is no directory"]),
            (("app:1:/srv", at("sh")), ["'sh' is no directory here and one there"]),
            (("none:/x", at(".")), ["there is no image 'none:latest'"])):
        result = store.run("cp", *words)
        same(result.status, 1, words[0])
        has(result.err, *pieces)
    os.mkdir(at("new/other2"))
    os.chown(at("new/other2"), caller.uid, caller.uid)
    result = store.run("cp", "app:1:/srv/other", at("new/other2/../../etc/../new/other2/../../new/deep"))
    same(result.status, 0, "into a directory")


@claim("hostile names: nothing is read outside of the image, nothing written outside of the directory")
def hostile(caller):
    victim = caller.dir("victim")
    caller.file(victim + "/secret", "secret")
    evil = archive([
        link("abs", victim), link("up", "../../../../../../../.." + victim), link("self", "self"), link("root", "/"),
        folder("d"), link("d/out", victim), entry("d/in", "x"), entry(".wh.not", None), folder("way"), entry("way/file", "w"),
        entry("way/.wh..wh..opq"),
    ])
    store = Out(caller, [evil])
    for path in ("/abs/secret", "/up/secret", "/root/abs/secret", "/d/out/secret"):
        result = store.run("cp", "-L", "app:1:" + path, store.at("."))
        same(result.status, 1, path)
        has(result.err, f"there is no '{path}'")
    result = store.run("cp", "-L", "app:1:/self", store.at("."))
    has(result.err, "Too many levels of symbolic links")
    # a link in the destination that leads to where others' files are
    os.symlink(victim, store.at("way"))
    result = store.run("cp", "app:1:/way", store.at("."))
    same(sorted(os.listdir(victim)), ["secret"], "what a link led to")
    os.mkdir(store.at("e"))
    os.chown(store.at("e"), caller.uid, caller.uid)
    os.symlink(victim, store.at("e/way"))
    result = store.run("cp", "app:1:/.", store.at("e"))
    same(sorted(os.listdir(victim)), ["secret"], "what a link led to")
    same(result.status, 1)
    has(result.err, "'way' is no directory here and one there")


if __name__ == "__main__":
    main(with_full=True)

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Images are imported, listed, named and removed; whatever happens meanwhile, the store stays whole."""

import gzip
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import time

from harness import Skip, claim, has, main, often, same, that
from store_bed import Store, describe, layers
from image_files import archive, chain, docker_files, entry, folder, link, oci_files, write_archive


def hexes(names):
    return sorted(name.split(":")[1] for name in names)


@claim("a root file system becomes the same image however it is packed")
def rootfs(caller):
    store = Store(caller)
    plain = layers()[0]
    digests = set()
    zstd = subprocess.run(["zstd", "-qc"], input=plain, stdout=subprocess.PIPE, check=False) if shutil.which("zstd") else None
    files = [store.file("a.tar", plain), store.file("b.tar.gz", gzip.compress(plain))]
    if zstd and zstd.returncode == 0:
        files.append(store.file("c.tar.zst", zstd.stdout))
    for i, path in enumerate(files):
        digests.add(store.do("import", path, f"app:{i}").out.split("@")[1])
    with open(files[0], "rb") as file:
        digests.add(store.do("import", "-", "stdin", stdin=file).out.split("@")[1])
    with open(files[1], "rb") as file:
        process = subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE)
        digests.add(store.do("import", "-", "pipe", stdin=process.stdout).out.split("@")[1])
        process.stdout.close()
        process.wait()
    same(len(digests), 1, f"digests {digests}")
    same(store.layers(), hexes(chain([plain])), "layers")
    store.is_clean()


@claim("an image is the same from a layout, an archive of one, and docker's archive")
def layouts(caller):
    store = Store(caller)
    both = layers()
    oci, docker = oci_files(both), docker_files(both)
    write_archive(store.files + "/oci.tar", oci)
    write_archive(store.files + "/docker.tar", docker)
    write_archive(store.files + "/docker.tar.gz", docker, gzip.compress)
    store.do("import", store.layout("oci", oci), "a")
    store.do("import", store.files + "/oci.tar", "b")
    store.do("import", store.files + "/docker.tar", "c")
    store.do("import", store.files + "/docker.tar.gz", "d")
    store.do("import", store.layout("docker", docker), "e")
    same(len({row["id"] for row in store.images().values()}), 1, "ids")
    same(store.layers(), hexes(chain(both)), "layers")
    store.is_clean()


@claim("one of several images is chosen by its name")
def several(caller):
    store = Store(caller)
    one, two = docker_files(layers("1"), ["app:1"]), docker_files(layers("2"), ["app:2", "other"])
    both = {**one, **two, "manifest.json": json.dumps(json.loads(one["manifest.json"]) + json.loads(two["manifest.json"])).encode()}
    write_archive(store.files + "/both.tar", both)
    result = store.run("import", store.files + "/both.tar", "x")
    same(result.status, 1)
    has(result.err, "it holds several images", "--ref: app:1, app:2, other")
    store.do("import", store.files + "/both.tar", "x", "--ref", "other")
    same(store.layers(), hexes(chain(layers("2"))), "layers")
    result = store.run("import", store.files + "/both.tar", "x", "--ref", "none")
    has(result.err, "it holds no image named 'none'")


@claim("a directory is imported as a root file system, with what cannot be read told")
def directory(caller):
    store = Store(caller)
    tree = caller.dir("root")
    caller.file(tree + "/etc/hostname", "box")
    caller.file(tree + "/bin/sh", "#!", mode=0o755)
    os.symlink("sh", tree + "/bin/ash")
    store.do("import", tree, "box", "-c", 'CMD ["/bin/sh"]', "-c", "ENV A=b")
    diff = f"{store.path}/layers/{store.layers()[0]}/diff"
    with open(diff + "/etc/hostname", encoding="utf-8") as file:
        same(file.read(), "box")
    same(stat.S_IMODE(os.lstat(diff + "/bin/sh").st_mode), 0o755)
    blob = next(name for name in os.listdir(store.path + "/blobs/sha256")
                if b'"Cmd"' in open(f"{store.path}/blobs/sha256/{name}", "rb").read())
    inner = json.load(open(f"{store.path}/blobs/sha256/{blob}", encoding="utf-8"))["config"]
    same(inner, {"Env": ["A=b"], "Cmd": ["/bin/sh"]})
    if caller.uid != 0:
        caller.file(tree + "/etc/secret", "x", mode=0o600, owner=0)
        result = store.run("import", tree, "box2")
        same(result.status, 1)
        has(result.err, "cannot read 'etc/secret'", "Permission denied")
    store.is_clean()


@claim("names are given, moved and taken; the files go with the last one")
def names(caller):
    store = Store(caller)
    store.do("import", store.layout("one", oci_files(layers("1"))), "app:1")
    store.do("import", store.layout("two", oci_files(layers("2"))), "app:2")
    store.do("tag", "app:1", "localhost:5000/team/app")
    result = store.run("rmi", store.images()[("docker.io/library/app", "1")]["id"][7:19])
    same(result.status, 1)
    has(result.err, "has several names", "docker.io/library/app:1, localhost:5000/team/app:latest")
    has(store.do("rmi", "app:1").out, "untagged app:1")
    same(len(store.layers()), 4, "layers")
    store.do("tag", "app:2", "localhost:5000/team/app")
    store.do("prune")
    same(store.layers(), hexes(chain(layers("2"))), "layers")
    out = store.do("rmi", "-f", store.images()[("docker.io/library/app", "2")]["id"][7:19]).out
    has(out, "untagged app:2", "untagged localhost:5000/team/app:latest", "removed 2 layers")
    same(store.images(), {})
    same(store.parts(), {"tmp": [], "making": [], "layers": [], "refs": [], "blobs/sha256": []})
    result = store.run("rmi", "app:2")
    same(result.status, 1)
    has(result.err, "there is no image 'app:2'")


@claim("what a container uses is not removed")
def leases(caller):
    store = Store(caller)
    store.do("import", store.layout("one", oci_files(layers())), "app")
    digest = store.images()[("docker.io/library/app", "latest")]["digest"]
    caller.file(store.path + "/leases/web", json.dumps({"name": "web", "digest": digest, "set": 1}))
    result = store.run("rmi", "app")
    same(result.status, 1)
    has(result.err, "container 'web' uses image 'app'")
    store.do("prune", "--all")
    same(len(store.images()), 1)
    store.do("rmi", "-f", "app")
    store.do("prune")
    same(len(store.layers()), 2, "layers")
    os.unlink(store.path + "/leases/web")
    store.do("prune")
    same(store.layers(), [])


@claim("processes that import the same image at once make it once, and all succeed")
def crowd(caller):
    store = Store(caller)
    big = archive([entry(f"file{i}", random.Random(i).randbytes(20000)) for i in range(300)])
    path = store.layout("big", oci_files([*layers(), big]))
    started = [caller.start([caller.nvbind, "import", path, f"app:{i % 3}"]) for i in range(8)]
    for process in started:
        caller.finish(process, timeout=60).ok()
    same(store.layers(), hexes(chain([*layers(), big])), "layers")
    same(store.parts()["tmp"] + store.parts()["making"], [], "leftovers")
    same(store.is_clean()["layers"], 3)


@claim("overlayfs shows of the layers what umoci unpacks", only="root", why="umoci and the mount want to be root")
def oracle(caller):
    if not shutil.which("umoci"):
        raise Skip("no umoci")
    store = Store(caller)
    both = layers()
    third = archive([
        folder("srv"), folder("srv/deep"), entry("srv/deep/file", "1", uid=33, gid=33), folder("etc", mode=0o711, mtime=77), entry("etc/.wh.passwd"),
        link("lib", "opt/lib"), entry("lib/through", "a link"), entry("bin/sh", "replaced", mode=0o4755, uid=5),
        folder("opt"), folder("opt/lib"), entry(".wh.tmp"), folder("tmp", mode=0o700),
    ])
    every = [*both, third]
    path = store.layout("three", oci_files(every))
    store.do("import", path, "three")
    bundle = caller.dir("bundle")
    subprocess.run(["umoci", "unpack", "--image", path + ":latest", bundle + "/b"], check=True, capture_output=True)
    lower = ":".join(f"{store.path}/layers/{name[7:]}/diff" for name in reversed(chain(every)))
    script = f"mount -t overlay none -o ro,userxattr,lowerdir={lower} {bundle} && exec python3 -c \"$1\" {bundle}"
    code = (f"import sys; sys.path.insert(0, {os.path.dirname(os.path.abspath(__file__))!r})\n"
            "sys.argv.insert(1, '/bin/true')\nimport store_bed, json; print(json.dumps(store_bed.describe(sys.argv[2])))")
    want = describe(bundle + "/b/rootfs")
    got = subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", code],
                         check=True, capture_output=True, text=True).stdout
    files, groups = json.loads(got)
    same({name: tuple(row) for name, row in files.items()}, want[0], "files")
    same(groups, want[1], "hard links")


@claim("a SIGKILL at any moment of import, rmi and prune tears nothing", soak=True)
def killed(caller):
    store = Store(caller)
    big = archive([entry(f"file{i}", random.Random(i).randbytes(5000)) for i in range(400)])
    every = [*layers(), big]
    path = store.layout("big", oci_files(every))
    begun = time.monotonic()
    store.do("import", path, "app")
    longest = (time.monotonic() - begun) * 1.2
    for i in range(often(40)):
        words = [["import", path, "app"], ["rmi", "app"], ["import", path, f"app:{i}"], ["prune", "-a"]][i % 4]
        process = caller.start([caller.nvbind, *words], start_new_session=True)
        time.sleep(random.uniform(0, longest))
        try:
            if i % 8 < 4:
                os.killpg(process.pid, signal.SIGKILL)  # nvbind and all that it started
            else:
                process.kill()  # nvbind alone: the others must notice
        except ProcessLookupError:
            pass
        process.wait()
        caller.end_started()
        found = store.is_clean()
        for (name, tag), row in store.images().items():
            that(row["whole"], f"{name}:{tag} is not whole after {words}")
        that(found["layers"] <= 3, f"{found['layers']} layers")
    store.do("prune", "-a")
    same(store.parts(), {"tmp": [], "making": [], "layers": [], "refs": [], "blobs/sha256": []})


@claim("a full disk is told, leaves nothing and harms nothing", only="root", why="a small file system must be mounted")
def full_disk(caller):
    store = Store(caller)
    small, large = layers(), [archive([entry("file", random.Random(1).randbytes(30 << 20))])]
    paths = [store.layout("small", oci_files(small)), store.layout("large", oci_files(large, pack=lambda data: data))]
    os.mkdir(store.path)
    script = f"mount -t tmpfs -o size=20m none {store.path} && " + """
        N=$1; shift
        $N import "$1" small >/dev/null || exit 3
        $N import "$2" large 2>&1 && exit 4
        $N store check || exit 5
        $N images -q | wc -l
        ls $NVBIND_STORE/tmp | wc -l
        $N import "$1" again >/dev/null && $N rmi small again && umount $NVBIND_STORE"""
    command = ["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh", caller.nvbind, *paths]
    result = caller.finish(caller.start(command), timeout=60)
    same(result.status, 0, result.out + result.err)
    has(result.out, "No space left on device", "free some room where the store is", "faults: 0\n1\n0\n", "untagged small:latest")


@claim("a store that cannot be written is read, and says why it is not written", only="root",
       why="it must be mounted read-only")
def read_only(caller):
    store = Store(caller)
    path = store.layout("one", oci_files(layers()))
    store.do("import", path, "app")
    store.wait_synced()
    script = f"mount --bind {store.path} {store.path} && mount -o remount,bind,ro {store.path} && " + """
        $1 images -q && $1 store check && ! $1 rmi app && ! $1 tag app b && ! $1 prune && ! $1 import "$2" app"""
    result = caller.finish(caller.start(["unshare", "-m", "--propagation", "private", "sh", "-c", script, "sh",
                                         caller.nvbind, path]), timeout=60)
    same(result.status, 0, result.out + result.err)
    has(result.out, "faults: 0")
    same(result.err.count("Read-only file system"), 4, result.err)


@claim("the store of somebody else is not written", only="user", why="root may write everything")
def another_owner(caller):
    store = Store(caller)
    path = store.layout("one", oci_files(layers()))
    store.do("import", path, "app")
    with open(store.path + "/ids.json", "w", encoding="utf-8") as file:
        file.write('{"kind":"single","uids":[[0,1,1]],"gids":[[0,1,1]]}')
    result = store.run("import", path, "app")
    same(result.status, 1)
    has(result.err, "the store belongs to user 1")


@claim("a store of another format is refused, not guessed")
def another_format(caller):
    store = Store(caller)
    path = store.layout("one", oci_files(layers()))
    store.do("import", path, "app")
    with open(store.path + "/format", "w", encoding="utf-8") as file:
        file.write("9\n")
    for words in (["images"], ["import", path, "app"], ["prune"], ["store", "check"]):
        result = store.run(*words)
        same(result.status, 1)
        has(result.err, "the store is of format '9'; this nvbind knows format 1")


if __name__ == "__main__":
    main(with_full=True)

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Hostile and broken images are refused, broken stores are told and mended, and the clock may say what it likes."""

import gzip
import json
import os
import resource
import shutil
import tarfile
import time

from harness import Skip, claim, has, main, often, same, that
from store_bed import Store, layers
from image_files import (archive, config, digest, docker_files, entry, folder, hardlink, link, oci_files, write_archive)


def blobs(files):
    """(path, what it is) of a layout's blobs: the configuration is JSON with a rootfs, layers are packed."""
    for path, data in files.items():
        if path.startswith("blobs/"):
            yield path, "layer" if data[:2] == b"\x1f\x8b" else "config" if b'"rootfs"' in data else "manifest"


def blob(files, kind):
    return next(path for path, what in blobs(files) if what == kind)


def with_manifest(files, change):
    """The layout with another manifest, which the index leads to."""
    old = blob(files, "manifest")
    manifest = json.loads(files[old])
    change(manifest)
    data = json.dumps(manifest).encode()
    index = json.loads(files["index.json"])
    index["manifests"][0].update(digest=digest(data), size=len(data))
    rest = {path: text for path, text in files.items() if path != old}
    return {**rest, "index.json": json.dumps(index).encode(), "blobs/sha256/" + digest(data)[7:]: data}


def with_blob(files, kind, change):
    path = blob(files, kind)
    return {**files, path: change(files[path])}


def broken_layouts():
    good = oci_files(layers())
    layer = blob(good, "layer")
    bomb = gzip.compress(archive([entry("zeros", bytes(32 << 20))]))
    yield "a layer that is cut off", with_blob(good, "layer", lambda data: data[:-9]), ["layer"]
    yield "a layer with another byte", with_blob(good, "layer", lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:]), []
    yield "a layer that is another", {**good, layer: gzip.compress(archive([entry("x", "y")]))}, []
    yield "a layer that is a bomb", {**good, layer: bomb}, []
    yield "a layer that is missing", {path: data for path, data in good.items() if path != layer}, ["there is no"]
    yield "a layer that is longer", with_blob(good, "layer", lambda data: data + b"x"), []
    yield "a layer that is empty", with_blob(good, "layer", lambda data: b""), []
    yield "a configuration that is another", with_blob(good, "config", lambda data: data + b" "), ["is not what its name says"]
    yield "a manifest that is another", with_blob(good, "manifest", lambda data: data + b" "), ["is not what its name says"]
    yield "a manifest without layers", with_manifest(good, lambda m: m.update(layers=[])), ["layers"]
    yield "a digest that is a path", with_manifest(good, lambda m: m["config"].update(digest="sha256:../../../etc/passwd")), ["digest"]
    yield "a digest of another kind", with_manifest(good, lambda m: m["layers"][0].update(digest="md5:1234")), ["md5"]
    yield "a size that is none", with_manifest(good, lambda m: m["layers"][0].update(size=-5)), ["size"]
    yield "a size that lies", with_manifest(good, lambda m: m["layers"][0].update(size=3)), []
    yield "a layer that is elsewhere", with_manifest(good, lambda m: m["layers"][0].update(urls=["file:///etc/shadow"], digest="sha256:" + 64 * "0")), []
    yield "an index that is no JSON", {**good, "index.json": b"{" * 100000}, ["index.json"]
    yield "an index of itself", {**good, "index.json": json.dumps({"schemaVersion": 2, "manifests": [
        {"mediaType": "application/vnd.oci.image.index.v1+json", "digest": digest(good["index.json"]), "size": 1}]}).encode()}, []
    yield "no index", {path: data for path, data in good.items() if path != "index.json"}, []


@claim("layouts that lie are refused with a reason, as directories and as archives, and leave nothing")
def lying_layouts(caller):
    store = Store(caller)
    for i, (what, files, pieces) in enumerate(broken_layouts()):
        if what == "no index":
            continue  # a root file system, then
        write_archive(f"{store.files}/{i}.tar", files)
        for source in (store.layout(f"dir{i}", files), f"{store.files}/{i}.tar"):
            result = store.run("import", source, "app")
            same(result.status, 1, what)
            has(result.err, "nvbind: ", *pieces)
            same(store.images(), {}, what)
            same(store.parts()["tmp"] + store.parts()["making"], [], what)
    store.do("import", store.layout("good", oci_files(layers())), "app")
    store.is_clean()


@claim("docker's archives whose names lead elsewhere are refused, and nothing of the host is read")
def lying_archives(caller):
    store = Store(caller)
    secret = caller.file(store.files + "/secret", "secret")
    good = docker_files(layers())
    listed = json.loads(good["manifest.json"])

    def with_list(**members):
        return {**good, "manifest.json": json.dumps([{**listed[0], **members}]).encode()}

    for i, files in enumerate((with_list(Config=secret), with_list(Config="../secret"), with_list(Layers=[secret, secret]),
                               with_list(Layers=["../secret", "/etc/passwd"]), with_list(Layers=listed[0]["Layers"][:1]),
                               with_list(Config=""), with_list(Layers=[]), {**good, "manifest.json": b"[]"})):
        write_archive(f"{store.files}/{i}.tar", files)
        for source in (store.layout(f"dir{i}", files), f"{store.files}/{i}.tar"):
            result = store.run("import", source, "app")
            same(result.status, 1, f"{i}: {result.out}")
            that("secret\n" not in result.err, result.err)
    # a layout whose blob is a link out of it
    path = store.layout("linked", oci_files(layers()))
    name = path + "/" + blob(oci_files(layers()), "layer")
    os.rename(name, store.files + "/outside")
    os.symlink(store.files + "/outside", name)
    result = store.run("import", path, "app")
    same(result.status, 1)
    same(store.images(), {})


@claim("old docker's links between the layers of an archive are followed inside of it")
def linked_layers(caller):
    store = Store(caller)
    both = [layers()[0], layers()[0]]
    text = config(both)
    hex0, hex1 = "0" * 64, "1" * 64
    listed = [{"Config": "c.json", "RepoTags": ["app:1"], "Layers": [hex0 + "/layer.tar", hex1 + "/layer.tar"]}]
    data = archive([entry("c.json", text), folder(hex0), entry(hex0 + "/layer.tar", both[0]), folder(hex1),
                    link(hex1 + "/layer.tar", f"../{hex0}/layer.tar"), entry("manifest.json", json.dumps(listed))])
    store.do("import", store.file("old.tar", data), "app")
    same(store.do("images", "--json").json()[0]["whole"], True)


def hostile_members():
    yield "a path upwards", [entry("../../x", "x")], "a path with '..'"
    yield "a path upwards in the middle", [entry("a/../../x", "x")], "a path with '..'"
    yield "a link upwards", [hardlink("x", "../../../etc/passwd")], "a path with '..'"
    yield "a hard link out", [hardlink("x", "/etc/passwd")], "which is not in this layer"
    yield "a loop of links", [link("a", "b"), link("b", "a"), entry("a/x", "x")], "symbolic links"
    yield "a root that is a link", [link("./", "/etc")], "root"
    yield "a file within a file", [entry("a", "x"), entry("a/b", "x")], "a/b"
    yield "a name of 300 bytes", [entry("n" * 300, "x")], "File name too long"


@claim("hostile root file systems are refused, or what they do stays inside")
def hostile_roots(caller):
    store = Store(caller)
    victim = caller.dir("victim")
    for i, (what, members, piece) in enumerate(hostile_members()):
        result = store.run("import", store.file(f"{i}.tar", archive(members)), "app")
        same(result.status, 1, what)
        has(result.err, piece)
    inside = [link("out", victim), entry("out/file", "x"), link("deep/up", "../../../../../.." + victim), entry("deep/up/file2", "x"),
              entry("/absolute", "x"), link("abs2", "/"), entry("abs2/file3", "x")]
    store.do("import", store.file("inside.tar", archive(inside)), "app")
    same(os.listdir(victim), [])
    odd = archive([entry("latin-\xe9", "x")], tarfile.USTAR_FORMAT, encoding="latin-1")
    store.do("import", store.file("odd.tar", odd), "odd")
    names = {os.fsencode(name) for layer in store.layers() for name in os.listdir(f"{store.path}/layers/{layer}/diff")}
    that(b"latin-\xe9" in names, f"{names}")
    store.is_clean()


@claim("a file that claims a terabyte of holes, and one that is all zeros packed, are refused in time")
def bombs(caller):
    store = Store(caller)
    sparse = entry("holes", b"", pax_headers={"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "holes",
                                              "GNU.sparse.realsize": str(1 << 60)})
    sparse[0].size = 512
    data = archive([(sparse[0], b"1\n0\n512\n" + bytes(504))])
    begun = time.monotonic()
    result = store.run("import", store.file("sparse.tar", data), "app")
    same(result.status, 1)
    that(time.monotonic() - begun < 5, "it took too long")
    same(store.parts()["tmp"] if os.path.isdir(store.path) else [], [])


@claim("a great many files are imported in bounded memory", soak=True)
def many(caller):
    n = min(100 * often(1000), 1000000)
    room = shutil.disk_usage(caller.home)
    if os.statvfs(caller.home).f_favail < n * 2 or room.free < 2 << 30:
        raise Skip("no room for so many files")
    store = Store(caller)
    path = store.file("many.tar", b"")
    header = archive([entry("d00/f", "")])[:512]

    def at(name):
        """The header with another name; its checksum is the sum of its bytes."""
        block = bytearray(header)
        block[:100] = name.encode().ljust(100, b"\0")
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block)

    with open(path, "wb") as file:
        for i in range(n):
            file.write(at(f"d{i % 100}/{i}"))
        file.write(bytes(1024))
    begun = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    store.do("import", path, "many", timeout=900)
    seconds = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"# {n} files: {seconds:.1f} s, {n / seconds:.0f} a second, {peak >> 10} MiB at most (any child so far)")
    that(peak < max(before.ru_maxrss, 400 << 10), f"{peak} KiB")
    same(store.check("--quick")["faults"], [])
    store.do("rmi", "many", timeout=900)
    same(store.layers(), [])


def torn_states(path, layer, image):
    """(what, how it is made, what the check says, is the image whole after the repair)"""
    meta = f"{path}/layers/{layer}/meta.json"
    file = f"{path}/layers/{layer}/diff/etc/passwd"
    manifest = f"{path}/blobs/sha256/{image['digest'][7:]}"
    ref = path + "/refs/" + os.listdir(path + "/refs")[0]

    def write(name, text):
        with open(name, "w", encoding="utf-8") as out:
            out.write(text)

    def put_directory(name):
        """Of the ids of the images, as all in there."""
        os.makedirs(name)
        owner = os.stat(path + "/layers")
        os.chown(name, owner.st_uid, owner.st_gid)

    def unsynced():
        with open(meta, encoding="utf-8") as old:
            facts = json.load(old)
        facts.update(synced=False, boot_id="another")
        write(meta, json.dumps(facts))

    yield "no description", lambda: os.unlink(meta), "has lost its description", False
    yield "half a description", lambda: write(meta, '{"chain_id":'), "has lost its description", False
    yield "a changed file", lambda: write(file, "root::0"), "etc/passwd", False
    yield "a missing file", lambda: os.unlink(file), "etc/passwd", False
    yield "a file too much", lambda: write(file + "2", "x"), "etc/passwd2", False
    yield "other rights", lambda: os.chmod(file, 0o4777), "etc/passwd", False
    yield "no files", lambda: shutil.rmtree(f"{path}/layers/{layer}/diff"), "files are gone", False
    yield "no index", lambda: os.unlink(f"{path}/layers/{layer}/index"), "index", False
    yield "no layer", lambda: shutil.rmtree(f"{path}/layers/{layer}"), "layer", False
    yield "never on the disk, but whole", unsynced, "may not be on the disk", True
    yield "never on the disk, and torn", lambda: (unsynced(), write(file, "")), "etc/passwd", False
    yield "an empty manifest", lambda: write(manifest, ""), image["digest"][7:19], False
    yield "no manifest", lambda: os.unlink(manifest), "name", False
    yield "half a name", lambda: write(ref, "{"), "name", False
    yield "a name of nothing", lambda: write(ref, ""), "name", False
    yield "what is no blob", lambda: write(f"{path}/blobs/sha256/x", ""), "'x' is no blob", True
    yield "what is no layer", lambda: put_directory(f"{path}/layers/x"), "'x' is no layer", True
    yield "a work area of the dead", lambda: put_directory(f"{path}/tmp/work-0123"), None, True


@claim("store check finds every torn state, --repair mends it, and the image can be imported again", only="root",
       why="files of other ids are broken by hand")
def torn(caller):
    store = Store(caller)
    source = store.layout("image", oci_files(layers()))
    n = i = 0
    while i <= n:
        store.do("import", source, "app")
        store.wait_synced()
        image = next(iter(store.images().values()))
        lowest = next(name for name in store.layers() if os.path.exists(f"{store.path}/layers/{name}/diff/etc/passwd"))
        states = list(torn_states(store.path, lowest, image))
        n = len(states) - 1
        what, make, says, is_whole = states[i]
        make()
        found = store.run("store", "check", "--json")
        texts = [fault["text"] for fault in json.loads(found.out)["faults"]]
        same(found.status, 1 if says else 0, what)
        that(not says or any(says in text for text in texts), f"{what}: {texts}")
        mended = json.loads(store.run("store", "check", "--repair", "--json").out)
        that(all(fault["repaired"] or "name '" in fault["text"] for fault in mended["faults"]), f"{what}: {mended}")
        now = store.images()
        same(bool(now) and all(row["whole"] for row in now.values()), is_whole, f"{what}: the image after the repair")
        store.do("import", source, "app")
        store.wait_synced()
        same(store.is_clean()["leftovers"], 0, what)
        same(all(row["whole"] for row in store.images().values()), True, what)
        shutil.rmtree(store.path)
        i += 1


@claim("the clock may jump, years back and forth: nothing is lost, leftovers go")
def clock(caller):
    if not shutil.which("faketime"):
        raise Skip("no faketime")
    store = Store(caller)
    path = store.layout("one", oci_files(layers()))
    for i, when in enumerate(("2001-01-01", "2099-12-31", "1970-01-02", "2037-06-01")):
        def at(*words):
            return caller.finish(caller.start(["faketime", when, caller.nvbind, *words]), timeout=60).ok()
        at("import", path, f"app:{i}")
        work = f"{store.path}/tmp/work-{i:016x}"
        os.makedirs(work + "/diff")
        for name in (work, work + "/diff"):
            os.chown(name, os.stat(store.path + "/tmp").st_uid, os.stat(store.path + "/tmp").st_gid)
        os.utime(work, (4e9, 4e9))
        at("images")
        at("prune")
        same(store.parts()["tmp"], [], f"leftovers in {when}")
        same(json.loads(at("store", "check", "--json").out)["faults"], [], when)
    same(len(store.images()), 4)
    same(len(store.layers()), 2)
    store.is_clean()


@claim("stores of older and newer formats, and half made ones, are refused or finished")
def formats(caller):
    store = Store(caller)
    path = store.layout("one", oci_files(layers()))
    for text in ("0\n", "2\n", "1", "", "1.5\n", "\x1b[31m\n", "9" * 70000):
        shutil.rmtree(store.path, ignore_errors=True)
        store.do("import", path, "app")
        store.wait_synced()
        with open(store.path + "/format", "w", encoding="utf-8") as file:
            file.write(text)
        for words in (["images"], ["import", path, "app"], ["prune"], ["store", "check", "--repair"], ["export", "-o", "/dev/null", "app"]):
            result = store.run(*words)
            same(result.status, 1, f"{text!r}: {words}")
            that("\x1b" not in result.err, "control characters")
        same(len(store.layers()), 2, "layers")
    shutil.rmtree(store.path)
    store.do("import", path, "app")
    store.wait_synced()
    os.unlink(store.path + "/format")  # killed while it was made
    store.do("import", path, "app")
    store.is_clean()


if __name__ == "__main__":
    main(with_full=True)

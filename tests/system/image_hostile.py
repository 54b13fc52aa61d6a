#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Images that mean harm or are merely odd: whatever they have where we look, the host is not touched,
nothing hangs, and what is said can be read on a terminal."""

import os
import tarfile

from harness import claim, has, main, same, that
from image_bed import Layer, busybox, images, system, write_archive


def bare(*left_out):
    """busybox and its links, without what a hostile layer brings itself."""
    layer = Layer()
    for name in ("/bin", "/etc", "/tmp", "/run", "/var", "/root"):
        if name not in left_out:
            layer.dir(name)
    with open(busybox(), "rb") as file:
        layer.file("/bin/busybox", file.read(), 0o755)
    for name in "sh cat ls id stat env echo pwd mount touch readlink true".split():
        layer.link("/bin/" + name, "busybox")
    return layer


def make(caller, name, layer, config=None):
    return images(caller).make(name, lambda: [layer], {"Cmd": ["sh"], **(config or {})})


def trap(caller):
    """A directory of the host that an image names; nothing may come into it or out of it."""
    path = caller.dir("trap", mode=0o777)
    caller.file(path + "/passwd", "root:x:0:0::/trapped:/bin/sh\ntrapped:x:4242:4242::/:/bin/sh\n")
    return path


def untouched(path):
    same(sorted(os.listdir(path)), ["passwd"])
    that("trapped" in open(path + "/passwd", encoding="ascii").read(), "the host's file was changed")


@claim("/etc as a link to a directory of the host leads to that place of the image, if anywhere")
def etc_link(caller):
    for name, target in (("etc-absolute", trap(caller)), ("etc-climbs", "../../../../.." + trap(caller)),
                         ("etc-proc", "/proc/1/root/etc"), ("etc-self", "/etc"), ("etc-cwd", "/proc/self/cwd")):
        image = make(caller, name, bare("/etc").link("/etc", target))
        done = images(caller).sh(image, "echo $HOME; cat /etc/passwd; echo x >/etc/mine; true")
        that(done.status in (0, 125), f"{name}: {done.status} {done.err}")
        that("trapped" not in done.out, f"{name}: the host's passwd was read")
        done = images(caller).sh(image, "true", ["-u", "trapped"])
        that(done.status == 125 and "no user 'trapped'" in done.err, f"{name}: {done.err}")
    for path in os.listdir(caller.home):
        if path.startswith("trap"):
            untouched(os.path.join(caller.home, path))


@claim("/etc as a link within the image gets hosts and hostname where it leads")
def etc_inside(caller):
    image = make(caller, "etc-inside", bare("/etc").dir("/real").link("/etc", "real"))
    same(images(caller).answer(image, "ls /real; cat /etc/hostname | wc -c >/dev/null; readlink /etc").split(),
         ["hostname", "hosts", "real"])


@claim("hosts, hostname and resolv.conf as links out of the image are replaced, not followed")
def identity_links(caller):
    path = trap(caller)
    layer = bare()
    for name in ("hosts", "hostname", "resolv.conf"):
        layer.link("/etc/" + name, f"{path}/passwd")
    image = make(caller, "links", layer)
    has(images(caller).answer(image, "cat /etc/hosts"), "localhost")
    has(images(caller).answer(image, "cat /etc/hosts", ["--network", "host"]), "localhost")
    untouched(path)


@claim("/proc, /sys and /dev are the kernel's, whatever the image has there")
def kernel_places(caller):
    path = trap(caller)
    shapes = {
        "link": lambda layer, name: layer.link(name, path),
        "loop": lambda layer, name: layer.link(name, name),
        "file": lambda layer, name: layer.file(name, "x", 0o755),
        "fifo": lambda layer, name: layer.fifo(name),
        "full": lambda layer, name: layer.dir(name).file(name + "/null", "mine").file(name + "/self", "mine"),
    }
    for shape, add in shapes.items():
        layer = bare()
        for name in ("/proc", "/sys", "/dev"):
            add(layer, name)
        image = make(caller, "kernel-" + shape, layer)
        script = "stat -f -c %T /proc /sys /dev; stat -c '%F %t:%T' /dev/null; readlink /proc/self >/dev/null && echo own"
        same(images(caller).answer(image, script).split("\n"),
             ["proc", "sysfs", "tmpfs", "character special file 1:3", "own"], shape)
    untouched(path)


@claim("a layer above cannot take the kernel's places away again")
def whiteouts(caller):
    above = Layer().file("/.wh.proc").file("/.wh.dev").file("/.wh.sys").file("/etc/.wh.hosts").file("/etc/.wh.passwd")
    image = images(caller).make("whiteouts", lambda: [system(), above], {"Cmd": ["sh"]})
    same(images(caller).answer(image, "stat -f -c %T /proc; test -e /etc/hosts && ls /etc/passwd; id -u"), "proc\n0")


@claim("passwd and group of any kind end in an answer, never in waiting")
def account_kinds(caller):
    path = trap(caller)
    shapes = {
        "fifo": lambda layer, name: layer.fifo(name),
        "dir": lambda layer, name: layer.dir(name),
        "host": lambda layer, name: layer.link(name, path + "/passwd"),
        "loop": lambda layer, name: layer.link(name, name),
        "long": lambda layer, name: layer.file(name, "x" * 3_000_000),
        "bytes": lambda layer, name: layer.file(name, bytes(range(256)) * 64),
        "many": lambda layer, name: layer.file(name, "".join(f"u{i}:x:{i}:{i}:,:/:/\n" for i in range(20000))),
        "none": lambda layer, name: layer,
    }
    for shape, add in shapes.items():
        layer = bare()
        for name in ("/etc/passwd", "/etc/group"):
            add(layer, name)
        image = make(caller, "accounts-" + shape, layer)
        # busybox's own id would read them
        by_number = images(caller).run(image, "/bin/stat", "-c", "%u %g", "/proc/self/", opts=["-u", "1000:1000"], timeout=20)
        that(by_number.status in (0, 125), f"{shape}: {by_number.status}")
        if shape not in ("long", "bytes", "fifo", "dir", "loop"):
            same(by_number.ok().out.split(), ["1000", "1000"], shape)
        by_name = images(caller).sh(image, "id -u", ["-u", "trapped"], timeout=20)
        same(by_name.status, 125, shape)
        that("\x1b" not in by_name.err and by_name.err.isprintable() or "\n" in by_name.err, shape)


@claim("odd lines of passwd give no ids but the ones that are written there")
def odd_accounts(caller):
    text = ("root:x:0:0::relative:/bin/sh\nneg:x:-1:-1::/:\nbig:x:4294967295:0::/:\nhuge:x:99999999999999999999:0::/:\n"
            "hex:x:0x10:0::/:\nshort:x\n::::::\nplus:x:+5:+5::/:\nspace:x: 5: 5::/:\ngood:x:7:8::/good:\n")
    image = make(caller, "odd-accounts", bare().file("/etc/passwd", text))
    same(images(caller).answer(image, "echo $(id -u) $(id -g) $HOME", ["-u", "good"]), "7 8 /good")
    for name in ("neg", "big", "huge", "hex", "short", "plus", "space"):
        done = images(caller).sh(image, "id -u", ["-u", name])
        same(done.status, 125, f"{name}: {done.out} {done.err}")
    for number in ("4294967295", "-1", "0:4294967295", "0x0", " 0", "+0", "0:", ":", ":0", "99999999999"):
        done = images(caller).sh(image, "id -u", ["-u", number])
        that(done.status in (2, 125) or (number in ("0:", ":", ":0") and done.out == "0\n"), f"'{number}': {done.out}{done.err}")


@claim("a configuration full of control characters is not passed on to the terminal")
def escapes(caller):
    evil = "\x1b]0;owned\x07\x1b[2Jevil\r\n\x9b2J"
    for name, config in (("cmd", {"Cmd": [evil]}), ("entry", {"Entrypoint": ["/bin/" + evil]}), ("user", {"User": evil}),
                         ("dir", {"WorkingDir": "/" + evil, "Cmd": ["/nothing" + evil]}), ("stop", {"StopSignal": evil}),
                         ("env", {"Env": ["PATH=/" + evil, evil + "=x", "X=" + evil], "Cmd": ["nothing" + evil]})):
        image = make(caller, "escape-" + name, bare(), config)
        for opts in ((), ("--timing",)):
            done = images(caller).run(image, opts=opts, timeout=20)
            that("\x1b" not in done.err and "\x07" not in done.err and "\x9b" not in done.err and "\r" not in done.err,
                 f"{name}: {done.err!r}")


@claim("variables of an image stay in it, those of the loader among them")
def variables(caller):
    config = {"Env": ["LD_PRELOAD=/evil.so", "LD_LIBRARY_PATH=/evil", "GCONV_PATH=/evil", "NVBIND_STORE=/evil", "TMPDIR=/evil",
                      "=empty", "NOVALUE", "HOME=/evil", "XDG_RUNTIME_DIR=/evil", "NVBIND_NVML_LIBRARY=/evil.so"]}
    image = make(caller, "variables", bare(), config)
    told = images(caller).sh(image, "echo $LD_PRELOAD $HOME", ["--gpu", "none"]).ok()
    same(told.out, "/evil.so /evil\n")
    same(told.err, "" if caller.name != "user" else told.err)


@claim("a working directory that leads out of the root is refused")
def workdirs(caller):
    layer = bare().link("/fds", "/proc/self/fd").link("/up", "../../../../../..").link("/cwd", "/proc/self/cwd")
    image = make(caller, "workdirs", layer)
    for i in range(3, 24):
        for text in (f"/proc/self/fd/{i}", f"/fds/{i}", f"/proc/self/fd/{i}/../../..", f"/proc/1/fd/{i}"):
            done = images(caller).run(image, "/bin/cat", "/etc/passwd", opts=["-w", text])
            that(done.status == 125 and not done.out, f"{text}: {done.status} {done.out}{done.err}")
    same(images(caller).answer(image, "pwd; ls -d bin", ["-w", "/up"]), "/\nbin")
    that(images(caller).sh(image, "pwd", ["-w", "/cwd"]).status == 125, "/proc is not mounted yet when directories are made")
    for text in ("/proc/self/fd/5", "/proc/self/fd/8/../..", "relative", "../../.."):
        wicked = make(caller, "workdir-" + text.strip("./").replace("/", "-") + str(len(text)), bare(), {"WorkingDir": text})
        done = images(caller).run(wicked, "/bin/readlink", "/proc/self/cwd")
        that(done.status == 125 or done.out in ("/\n", "/relative\n"), f"{text}: {done.out}{done.err}")


@claim("an entrypoint that is nvbind itself, by way of /proc, is not started")
def own_program(caller):
    layer = (bare().link("/exe", "/proc/self/exe").file("/script", "#!/proc/self/exe\n", 0o755)
             .file("/nested", "#!/script\n", 0o755).file("/linked", "#! /exe run\n", 0o755))
    image = make(caller, "own-program", layer)
    for command in ("/proc/self/exe", "/exe", "/script", "/nested", "/linked", "/proc/1/exe", "/proc/self/map_files/0-1"):
        done = images(caller).run(image, command, "--help")
        that(done.status in (126, 127) and "usage" not in done.out.lower(), f"{command}: {done.status} {done.out[:80]}")
    # With the host's libraries in it the program would even start.
    libraries = [opt for top in ("/usr", "/lib", "/lib64") if os.path.isdir(top) for opt in ("-v", f"{top}:{top}:ro")]
    for command in ("/proc/self/exe", "/exe", "/script", "/nested", "/linked"):
        done = images(caller).run(image, command, "--help", opts=libraries)
        that(done.status in (126, 127) and not done.out, f"{command} with libraries: {done.status} {done.out[:80]}")


@claim("volumes go to places of the image, by whatever links, never of the host")
def volume_places(caller):
    path, source = trap(caller), caller.dir("given")
    caller.file(source + "/given", "given")
    layer = (bare().link("/host", path).link("/climb", "../../../../../../.." + path).link("/self", "/self").link("/in", "etc/deep")
             .file("/file", "x").link("/proclink", "/proc/self/fd").dir("/etc/deep"))
    image = make(caller, "volume-places", layer)
    for place in ("/host/sub", "/climb/sub", "/self/sub", "/proclink/9", "/file/sub", "/host", "/self", "/proc/self", "/dev/null",
                  "/proc", "/sys", "/dev", "/etc/passwd", "/etc/hosts", "/bin"):
        done = images(caller).run(image, "/bin/busybox", "true", opts=["-v", f"{source}:{place}:ro"])
        that(done.status in (0, 2, 125, 127), f"{place}: {done.status} {done.err}")
        untouched(path)
    same(images(caller).answer(image, "cat /in/x/given; cat /etc/deep/x/given", ["-v", f"{source}:/in/x"]), "givengiven")
    for number, text in enumerate(("/host/made", "/../../x", "relative", "/proc/1", "/dev/x", "/proc/self/fd/9", "", "/a\x1bb")):
        wicked = f"volume-{number}"
        archive = write_archive(f"{caller.home}/{wicked}.tar", wicked, [layer.done()], {"Cmd": ["sh"], "Volumes": {text: {}}})
        done = caller.nvbind_run("import", archive, wicked)
        if done.status == 0:
            done = images(caller).sh(wicked, "true")
        that(done.status in (0, 1, 125) and "\x1b" not in done.err, f"{text}: {done.status} {done.err!r}")
    untouched(path)


@claim("a cache of the loader, and a driver's places, of any kind are no reason to wait or to write outside")
def loader_cache(caller):
    path = trap(caller)
    for name, add in (("fifo", lambda layer: layer.fifo("/etc/ld.so.cache")), ("link", lambda layer: layer.link("/etc/ld.so.cache", path)),
                      ("noise", lambda layer: layer.file("/etc/ld.so.cache", b"glibc-ld.so.cache1.1" + b"\xff" * 4000)),
                      ("places", lambda layer: layer.link("/usr", path)),
                      ("icd", lambda layer: layer.dir("/usr").dir("/usr/share").link("/usr/share/vulkan", path))):
        layer = bare()
        add(layer)
        image = make(caller, "cache-" + name, layer)
        for opts in (["--gpu", "software"], ["--profile", "gaming", "--gpu", "none"]):
            done = images(caller).sh(image, "true", opts, timeout=30)
            that(done.status in (0, 125), f"{name}: {done.status} {done.err}")
        untouched(path)


@claim("device nodes of an image cannot be opened")
def nodes(caller):
    layer = bare().dir("/nodes")
    for name, kind, major, minor in (("mem", tarfile.CHRTYPE, 1, 1), ("zero", tarfile.CHRTYPE, 1, 5), ("disk", tarfile.BLKTYPE, 8, 0),
                                     ("loop", tarfile.BLKTYPE, 7, 0), ("white", tarfile.CHRTYPE, 0, 0)):
        info = tarfile.TarInfo("nodes/" + name)
        info.type, info.mode, info.devmajor, info.devminor = kind, 0o666, major, minor
        layer.tar.addfile(info)
    image = make(caller, "nodes", layer)
    script = "for n in mem zero disk loop white; do cat /nodes/$n >/dev/null 2>&1 </dev/null && echo opened $n; done; echo done"
    same(images(caller).answer(image, script), "done")


@claim("names in layers that climb out are refused or stay inside")
def climbing(caller):
    path = trap(caller)
    for name, add in (("dots", lambda layer: layer.file("../../../../../.." + path + "/evil", "x")),
                      ("through", lambda layer: layer.link("/d", path).file("/d/evil", "x")),
                      ("hard", lambda layer: layer.hard("/passwd", path + "/passwd"))):
        try:
            layer = bare()
            add(layer)
            image = make(caller, "climb-" + name, layer)
            images(caller).sh(image, "true")
        except AssertionError:
            pass  # refused by import
        untouched(path)


main(with_full=True)

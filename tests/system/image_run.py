#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Containers of stored images: what they run, as whom, on which files; as root, as a user with one
id, and as one with subordinate ids ("full")."""

import json
import os
import re
import signal
import subprocess
import time

from harness import claim, has, main, same, that, until
from image_bed import ARCH, Layer, images, system
from pull_bed import Puller
from registry_bed import Registry

RANGE = 65536


def map_of(caller, image, kind="uid", opts=()):
    lines = images(caller).answer(image, f"cat /proc/self/{kind}_map", opts).splitlines()
    return [tuple(map(int, line.split())) for line in lines]


@claim("a container of an image runs the image's command in the image's files")
def runs(caller):
    image = images(caller).small("runs", {"Cmd": ["sh", "-c", "cat /word; id -u"]},
                                 lambda: Layer().file("/word", "a word\n"))
    same(images(caller).run(image).ok().out.split("\n"), ["a word", "0", ""])
    same(images(caller).answer(image, "ls /"), "\n".join(sorted(
        "bin dev etc proc root run sys tmp var word".split())))


@claim("its ids are the range of the store, the subordinate ones, or one")
def maps(caller):
    image = images(caller).small()
    for kind in ("uid", "gid"):
        found = map_of(caller, image, kind)
        if caller.name == "root":
            that(len(found) == 1 and found[0][0] == 0 and found[0][1] > RANGE and found[0][2] == RANGE, f"{found}")
        elif caller.name == "full":
            same(found, [(0, caller.uid, 1), (1, 400000, RANGE)])
        else:
            same(found, [(0, caller.uid, 1)])


@claim("files have their owners, as the map allows")
def owners(caller):
    above = lambda: Layer().file("/theirs", "x", owner=(33, 44)).dir("/closed", 0o700, owner=(33, 33))
    image = images(caller).small("owners", above=above)
    told = images(caller).answer(image, "stat -c '%u:%g' /bin/busybox /theirs /closed").split()
    same(told, ["0:0", "0:0", "0:0"] if caller.name == "user" else ["0:0", "33:44", "33:33"])
    if caller.name != "user":
        same(images(caller).answer(image, "chown 12:34 /theirs && stat -c '%u:%g' /theirs"), "12:34")


@claim("the image's user counts, by name and number, with its groups and home")
def users(caller):
    image = images(caller).small("users", {"User": "app"})
    script = "id -u; id -g; echo $HOME; grep Groups /proc/self/status | cut -d: -f2"
    script = "echo $(id -u) $(id -g) $HOME"
    same(images(caller).answer(image, script), "1000 1000 /home/app")
    same(images(caller).answer(image, script, ["-u", "root"]), "0 0 /root")
    same(images(caller).answer(image, script, ["-u", "0:1234"]), "0 1234 /root")
    same(images(caller).answer(image, script, ["--user", "4242:app"]), "4242 1000 /")
    groups = images(caller).answer(image, "id -G").split()
    same(groups, ["1000"] if caller.name == "user" else ["1000", "1234"])


@claim("a user that the image does not have is refused with what is near")
def unknown_user(caller):
    image = images(caller).small()
    done = images(caller).sh(image, "true", ["-u", "apq"])
    same(done.status, 125)
    has(done.err, "the image has no user 'apq' in its /etc/passwd", "did you mean 'app'?")


@claim("a user beyond the ids of the container is refused, and runs with one id")
def large_user(caller):
    image = images(caller).small()
    if caller.name == "user":
        same(images(caller).answer(image, "id -u", ["-u", "70000"]), "70000")
        return
    done = images(caller).sh(image, "true", ["-u", "70000"])
    same(done.status, 125)
    has(done.err, "user 70000:0 is beyond the ids", "--userns single")


@claim("--userns single gives the image's user and no other id")
def single(caller):
    image = images(caller).small()
    found = map_of(caller, image, opts=["--userns", "single", "-u", "app"])
    same([(inside, n) for inside, _, n in found], [(1000, 1)])
    if caller.name != "root":
        same(found[0][1], caller.uid)


@claim("--userns full without subordinate ids says how to get some", only="user")
def no_full(caller):
    done = images(caller).sh(images(caller).small(), "true", ["--userns", "full"])
    same(done.status, 125)
    has(done.err, "--userns full needs subordinate ids", "usermod --add-subuids")


@claim("doctor tells whose ids the users of images have")
def doctor(caller):
    done = caller.finish(caller.start([caller.nvbind, "doctor"]))
    if caller.name == "root":
        that("subordinate-ids" not in done.out, done.out)
    elif caller.name == "full":
        has(done.out, "subordinate ids stand behind the users of images")
    else:
        has(done.out, "you have no subordinate ids")
        that("usermod" not in done.out, "an id without an account cannot be given any")


@claim("that there is only one id is said once", only="user")
def said_once(caller):
    image = images(caller).small()
    for path in (caller.home + "/.cache/nvbind/said/single-id",):
        if os.path.exists(path):
            os.unlink(path)
    has(images(caller).sh(image, "true").ok().err, "you have no subordinate ids")
    same(images(caller).sh(image, "true").ok().err, "")


@claim("every place can be written, and nothing of it is there the next time")
def writes(caller):
    image = images(caller).small()
    script = ("for d in / /bin /etc /tmp /run /var /root; do echo x >$d/made || exit 1; done; rm /bin/cat /etc/group;"
              " mv /etc/passwd /etc/moved; mkdir -p /new/deep; ln -s /etc /new/link; chmod 700 /var")
    images(caller).answer(image, script)
    same(images(caller).answer(image, "ls / /etc /bin/cat; stat -c %a /var"),
         images(caller).answer(image, "ls / /etc /bin/cat; stat -c %a /var"))
    that("made" not in images(caller).answer(image, "ls / /etc /bin /root"), "something stayed")


@claim("layers lie upon each other: files, whiteouts, opaque directories, sixty of them")
def layers(caller):
    def make():
        made = [system()]
        for i in range(60):
            layer = Layer().dir("/l").file(f"/l/{i}", str(i)).file("/top", str(i))
            if i == 30:
                layer.file("/l/.wh.10").dir("/cleared").file("/cleared/.wh..wh..opq").file("/cleared/new", "new")
            if i == 3:
                layer.dir("/cleared").file("/cleared/old", "old")
            made.append(layer)
        return made

    image = images(caller).make("sixty", make, {"Cmd": ["sh"]})
    same(images(caller).answer(image, "ls /l | wc -l; cat /top; echo; ls /l/10 2>/dev/null; ls /cleared").split(),
         ["59", "59", "new"])


@claim("130 layers, too")
def many_layers(caller):
    image = images(caller).make("many", lambda: [system(), *(Layer().file(f"/f{i}", str(i)) for i in range(129))],
                                {"Cmd": ["sh"]})
    same(images(caller).answer(image, "ls -d /f* | wc -l"), "129")


@claim("/etc/resolv.conf asks the helper of the network, or whom the host asks, or nobody")
def resolver(caller):
    image = images(caller).small()
    own = open("/etc/resolv.conf", encoding="utf-8").read()
    same(images(caller).sh(image, "cat /etc/resolv.conf", ["--network", "host"]).ok().out, own)
    same(images(caller).sh(image, "cat /etc/resolv.conf").out, "")
    done = images(caller).sh(image, "cat /etc/resolv.conf /etc/hosts", ["--network", "internet"])
    if done.status != 125:
        has(done.ok().out, "nameserver 10.78.86.3", "localhost")


@claim("/etc/hostname, /etc/hosts and the environment are the container's own")
def identity(caller):
    above = lambda: Layer().file("/etc/hostname", "old\n").file("/etc/hosts", "1.2.3.4 old\n")
    image = images(caller).small("identity", {"Env": ["A=1", "B=2", "NVIDIA_VISIBLE_DEVICES=all"]}, above)
    name, env = images(caller).answer(image, "hostname; cat /etc/hostname; cat /etc/hosts; env").split("\n", 1)
    has(env, name, "localhost", "A=1", "HOME=/root", f"HOSTNAME={name}", "NVIDIA_VISIBLE_DEVICES=void")
    that("old" not in env, "the image's own")
    same(images(caller).answer(image, "hostname", ["--hostname", "mine"]), "mine")


@claim("variables come from the image, then a file, then -e")
def variables(caller):
    image = images(caller).small("variables", {"Env": ["A=image", "B=image", "C=image"]})
    path = caller.file(caller.home + "/vars", "# some\nB=file\nC=file\n")
    same(images(caller).answer(image, "echo $A $B $C", ["-e", "C=mine", "--env-file", path]), "image file mine")


@claim("entrypoint and command are put together, and the entrypoint can be replaced")
def entrypoint(caller):
    image = images(caller).small("entry", {"Entrypoint": ["echo", "entry"], "Cmd": ["command"]})
    run = lambda *command, opts=(): images(caller).run(image, *command, opts=opts).ok().out.strip()
    same(run(), "entry command")
    same(run("mine"), "entry mine")
    same(run("-n", "mine", opts=["--entrypoint", "echo"]), "mine")
    same(run("echo", "bare", opts=["--entrypoint", ""]), "bare")


@claim("the working directory is the image's or one's own, made when it is missing")
def workdir(caller):
    image = images(caller).small("workdir", {"WorkingDir": "/srv/new"})
    same(images(caller).answer(image, "pwd; stat -c '%u %a' ."), "/srv/new\n0 755")
    same(images(caller).answer(image, "pwd", ["-w", "/some/where"]), "/some/where")
    done = images(caller).sh(image, "pwd", ["-w", "/bin/busybox"])
    same(done.status, 125)


@claim("a command that is missing is 127, one that cannot be run is 126 with the reason")
def no_command(caller):
    above = lambda: (Layer().file("/plain", "text").file("/script", "#!/no/interpreter\n", 0o755)
                     .file("/foreign", b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xf3\x00" + bytes(44), 0o755)
                     .file("/odd", b"\0\1\2\3", 0o755))
    image = images(caller).small("broken", above=above)
    for command, status, words in (("nothing", 127, "there is no command 'nothing'"),
                                   ("/nothing", 127, "there is no command '/nothing'"),
                                   ("/plain", 126, "Permission denied"),
                                   ("/script", 127, "needs an interpreter that is not in the container"),
                                   ("/odd", 126, "Exec format error"),
                                   ("/foreign", 126, "is a program for riscv64, which this machine is not")):
        done = images(caller).run(image, command)
        same(done.status, status, command)
        has(done.err, words)
    empty = images(caller).make("empty", lambda: [Layer().file("/data", "x")], {})
    has(images(caller).run(empty).err, "the image does not say what to run")
    same(images(caller).run(empty, "/data").status, 126)


@claim("an image for another processor says which package emulates it")
def foreign_image(caller):
    program = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(44)
    arch = "riscv64" if os.uname().machine == "aarch64" else "arm64"
    if arch == "riscv64":
        program = program.replace(b"\xb7", b"\xf3")
    image = images(caller).make("foreign", lambda: [Layer().file("/program", program, 0o755)],
                                {"Cmd": ["/program"]}, arch=arch)
    done = images(caller).run(image)
    same(done.status, 126)
    has(done.err, f"is a program for {arch}")
    that(re.search(r"qemu|QEMU", done.err), done.err)


@claim("an image that is not here is named with how to get it")
def absent(caller):
    images(caller)
    done = caller.nvbind_run("run", "--pull", "never", "absent:1", "true")
    same(done.status, 125)
    has(done.err, "there is no image 'absent:1'", "nvbind pull absent:1")


@claim("an image that is not here is pulled first, and asked for anew when told so")
def pulled(caller):
    puller = Puller(caller)
    run = lambda *words: caller.nvbind_run("run", *words, env=puller.env, timeout=30)
    with Registry() as registry:
        name = f"{registry.name}/small:1"
        registry.add_image("small", "1", [{"bin": None, "word": "one"}], arch=ARCH, Cmd=["/none"])
        done = run("--pull", "never", name)
        same(done.status, 125)
        has(done.err, f"there is no image '{name}'", "nvbind pull")
        same(registry.paths(), [])
        done = run(name)
        same(done.status, 127)
        has(done.err, f"pulled {name}", "there is no command")
        before = len(registry.paths())
        same(run(name, "/none").status, 127)
        same(len(registry.paths()), before, "asked again")
        same(run("--pull", "always", name, "/none").status, 127)
        that(len(registry.paths()) > before, "not asked")
        done = run(f"{registry.name}/absent:1")
        same(done.status, 125)
        has(done.err, f"cannot run image '{registry.name}/absent:1'")
    same(run("--pull", "always", name, "/none").status, 125)
    same(run(name, "/none").status, 127)


@claim("what is printed is not pulled for")
def printed(caller):
    puller = Puller(caller)
    with Registry() as registry:
        same(caller.nvbind_run("run", "--print", "oci", f"{registry.name}/small:1", env=puller.env).status, 125)
        same(registry.paths(), [])


@claim("--read-only leaves /tmp, /run, /var/tmp and the image's volumes writable, no more")
def read_only(caller):
    config = {"Volumes": {"/data": {}, "/": {}, "/proc": {}, "/sys": {}, "/alias": {}}}
    above = lambda: Layer().dir("/data").file("/data/kept", "kept").link("/alias", "/etc")
    image = images(caller).small("volumes", config, above)
    script = ("for d in / /etc /bin /root /var /tmp /run /var/tmp /data /sys /dev/shm; do"
              " touch $d/x 2>/dev/null && echo -n $d,; done; cat /data/kept; cat /proc/kcore | wc -c;"
              " echo 1 2>/dev/null >/proc/sys/kernel/panic || echo refused")
    told = images(caller).sh(image, script, ["--read-only"]).ok().out.split()
    same(told[0], "/etc,/tmp,/run,/var/tmp,/data,/dev/shm,kept0")  # /etc: a volume by its alias
    same(told[1], "refused")


@claim("without --read-only a declared volume is like any other directory")
def volume(caller):
    image = images(caller).small("volume", {"Volumes": {"/made/here": {}}})
    same(images(caller).answer(image, "echo x >/made/here/f && cat /made/here/f; stat -c %a /made/here"), "x\n755")


@claim("a host directory in a container of many users keeps their ids", only="root full")
def many_ids_volume(caller):
    image = images(caller).small()
    path = caller.dir("shared", mode=0o777)
    script = "echo a >/v/root; echo b >/v/app; chown 1000:1000 /v/app; stat -c '%u:%g' /v /v/root /v/app"
    told = images(caller).answer(image, script, ["-v", f"{path}:/v"]).split()
    same(told, ["0:0", "0:0", "1000:1000"])
    ids = lambda name: (os.stat(f"{path}/{name}").st_uid, os.stat(f"{path}/{name}").st_gid)
    same(ids("root"), (caller.uid, caller.uid))
    same(ids("app"), (1000, 1000) if caller.name == "root" else (400999, 400999))


@claim("the owner of a host directory is the container's user, whoever that is", only="root")
def swapped_volume(caller):
    image = images(caller).small()
    for owner, user in ((1234, "app"), (0, "app"), (1234, "root"), (100000, "root")):
        path = caller.dir("owned", owner=owner)
        images(caller).answer(image, "echo x >/v/f && test $(stat -c %u /v) = $(id -u)",
                              ["-u", user, "-v", f"{path}:/v"])
        same(os.stat(path + "/f").st_uid, owner, f"owner {owner}, user {user}")


@claim("another user's store is used with its files shown as the container's", only="root")
def foreign_store(caller):
    image = images(caller).small("shown", above=lambda: Layer().file("/theirs", "x", 0o600, owner=(33, 44)))
    store = caller.dir("foreign")
    subprocess.run(["cp", "-a", images(caller).store + "/.", store], check=True)
    with open(store + "/ids.json", encoding="utf-8") as file:
        base = json.load(file)["uids"][0][1]
    theirs = lambda i: 1234 if i == base else 300000 + i - base - 1
    for top, dirs, files in os.walk(images(caller).store):
        for name in [".", *dirs, *files]:
            st = os.lstat(os.path.join(top, name))
            copy = os.path.join(store, os.path.relpath(os.path.join(top, name), images(caller).store))
            os.lchown(copy, *(theirs(i) if i >= base else 1234 for i in (st.st_uid, st.st_gid)))
    ids = [[0, 1234, 1], [1, 300000, RANGE]]
    caller.file(store + "/ids.json", json.dumps({"kind": "full", "uids": ids, "gids": ids}), owner=1234)
    told = images(caller).answer(image, "cat /theirs; stat -c '%u:%g' /theirs /bin/busybox; touch /bin/x && rm /theirs",
                                 env={"NVBIND_STORE": store})
    same(told.split(), ["x33:44", "0:0"])


@claim("a signal ends the command, and its status is told")
def signals(caller):
    process = images(caller).begin(images(caller).small(), "sh", "-c", "echo up; sleep 30")
    same(process.stdout.readline(), b"up\n")
    process.send_signal(signal.SIGTERM)
    same(process.wait(5), 143)


@claim("with a terminal the command has one that is its user's")
def terminal(caller):
    image = images(caller).small()
    told = images(caller).answer(image, "tty; test -w /dev/pts/0 && stat -c %u /dev/pts/0", ["-t", "-u", "app"])
    has(told, "1000")


@claim("a running container keeps its files when the image is removed and swept")
def held(caller):
    image = images(caller).small("held", above=lambda: Layer().file("/word", "kept"))
    process = images(caller).begin(image, "sh", "-c", "echo up; cat; cat /word; ls /bin/sed", opts=["-i"], stdin=-1)
    same(process.stdout.readline(), b"up\n")
    caller.nvbind_run("rmi", image).ok()
    caller.nvbind_run("prune").ok()
    images(caller).have.discard(image)
    out, _ = process.communicate(b"", 10)
    same(out, b"kept/bin/sed\n")
    same(process.returncode, 0)
    caller.nvbind_run("prune").ok()
    same(images(caller).sh(image, "true").status, 125)


@claim("a container killed at any moment leaves nothing in the store")
def killed(caller):
    image = images(caller).small()
    names = lambda: sorted(os.path.join(top, name) for top, dirs, files in os.walk(images(caller).store)
                           for name in dirs + files)
    before = names()
    for i in range(20):
        process = images(caller).begin(image, "sh", "-c", "echo x >/made; sleep 9")
        time.sleep(i / 1000)
        process.kill()
        process.wait()
    same(names(), before)


@claim("image host starts as before beside all this")
def host_still(caller):
    same(caller.answer("/usr/bin/id", "-u"), "1000")


main(with_full=True)

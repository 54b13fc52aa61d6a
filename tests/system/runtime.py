#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""nvbind-runtime against the statements of the OCI runtime specification.

usage: runtime.py NVBIND_RUNTIME [WORD]...     WORD: only the claims that have it"""

import json
import os
import subprocess

from runtime_bed import Skip, claim, main, same, that


def words(result):
    return result.ok().out.split()


# What is there between the commands.

@claim("create, start, state, kill and delete lead through the states of a container")
def _(bed):
    id_, path = bed.create()
    state = bed.state(id_)
    same(state["status"], "created")
    same(state["id"], id_)
    same(state["bundle"], path)
    that(state["pid"] > 0, "no pid")
    bed.call("start", id_).ok()
    same(bed.state(id_)["status"], "running")
    bed.call("kill", id_, "KILL").ok()
    bed.until(id_, "stopped")
    same(bed.state(id_)["pid"], 0)
    bed.call("delete", id_).ok()
    bed.call("state", id_).fails("does not exist")


@claim("an id is taken once, and must be a name")
def _(bed):
    id_, path = bed.create()
    bed.call("create", "--bundle", path, id_).fails("exists already")
    bed.call("create", "--bundle", path, "../x").fails("cannot be the id")
    bed.call("create", "--bundle", path).fails()
    bed.call("state").fails()
    bed.call("state", "nobody-here").fails("does not exist")


@claim("only a created container starts, and only once")
def _(bed):
    id_, _path = bed.create()
    bed.call("start", id_).ok()
    bed.call("start", id_).fails("cannot be started")
    bed.call("start", "nobody-here").fails("does not exist")
    bed.call("start").fails()


@claim("only a stopped container is deleted without force")
def _(bed):
    id_, _path = bed.create()
    bed.call("delete", id_).fails("cannot be deleted")
    bed.call("start", id_).ok()
    bed.call("delete", id_).fails("cannot be deleted")
    bed.call("delete", "--force", id_).ok()
    bed.call("state", id_).fails("does not exist")
    bed.call("delete", id_).fails("does not exist")
    bed.call("delete", "--force", id_).ok()


@claim("a signal reaches the process, and not one that has ended")
def _(bed):
    script = "trap 'echo got > /tmp/told; exit 0' USR1; while :; do sleep 0.01; done"
    id_, path = bed.started(["sh", "-c", script])
    subprocess.run(["sleep", "0.2"], check=True)
    bed.call("kill", id_, "USR1").ok()
    bed.until(id_, "stopped")
    that(os.path.exists(os.path.join(path, "rootfs/tmp/told")), "the signal did not come")
    bed.call("kill", id_, "TERM").fails("is not running")
    bed.call("kill", id_, "NOSUCH").fails("no signal")
    bed.call("kill").fails()


@claim("changes of the bundle after create have no effect")
def _(bed):
    id_, path = bed.create(["sh", "-c", "echo one > /tmp/told"])
    with open(path + "/config.json", encoding="utf-8") as file:
        config = json.load(file)
    config["process"]["args"] = ["sh", "-c", "echo two > /tmp/told"]
    bed.write(path, config)
    bed.call("start", id_).ok()
    bed.until(id_, "stopped")
    with open(path + "/rootfs/tmp/told", encoding="utf-8") as file:
        same(file.read().strip(), "one")


@claim("the pid file has the pid of the state")
def _(bed):
    id_, path = bed.new_id(), bed.bundle(args=["sleep", "60"])
    with open(os.devnull, "w", encoding="utf-8") as null:
        subprocess.run([bed.program, "--root", bed.root, "create", "-b", path, "--pid-file", path + "/pid", id_],
                       check=True, stdout=null, stderr=null)
    with open(path + "/pid", encoding="utf-8") as file:
        same(int(file.read()), bed.state(id_)["pid"])


@claim("run gives the program's own status, and leaves nothing")
def _(bed):
    same(bed.sh("exit 7").status, 7)
    same(bed.run(["no-such-program"]).fails("no command").status, 127)
    same(bed.run(["/etc"]).fails().status, 126)
    that(not [i for i in bed.ids[-3:] if os.path.exists(f"{bed.root}/{i}")], "a record is left")


# What is refused.

@claim("a config that is wrong is refused with its place")
def _(bed):
    def broken(**changes):
        def change(config):
            for key, value in changes.items():
                if value is None:
                    del config[key]
                else:
                    config[key] = value
        return change

    bed.run(["true"], broken(ociVersion=None)).fails("'ociVersion' of config.json is missing")
    bed.run(["true"], broken(ociVersion="invalid")).fails("not a version")
    bed.run(["true"], broken(ociVersion="2.0.0")).fails("only 1 is known")
    bed.run(["true"], broken(root=None)).fails("'root.path'")
    bed.run(["true"], broken(root={"path": "nowhere"})).fails("cannot find the root")
    bed.run(["true"], broken(annotations={"": "x"})).fails("name that is empty")
    bed.run(["true"], broken(unknown={"x": 1})).ok()


@claim("a process that is wrong is refused")
def _(bed):
    def process(**changes):
        return lambda config: config["process"].update(changes)

    bed.run(["true"], process(cwd="etc")).fails("absolute path")
    bed.run(["true"], process(args=[])).fails("names no program")
    bed.run(["true"], process(rlimits=[{"type": "RLIMIT_TEST", "soft": 1, "hard": 1}])).fails("no resource limit")
    twice = [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 64}] * 2
    bed.run(["true"], process(rlimits=twice)).fails("has a type twice")
    bed.run(["true"], process(capabilities={"bounding": ["CAP_TEST"]})).fails("no capability")


@claim("namespaces that are wrong are refused")
def _(bed):
    def namespaces(*more):
        return lambda config: config["linux"]["namespaces"].extend(more)

    bed.run(["true"], namespaces({"type": "pid"})).fails("listed twice")
    bed.run(["true"], namespaces({"type": "moon"})).fails("no namespace 'moon'")
    bed.run(["true"], namespaces({"type": "cgroup", "path": "/proc/1/ns/uts"})).fails("cannot join")
    bed.run(["true"], namespaces({"type": "cgroup", "path": "/proc/1/ns/none"})).fails("cannot open")
    bed.run(["true"], namespaces({"type": "user"})).fails("gives no ids")


# What the process finds.

@claim("the process has the arguments, variables, directory and ids of the config")
def _(bed):
    def change(config):
        config["process"].update(cwd="/tmp", user={"uid": 33, "gid": 34, "additionalGids": [35, 36], "umask": 0o27})
        config["process"]["env"].append("GIVEN=it is")

    told = bed.sh("id -u; id -g; id -G; pwd; echo $GIVEN; umask", change).ok().out.splitlines()
    same(told, ["33", "34", "34 35 36", "/tmp", "it is", "0027"])


@claim("the host and domain name are the container's")
def _(bed):
    def change(config):
        config["hostname"] = "elsewhere"
        config["domainname"] = "example"

    same(words(bed.sh("cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname", change)), ["elsewhere", "example"])


@claim("the capabilities are those of the config, in each set")
def _(bed):
    def change(config):
        config["process"]["capabilities"] = {
            "bounding": ["CAP_KILL", "CAP_CHOWN"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL", "CAP_CHOWN"],
            "inheritable": ["CAP_CHOWN"], "ambient": ["CAP_CHOWN"]}
        config["process"]["user"] = {"uid": 5, "gid": 5}

    told = bed.sh("grep ^Cap /proc/self/status", change).ok().out.split()
    got = dict(zip(told[::2], (int(x, 16) for x in told[1::2])))
    same(got["CapBnd:"], 0x21)
    same(got["CapAmb:"], 0x1)
    same(got["CapInh:"], 0x1)


@claim("limits and no_new_privs are set")
def _(bed):
    def change(config):
        config["process"]["rlimits"] = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
                                        {"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]

    same(words(bed.sh("ulimit -Sn; ulimit -Hn; ulimit -c; grep -c NoNewPrivs:.1 /proc/self/status", change)),
         ["100", "200", "0", "1"])


@claim("oom_score_adj is set")
def _(bed):
    same(words(bed.sh("cat /proc/self/oom_score_adj", lambda c: c["process"].update(oomScoreAdj=500))), ["500"])


@claim("every container has the usual devices and links")
def _(bed):
    script = "for n in null zero full random urandom tty; do stat -c '%n %t:%T %a' /dev/$n; done; readlink /dev/ptmx /dev/fd"
    same(bed.sh(script).ok().out.splitlines(),
         ["/dev/null 1:3 666", "/dev/zero 1:5 666", "/dev/full 1:7 666", "/dev/random 1:8 666", "/dev/urandom 1:9 666",
          "/dev/tty 5:0 666", "pts/ptmx", "/proc/self/fd"])


@claim("devices of the config are made as it says")
def _(bed):
    def change(config):
        config["linux"]["devices"] = [
            {"path": "/dev/deep/mine", "type": "c", "major": 1, "minor": 3, "fileMode": 0o640, "uid": 7, "gid": 8},
            {"path": "/dev/pipe", "type": "p", "fileMode": 0o600}]

    same(bed.sh("stat -c '%t:%T %a %u %g' /dev/deep/mine; stat -c '%F %a' /dev/pipe", change).ok().out.splitlines(),
         ["1:3 640 7 8", "fifo 600"])


@claim("masked paths show nothing and read-only paths refuse to be written")
def _(bed):
    def change(config):
        config["linux"]["maskedPaths"] = ["/tmp/dir", "/tmp/file", "/absent"]
        config["linux"]["readonlyPaths"] = ["/tmp/kept", "/absent"]
        config["mounts"].append({"destination": "/tmp", "type": "bind", "source": here, "options": ["bind"]})

    here = bed.bundle()
    for name in ["dir", "kept"]:
        os.mkdir(f"{here}/{name}")
    for name in ["dir/secret", "file"]:
        with open(f"{here}/{name}", "w", encoding="utf-8") as file:
            file.write("secret")
    same(bed.sh("ls /tmp/dir; cat /tmp/file; touch /tmp/kept/x 2>/dev/null || echo no", change).ok().out, "no\n")


@claim("a read-only root refuses to be written, and its mounts do not")
def _(bed):
    result = bed.sh("touch /new 2>/dev/null || echo no; touch /dev/shm/x && echo yes", lambda c: c["root"].update(readonly=True))
    same(words(result), ["no", "yes"])


@claim("mounts come in their order with their options")
def _(bed):
    def change(config):
        config["mounts"] += [
            {"destination": "/tmp/a", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "nodev", "size=64k", "mode=700"]},
            {"destination": "/tmp/a/b", "type": "tmpfs", "source": "tmpfs", "options": ["ro", "noexec"]},
            {"destination": "/tmp/c", "type": "bind", "source": "/usr", "options": ["bind", "ro", "nosuid"]}]

    told = bed.sh("grep ' /tmp/' /proc/self/mounts; stat -c %a /tmp/a", change).ok().out.splitlines()
    rows = {line.split()[1]: line.split()[3].split(",") for line in told if " " in line}
    that({"rw", "nosuid", "nodev", "size=64k"} <= set(rows["/tmp/a"]), rows)
    that({"ro", "noexec"} <= set(rows["/tmp/a/b"]), rows)
    that({"ro", "nosuid"} <= set(rows["/tmp/c"]), rows)
    same(told[-1], "700")


@claim("a link in the root does not lead a mount out of it")
def _(bed):
    outside = bed.bundle()
    path = bed.bundle(lambda c: c["mounts"].append(
        {"destination": "/out/made", "type": "tmpfs", "source": "tmpfs"}), ["true"])
    os.symlink(outside, path + "/rootfs/out")
    bed.call("run", "-b", path, bed.new_id())
    that(not os.path.exists(outside + "/made"), "a directory was made outside of the root")


@claim("a tmpfs that copies up begins with what it covers")
def _(bed):
    path = bed.bundle(lambda c: c["mounts"].append(
        {"destination": "/etc", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup", "ro"]}),
        ["sh", "-c", "cat /etc/dir/file; readlink /etc/link; touch /etc/x 2>/dev/null || echo no"])
    os.mkdir(path + "/rootfs/etc/dir")
    with open(path + "/rootfs/etc/dir/file", "w", encoding="utf-8") as file:
        file.write("words\n")
    os.symlink("dir/file", path + "/rootfs/etc/link")
    same(words(bed.call("run", "-b", path, bed.new_id())), ["words", "dir/file", "no"])


@claim("propagation of the root is what the config says")
def _(bed):
    for mode, word in [("rprivate", ""), ("rslave", ""), ("rshared", "shared:"), ("unbindable", "unbindable")]:
        told = bed.sh("grep ' / / ' /proc/self/mountinfo || grep '/rootfs / ' /proc/self/mountinfo",
                      lambda c, m=mode: c["linux"].update(rootfsPropagation=m)).ok().out
        that(word in told, f"{mode}: {told!r}")


@claim("settings of the kernel are the container's own")
def _(bed):
    def change(config):
        config["linux"]["sysctl"] = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4000"}

    same(words(bed.sh("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax", change)), ["1", "4000"])
    bed.sh("true", lambda c: c["linux"].update(sysctl={"vm.swappiness": "1"})).fails("not the container's own")


@claim("new namespaces are new, joined ones joined, and those not listed the runtime's")
def _(bed):
    names = ["pid", "ipc", "uts", "net", "mnt", "cgroup"]
    script = "for n in pid ipc uts net mnt cgroup; do readlink /proc/self/ns/$n; done"
    here = [os.readlink(f"/proc/self/ns/{name}") for name in names]
    got = words(bed.sh(script))
    same([a == b for a, b in zip(got, here)], [False] * 5 + [True])
    same([a == b for a, b in zip(words(bed.sh(script, lambda c: c["linux"]["namespaces"].append({"type": "cgroup"}))), here)],
         [False] * 6)
    id_, _path = bed.started()
    pid = bed.state(id_)["pid"]

    def join(config):
        config["linux"]["namespaces"] = [{"type": "mount"}] + [
            {"type": kind, "path": f"/proc/{pid}/ns/{file}"}
            for kind, file in [("pid", "pid"), ("ipc", "ipc"), ("uts", "uts"), ("network", "net")]]
        del config["hostname"]

    theirs = [os.readlink(f"/proc/{pid}/ns/{name}") for name in names]
    same([a == b for a, b in zip(words(bed.sh(script, join)), theirs)], [True] * 4 + [False, True])


@claim("a user namespace maps the ids of the config")
def _(bed):
    def change(config):
        config["linux"]["namespaces"].append({"type": "user"})
        config["linux"]["uidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 2000}]
        config["linux"]["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 3000}]
        config["mounts"] = [m for m in config["mounts"] if m["destination"] != "/sys"]

    os.chmod(bed.dir, 0o755)
    told = words(bed.sh("cat /proc/self/uid_map /proc/self/gid_map; id -u; echo x > /dev/null && echo fine", change))
    same(told, ["0", "100000", "2000", "0", "100000", "3000", "0", "fine"])


@claim("a filter of system calls answers as its profile says")
def _(bed):
    def change(config):
        config["linux"]["seccomp"] = {
            "defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
            "syscalls": [{"names": ["mkdir", "mkdirat", "no_such_call"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}]}

    that("not supported" in bed.sh("mkdir /tmp/x", change).err, "mkdir was allowed")
    change_no_nnp = lambda c: (change(c), c["process"].update(noNewPrivileges=False))  # noqa: E731
    that("not supported" in bed.sh("mkdir /tmp/x", change_no_nnp).err, "mkdir was allowed without no_new_privs")

    def strange(config):
        change(config)
        config["linux"]["seccomp"]["defaultAction"] = "SCMP_ACT_NOTHING"

    bed.sh("true", strange).fails("SCMP_ACT_NOTHING")


# Hooks.

def hooks_that_log(path, moments):
    script = 'read -r s; echo "$0 $s" >> ' + path
    return {m: [{"path": "/bin/sh", "args": ["sh", "-c", script, m], "env": ["PATH=/usr/bin:/bin"]}] for m in moments}


@claim("hooks run at their moments with the state on their input")
def _(bed):
    log = bed.dir + "/log"
    moments = ["prestart", "createRuntime", "createContainer", "poststart", "poststop"]
    id_, _path = bed.create(change=lambda c: c.update(
        hooks=hooks_that_log(log, moments), annotations={"org.example": "yes"}))
    bed.call("start", id_).ok()
    bed.call("kill", id_, "KILL").ok()
    bed.until(id_, "stopped")
    bed.call("delete", id_).ok()
    with open(log, encoding="utf-8") as file:
        told = [line.split(" ", 1) for line in file.read().splitlines()]
    same([moment for moment, _state in told], moments)
    states = [json.loads(state) for _moment, state in told]
    same([s["status"] for s in states], ["creating", "creating", "creating", "running", "stopped"])
    same({s["id"] for s in states}, {id_})
    same(states[0]["annotations"], {"org.example": "yes"})


@claim("startContainer hooks run in the container, before its program")
def _(bed):
    script = "cat > /tmp/state; hostname > /tmp/who"
    hook = {"path": "/bin/sh", "args": ["sh", "-c", script], "env": ["PATH=/usr/bin:/bin"]}
    same(words(bed.sh("cat /tmp/who; grep -c '\"status\": *\"created\"' /tmp/state", lambda c: c.update(
        hooks={"startContainer": [hook]}))), ["box", "1"])


@claim("a hook that fails before the start ends the creation and leaves nothing")
def _(bed):
    for moment in ["prestart", "createRuntime", "createContainer"]:
        id_ = bed.new_id()
        path = bed.bundle(lambda c, m=moment: c.update(
            hooks={m: [{"path": "/bin/sh", "args": ["sh", "-c", "echo broken; exit 3"]}]}))
        bed.call("create", "-b", path, id_).fails("broken", "status 3")
        bed.call("state", id_).fails("does not exist")


@claim("a hook that fails after the start is a warning")
def _(bed):
    log = bed.dir + "/later"
    for moment in ["poststart", "poststop"]:
        hooks = [{"path": "/bin/false"}, *hooks_that_log(log, [moment])[moment]]
        result = bed.run(["true"], lambda c, m=moment, h=hooks: c.update(hooks={m: h})).ok()
        that("warning" in result.err and "/bin/false" in result.err, result.err)
    with open(log, encoding="utf-8") as file:
        same(len(file.read().splitlines()), 2)


@claim("a hook that takes too long is ended")
def _(bed):
    hook = {"path": "/bin/sleep", "args": ["sleep", "60"], "timeout": 1}
    bed.run(["true"], lambda c: c.update(hooks={"prestart": [hook]})).fails("1 seconds")


# More processes, and control groups.

@claim("exec runs one more process in the container")
def _(bed):
    id_, path = bed.started()
    same(words(bed.call("exec", id_, "cat", "/proc/sys/kernel/hostname")), ["box"])
    same(bed.call("exec", id_, "sh", "-c", "exit 9").status, 9)
    same(words(bed.call("exec", "--user", "7:8", "--cwd", "/tmp", "-e", "A=b", id_, "sh", "-c", "id -u; id -g; pwd; echo $A")),
         ["7", "8", "/tmp", "b"])
    same(bed.call("exec", id_, "no-such-program").fails("no command").status, 127)
    with open(path + "/process.json", "w", encoding="utf-8") as file:
        json.dump({"args": ["sh", "-c", "echo $B; grep -c CapEff:.0000000000000000 /proc/self/status"], "cwd": "/",
                   "env": ["B=c", "PATH=/usr/bin"], "user": {"uid": 0, "gid": 0}}, file)
    same(words(bed.call("exec", "--process", path + "/process.json", id_)), ["c", "1"])
    bed.call("kill", id_, "KILL").ok()
    bed.until(id_, "stopped")
    bed.call("exec", id_, "true").fails("is stopped")


@claim("a terminal is handed over a socket")
def _(bed):
    import array
    import socket
    server = socket.socket(socket.AF_UNIX)
    server.bind(bed.dir + "/console")
    server.listen(1)
    id_, path = bed.new_id(), bed.bundle(lambda c: c["process"].update(terminal=True),
                                         ["sh", "-c", "tty; test -c /dev/console && echo there; stty size"])
    bed.call("create", "-b", path, id_).fails("wants a terminal")
    with open(os.devnull, "w", encoding="utf-8") as null:
        subprocess.run([bed.program, "--root", bed.root, "create", "-b", path, "--console-socket", bed.dir + "/console", id_],
                       check=True, stdout=null, stderr=null)
    client, _address = server.accept()
    _data, ancillary, _flags, _from = client.recvmsg(64, socket.CMSG_SPACE(4))
    master = array.array("i", ancillary[0][2])[0]
    bed.call("start", id_).ok()
    bed.until(id_, "stopped")
    told = os.read(master, 4096).decode()
    that("/dev/pts/0" in told and "there" in told, told)


@claim("the container is in a cgroup of its own, with its limits")
def _(bed):
    def change(config):
        config["linux"]["cgroupsPath"] = "/" + name
        config["linux"]["resources"] = {"pids": {"limit": 50}, "memory": {"limit": 64 << 20}, "cpu": {"shares": 512}}

    name = bed.new_id()
    result = bed.call("run", "-b", bed.bundle(change, ["cat", "/proc/self/cgroup"]), name)
    if "no such cgroup file" in result.err:
        raise Skip("a controller is not on here")
    that(all(line.endswith("/" + name) for line in result.ok().out.splitlines()), result.out)
    that(not os.path.exists(f"/sys/fs/cgroup/pids/{name}"), "the cgroup is left")


@claim("a device that no rule names cannot be opened, and one that a rule names can")
def _(bed):
    if not os.path.exists("/dev/fuse"):
        raise Skip("no /dev/fuse to be tried")
    script = "mknod /tmp/fuse c 10 229 && (true < /tmp/fuse) 2>&1 && echo open"

    def allow(config):
        config["linux"]["resources"] = {"devices": [{"allow": False, "access": "rwm"},
                                                    {"allow": True, "type": "c", "major": 10, "minor": 229, "access": "rw"}]}

    closed = bed.sh(script)
    that("not permitted" in closed.out, closed.out + closed.err)
    same(words(bed.sh(script, allow)), ["open"])


@claim("limits of huge pages are set in the tree that has the controller")
def _(bed):
    def change(config):
        config["linux"]["resources"] = {"hugepageLimits": [{"pageSize": "2MB", "limit": 4 << 20}]}

    id_ = bed.new_id()
    done = subprocess.run([bed.program, "--root", bed.root, "create", "-b", bed.bundle(change, ["true"]), id_],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode != 0:
        raise Skip("no such controller here")
    for tree in ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/hugetlb"]:
        for name in ["hugetlb.2MB.max", "hugetlb.2MB.limit_in_bytes"]:
            if os.path.exists(f"{tree}/{id_}/{name}"):
                with open(f"{tree}/{id_}/{name}", encoding="utf-8") as file:
                    same(int(file.read()), 4 << 20)
                return
    that(False, "no limit was found")


@claim("pause, resume and ps work on the processes of the cgroup")
def _(bed):
    id_, _path = bed.started()
    pid = bed.state(id_)["pid"]
    that(str(pid) in words(bed.call("ps", id_)), "ps does not know it")
    bed.call("pause", id_).ok()
    same(bed.state(id_)["status"], "paused")
    bed.call("exec", id_, "true").fails("is paused")
    bed.call("resume", id_).ok()
    same(bed.state(id_)["status"], "running")


@claim("nothing of the runtime's descriptors is open in the container")
def _(bed):
    same(words(bed.sh("ls /proc/self/fd | grep -v 3")), ["0", "1", "2"])


@claim("features tells what there is")
def _(bed):
    told = json.loads(bed.call("features").ok().out)
    that("pid" in told["linux"]["namespaces"] and "rbind" in told["mountOptions"] and "poststop" in told["hooks"], told)


@claim("what cannot be done is refused, or handed on")
def _(bed):
    def change(config):
        config["linux"]["intelRdt"] = {"closID": "x"}

    bed.run(["true"], change).fails("linux.intelRdt", "--delegate")
    other = bed.dir + "/other"
    with open(other, "w", encoding="utf-8") as file:
        file.write('#!/bin/sh\necho handed "$@"\n')
    os.chmod(other, 0o755)
    that("handed --root" in bed.run(["true"], change, before=["--delegate", other]).ok().out, "not handed on")
    that("handed" in bed.call("state", "somebody-else", before=["--delegate", other]).ok().out, "not handed on")


@claim("errors are written to the log as JSON")
def _(bed):
    bed.call("state", "nobody-here", before=["--log", bed.dir + "/err", "--log-format", "json"]).fails()
    with open(bed.dir + "/err", encoding="utf-8") as file:
        line = json.loads(file.read())
    same(line["level"], "error")
    that("does not exist" in line["msg"], line)


main()

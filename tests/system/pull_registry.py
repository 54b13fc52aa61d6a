#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""nvbind pull from Debian's docker-registry, filled by skopeo; an image built by mmdebstrap; and through nginx."""

import base64
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from harness import Skip, claim, has, main, same, that, until
from pull_bed import Puller
from registry_bed import Registry, tar_of

CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "127.0.0.1:{port}"}}
{more}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class RealRegistry:
    """docker-registry, with skopeo as whoever pushes."""

    def __init__(self, more=""):
        for program in ("docker-registry", "skopeo"):
            if not shutil.which(program):
                raise Skip(f"no {program}")
        self.folder = tempfile.mkdtemp(prefix="nvbind-registry-", dir="/var/tmp")
        self.port = free_port()
        self.name = f"127.0.0.1:{self.port}"
        self.more = more

    def __enter__(self):
        path = os.path.join(self.folder, "config.yml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.folder, port=self.port, more=self.more.format(folder=self.folder)))
        self.process = subprocess.Popen(["docker-registry", "serve", path], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        until(self.answers, "docker-registry does not answer", 10)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def push(self, source, name, *options):
        subprocess.run(["skopeo", "--insecure-policy", "copy", "-q", "--dest-tls-verify=false", *options, source,
                        f"docker://{self.name}/{name}"], check=True, timeout=120, stdout=subprocess.DEVNULL,
                       env={**os.environ, "TMPDIR": self.folder, "HOME": self.folder})


def copy_from_bed(real, repository, layers, tag="1", options=(), **how):
    """An image of our own registry, carried over by skopeo."""
    with Registry() as bed:
        bed.add_image(repository, tag, layers, **how)
        real.push(f"docker://{bed.name}/{repository}:{tag}", f"{repository}:{tag}", "--src-tls-verify=false", *options)


@claim("an image that skopeo pushed, in each format")
def formats(caller):
    with RealRegistry() as real:
        for kind in ("oci", "v2s2"):
            copy_from_bed(real, kind, [{"a": kind}, {"b": "second"}], options=["--format", kind])
            p = Puller(caller)
            p.pull(f"{real.name}/{kind}:1").ok()
            same(p.read("a"), kind)


@claim("zstd layers that skopeo packed")
def zstd(caller):
    with RealRegistry() as real:
        copy_from_bed(real, "z", [{"a": "z" * 5000}], how="",
                      options=["--format", "oci", "--dest-compress-format", "zstd", "--dest-compress"])
        p = Puller(caller)
        p.pull(f"{real.name}/z:1").ok()
        same(p.read("a"), "z" * 5000)


@claim("a login for docker-registry's htpasswd")
def htpasswd(caller):
    if not shutil.which("htpasswd"):
        raise Skip("no htpasswd to make a password file")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        done = subprocess.run(["htpasswd", "-Bbn", "ann", "s3cret"], stdout=subprocess.PIPE, check=True, text=True)
        with open(os.path.join(folder, "htpasswd"), "w", encoding="utf-8") as file:
            file.write(done.stdout)
        with RealRegistry(f"auth: {{{{htpasswd: {{{{realm: x, path: {folder}/htpasswd}}}}}}}}") as real:
            copy_from_bed(real, "app", [{"a": "x"}], options=["--dest-creds", "ann:s3cret"])
            p = Puller(caller)
            p.refuse(f"{real.name}/app:1", pieces=["without a login"])
            pair = base64.b64encode(b"ann:s3cret").decode()
            p.put(".docker/config.json", '{"auths":{"%s":{"auth":"%s"}}}' % (real.name, pair))
            p.pull(f"{real.name}/app:1").ok()


@claim("what docker-registry does not have is told")
def absent(caller):
    with RealRegistry() as real:
        copy_from_bed(real, "app", [{"a": "x"}])
        p = Puller(caller)
        p.refuse(f"{real.name}/app:2", pieces=["manifest unknown", "does not have"])
        p.refuse(f"{real.name}/nothing", pieces=["does not have"])


@claim("an image that mmdebstrap built has every file that it had")
def mmdebstrap(caller):
    archive = built_root()
    with open(archive, "rb") as file:
        data = file.read()
    with RealRegistry() as real:
        copy_from_bed(real, "debian", [data, tar_of({"etc/added": "x"})])
        p = Puller(caller)
        done = p.pull(f"{real.name}/debian:1", timeout=120).ok()
        has(done.err, "pulled ")
        same(p.read("etc/added"), "x")
        listed = {line.rstrip("/").removeprefix("./") for line in subprocess.run(
            ["tar", "-tf", archive], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()}
        there = set()
        for layer in p.layers():
            root = p.path("layers", layer, "diff")
            for folder, folders, files in os.walk(root):
                there |= {os.path.relpath(os.path.join(folder, name), root) for name in folders + files}
        missing = {name for name in listed - there if name and not name.startswith("dev/")}
        same(sorted(missing)[:5], [], "files that are missing")


built = {}


def built_root():
    """Once for both callers; it needs a mirror, so only when it is asked for."""
    if not os.environ.get("NVBIND_TEST_MMDEBSTRAP"):
        raise Skip("it needs a Debian mirror: NVBIND_TEST_MMDEBSTRAP=1 says that there is one")
    if not shutil.which("mmdebstrap"):
        raise Skip("no mmdebstrap")
    if not built:
        built["folder"] = tempfile.TemporaryDirectory(prefix="nvbind-root-", dir="/var/tmp")
        built["tar"] = os.path.join(built["folder"].name, "root.tar")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", "bookworm", built["tar"]],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=600)
    return built["tar"]


main()

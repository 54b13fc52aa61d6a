# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""image_bed.py - images for tests: made-up ones of a few files, and real ones of Debian's packages.

The real ones are kept below NVBIND_TEST_IMAGES (by default /var/tmp/nvbind-test-images), since they
cost a minute and the configured mirror."""

import glob
import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import tarfile

from harness import Skip

CACHE = os.environ.get("NVBIND_TEST_IMAGES", "/var/tmp/nvbind-test-images")
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
SUITE = os.environ.get("NVBIND_TEST_SUITE", "bookworm")


def kept(name, make):
    """A file of the cache, made if it is not there."""
    path = os.path.join(CACHE, name)
    if not os.path.exists(path):
        os.makedirs(CACHE, mode=0o755, exist_ok=True)
        part = f"{path}.{os.getpid()}"
        try:
            make(part)
            os.chmod(part, 0o644)
            os.rename(part, path)
        finally:
            if os.path.isdir(part):
                shutil.rmtree(part)
            elif os.path.exists(part):
                os.unlink(part)
    return path


def mirror():
    """What apt is configured to ask."""
    told = subprocess.run(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
                          capture_output=True, text=True)
    sites = [line for line in told.stdout.splitlines() if line and "security" not in line]
    if not sites:
        raise Skip("apt has no mirror here")
    return sites[0]


def debian(*packages):
    """An archive of a small Debian with these packages."""
    name = "-".join([SUITE, "minbase", *packages]) + ".tar"
    if not os.path.exists(os.path.join(CACHE, name)):
        if not shutil.which("mmdebstrap"):
            raise Skip("mmdebstrap is not installed")
        if os.getuid() != 0:
            raise Skip(f"{name} is not there, and only root can make it")

    def make(part):
        line = ["unshare", "-m", "-p", "-f", "--mount-proc", "--propagation", "private", "mmdebstrap",
                "--variant=minbase", *(["--include=" + ",".join(packages)] if packages else []), "--format=tar",
                SUITE, part, mirror()]
        done = subprocess.run(line, capture_output=True, text=True, timeout=600)
        if done.returncode != 0:
            raise Skip("mmdebstrap failed: " + done.stderr.strip()[-300:])

    return kept(name, make)


def busybox():
    """A program that is a whole system."""

    def make(part):
        os.mkdir(part)
        done = subprocess.run(["apt-get", "-o", "APT::Sandbox::User=root", "download", "busybox-static"], cwd=part,
                              capture_output=True, text=True, timeout=120)
        packages = glob.glob(part + "/*.deb")
        if done.returncode != 0 or not packages:
            raise Skip("no busybox-static: " + done.stderr.strip()[-300:])
        subprocess.run(["dpkg-deb", "-x", packages[0], part + "/root"], check=True)
        os.rename(part + "/root/bin/busybox", part + ".program")
        shutil.rmtree(part)
        os.rename(part + ".program", part)

    if not os.path.exists(os.path.join(CACHE, "busybox")) and not shutil.which("apt-get"):
        raise Skip("needs apt-get to get busybox-static")
    return kept("busybox", make)


class Layer:
    """A tar archive in the making."""

    def __init__(self):
        self.bytes = io.BytesIO()
        self.tar = tarfile.open(fileobj=self.bytes, mode="w", format=tarfile.PAX_FORMAT)

    def add(self, path, kind, data=b"", mode=0o644, owner=(0, 0), target=""):
        info = tarfile.TarInfo(path.lstrip("/"))
        info.type, info.mode, info.linkname, info.size = kind, mode, target, len(data)
        info.uid, info.gid = owner
        self.tar.addfile(info, io.BytesIO(data))
        return self

    def dir(self, path, mode=0o755, **more):
        return self.add(path, tarfile.DIRTYPE, mode=mode, **more)

    def file(self, path, text="", mode=0o644, **more):
        return self.add(path, tarfile.REGTYPE, text if isinstance(text, bytes) else text.encode(), mode, **more)

    def capable(self, path, data, xattr):
        """A program with capabilities of its own."""
        info = tarfile.TarInfo(path.lstrip("/"))
        info.mode, info.size = 0o755, len(data)
        info.pax_headers = {"SCHILY.xattr.security.capability": xattr.decode("latin-1")}
        self.tar.addfile(info, io.BytesIO(data))
        return self

    def link(self, path, target):
        return self.add(path, tarfile.SYMTYPE, target=target, mode=0o777)

    def hard(self, path, target):
        return self.add(path, tarfile.LNKTYPE, target=target.lstrip("/"))

    def fifo(self, path):
        return self.add(path, tarfile.FIFOTYPE)

    def done(self):
        if not self.tar.closed:
            self.tar.close()
        return self.bytes.getvalue()


def system(owner=(0, 0)):
    """A layer with busybox alone: no libc, no ld.so.cache, links for what shells need."""
    with open(busybox(), "rb") as file:
        program = file.read()
    layer = Layer().dir("/bin").dir("/etc").dir("/tmp", 0o1777).dir("/run").dir("/var").dir("/var/tmp", 0o1777)
    layer.dir("/root", 0o700).file("/bin/busybox", program, 0o755, owner=owner)
    for name in ("sh cat ls id touch stat grep chmod chown mkdir mknod mount umount true false sleep ip env echo test"
                 " readlink chroot unshare dd wc ps kill pwd hostname head ln rm mv sed find df tr nc wget").split():
        layer.link("/bin/" + name, "busybox")
    layer.file("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n")
    layer.file("/etc/group", "root:x:0:\napp:x:1000:\nextra:x:1234:app\n")
    return layer


def write_archive(path, name, layers, config=None, arch=ARCH, **more):
    """An OCI layout as one file: layers are tar archives, the lowest first."""
    blobs = {}

    def blob(data):
        data = data if isinstance(data, bytes) else json.dumps(data).encode()
        digest = hashlib.sha256(data).hexdigest()
        blobs[digest] = data
        return {"digest": "sha256:" + digest, "size": len(data)}

    media = "application/vnd.oci.image."
    described = [{"mediaType": media + "layer.v1.tar", **blob(layer)} for layer in layers]
    settings = blob({"architecture": arch, "os": "linux", "config": config or {},
                     "rootfs": {"type": "layers", "diff_ids": [d["digest"] for d in described]}, **more})
    manifest = blob({"schemaVersion": 2, "mediaType": media + "manifest.v1+json",
                     "config": {"mediaType": media + "config.v1+json", **settings}, "layers": described})
    index = {"schemaVersion": 2, "manifests": [{"mediaType": media + "manifest.v1+json", **manifest,
                                                "annotations": {"org.opencontainers.image.ref.name": name}}]}
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": json.dumps(index).encode(),
             **{f"blobs/sha256/{digest}": data for digest, data in blobs.items()}}
    with tarfile.open(path, "w") as tar:
        for file, data in files.items():
            info = tarfile.TarInfo(file)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    return path


class Images:
    """The images of one caller, each imported once."""

    def __init__(self, caller):
        self.caller = caller
        self.store = caller.home + "/store"
        caller.env["NVBIND_STORE"] = self.store
        self.have = set()

    def put(self, path, name, *opts):
        self.caller.nvbind_run("import", *opts, path, name, timeout=120).ok()
        self.have.add(name)
        return name

    def archive(self, name, path, *opts):
        """Of a root file system."""
        return name if name in self.have else self.put(path, name, *opts)

    def make(self, name, layers, config=None, **more):
        """layers: a function, so that they are made only once."""
        if name in self.have:
            return name
        path = write_archive(f"{self.caller.home}/{name}.tar", name, [layer.done() for layer in layers()],
                             config, **more)
        os.chown(path, self.caller.uid, self.caller.uid)
        try:
            return self.put(path, name)
        finally:
            os.unlink(path)

    def small(self, name="small", config=None, above=None, **more):
        """busybox, and a layer above it."""
        layers = lambda: [system(), *([above()] if above else [])]
        return self.make(name, layers, {"Cmd": ["sh"], **(config or {})}, **more)

    def run(self, image, *command, opts=(), **options):
        return self.caller.nvbind_run("run", *opts, image, *command, **options)

    def sh(self, image, script, opts=(), **options):
        return self.run(image, "/bin/sh", "-c", script, opts=opts, **options)

    def answer(self, image, script, opts=(), **options):
        return self.sh(image, script, opts, **options).ok().out.strip()

    def begin(self, image, *command, opts=(), **options):
        return self.caller.start([self.caller.nvbind, "run", *opts, image, *command], **options)


beds = {}


def images(caller):
    if caller.name not in beds:
        beds[caller.name] = Images(caller)
    return beds[caller.name]

# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""pull_image.py - an image of some 300 MB in many layers, from a distribution's own packages, as OCI layouts
with gzip and with zstd layers.

usage: pull_image.py FOLDER      makes FOLDER/gzip and FOLDER/zstd, unless they are there already"""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile

# The base is mmdebstrap's; each line here is a layer on top.
LAYERS = [
    ["libpython3.11-minimal", "python3.11-minimal", "libpython3.11-stdlib"],
    ["perl-modules-5.36", "libperl5.36"],
    ["git"],
    ["vim-runtime"],
    ["libicu72", "libxml2"],
    ["tcl8.6", "libtcl8.6", "libtk8.6"],
    ["locales"],
    ["iso-codes"],
    ["curl", "libcurl4", "openssl", "ca-certificates"],
    ["coreutils", "util-linux"],
]
MEDIA = "application/vnd.oci.image."


def run(*command, **options):
    return subprocess.run(command, check=True, **options)


def make_base(path):
    run("mmdebstrap", "--quiet", "--variant=minbase", "bookworm", path)


def make_layer(packages, folder, path):
    """The files of packages, one archive; what is there twice (directories) stays once."""
    run("apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", *packages, cwd=folder, stdout=subprocess.DEVNULL)
    seen = set()
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as out:
        for name in sorted(os.listdir(folder)):
            data = run("dpkg-deb", "--fsys-tarfile", os.path.join(folder, name), stdout=subprocess.PIPE).stdout
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                for member in archive:
                    if member.name not in seen and member.name not in (".", "./"):
                        out.addfile(member, archive.extractfile(member) if member.isreg() else None)
                    seen.add(member.name)


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Layout:
    def __init__(self, folder):
        self.folder, self.blobs = folder, os.path.join(folder, "blobs", "sha256")
        os.makedirs(self.blobs)

    def add_file(self, path, media_type):
        digest = digest_of(path)
        size = os.path.getsize(path)
        shutil.move(path, os.path.join(self.blobs, digest))
        return {"mediaType": media_type, "digest": "sha256:" + digest, "size": size}

    def add_json(self, document, media_type):
        path = os.path.join(self.folder, "document")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file)
        return self.add_file(path, media_type)

    def finish(self, manifest):
        for name, document in (("oci-layout", {"imageLayoutVersion": "1.0.0"}),
                               ("index.json", {"schemaVersion": 2, "manifests": [manifest]})):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                json.dump(document, file)


PACKERS = {"gzip": ["gzip", "-6", "-n", "-c"], "zstd": ["zstd", "-q", "-3", "-c"]}


def make_layout(folder, how, archives):
    layout = Layout(folder)
    layers = []
    for archive in archives:
        packed = archive + "." + how
        with open(archive, "rb") as source, open(packed, "wb") as sink:
            run(*PACKERS[how], stdin=source, stdout=sink)
        layers.append(layout.add_file(packed, MEDIA + "layer.v1.tar+" + how))
    config = layout.add_json({
        "architecture": "amd64", "os": "linux", "config": {"Cmd": ["/bin/sh"]},
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest_of(archive) for archive in archives]},
    }, MEDIA + "config.v1+json")
    manifest = layout.add_json({"schemaVersion": 2, "mediaType": MEDIA + "manifest.v1+json",
                                "config": config, "layers": layers}, MEDIA + "manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "latest"}
    layout.finish(manifest)


def make(folder):
    """The facts of the image; built only once for a folder."""
    facts = os.path.join(folder, "facts.json")
    if not os.path.exists(facts):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            archives = [os.path.join(scratch, f"{i}.tar") for i in range(len(LAYERS) + 1)]
            make_base(archives[0])
            for i, packages in enumerate(LAYERS, 1):
                os.mkdir(os.path.join(scratch, str(i)))
                make_layer(packages, os.path.join(scratch, str(i)), archives[i])
            sizes = {"unpacked_bytes": [os.path.getsize(archive) for archive in archives]}
            for how in PACKERS:
                make_layout(os.path.join(folder, how), how, archives)
                sizes[how + "_bytes"] = layer_sizes(os.path.join(folder, how))
        with open(facts, "w", encoding="utf-8") as file:
            json.dump(sizes, file)
    with open(facts, encoding="utf-8") as file:
        return json.load(file)


def manifest_of(layout):
    with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
        digest = json.load(file)["manifests"][0]["digest"]
    with open(os.path.join(layout, "blobs", *digest.split(":")), encoding="utf-8") as file:
        return json.load(file)


def layer_sizes(layout):
    return [layer["size"] for layer in manifest_of(layout)["layers"]]


if __name__ == "__main__":
    print(json.dumps({key: {"sum": sum(value), "each": value} for key, value in make(sys.argv[1]).items()}, indent=1))

# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""image_files.py - images as files, made up for tests: layers, OCI layouts, docker's archives."""

import gzip
import hashlib
import io
import json
import os
import tarfile


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def entry(name, content=None, **members):
    """One member of an archive: a file with that content, or what `type` says."""
    info = tarfile.TarInfo(name)
    info.mode = 0o755 if members.get("type") == tarfile.DIRTYPE else 0o644
    if content is not None:
        content = content.encode() if isinstance(content, str) else content
        info.size = len(content)
    for key, value in members.items():
        setattr(info, key, value)
    return info, content


def folder(name, **members):
    return entry(name.rstrip("/") + "/", type=tarfile.DIRTYPE, **members)


def link(name, target, **members):
    return entry(name, type=tarfile.SYMTYPE, linkname=target, **members)


def hardlink(name, target):
    return entry(name, type=tarfile.LNKTYPE, linkname=target)


def archive(entries, format=tarfile.PAX_FORMAT, **options):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format, **options) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content) if content is not None else None)
    return out.getvalue()


def chain(layers):
    """Names of unpacked layers."""
    names = []
    for layer in layers:
        diff_id = digest(layer)
        names.append(digest(f"{names[-1]} {diff_id}".encode()) if names else diff_id)
    return names


def config(layers, **inner):
    return json.dumps({"architecture": "amd64", "os": "linux", "config": inner,
                       "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]}}).encode()


def oci_files(layers, name="latest", pack=gzip.compress, inner=None):
    """{path: bytes} of an OCI layout."""
    text = config(layers, **(inner or {}))
    packed = [pack(layer) for layer in layers]
    kind = "application/vnd.oci.image."
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
        "config": {"mediaType": kind + "config.v1+json", "digest": digest(text), "size": len(text)},
        "layers": [{"mediaType": kind + "layer.v1.tar+gzip", "digest": digest(data), "size": len(data)}
                   for data in packed]}).encode()
    index = json.dumps({"schemaVersion": 2, "manifests": [
        {"mediaType": kind + "manifest.v1+json", "digest": digest(manifest), "size": len(manifest),
         "annotations": {"org.opencontainers.image.ref.name": name}}]}).encode()
    files = {"oci-layout": b'{"imageLayoutVersion":"1.0.0"}', "index.json": index}
    for data in (text, manifest, *packed):
        files["blobs/sha256/" + digest(data)[7:]] = data
    return files


def docker_files(layers, tags=("app:1",), inner=None):
    text = config(layers, **(inner or {}))
    files = {digest(layer)[7:] + "/layer.tar": layer for layer in layers}
    files[digest(text)[7:] + ".json"] = text
    files["manifest.json"] = json.dumps([{
        "Config": digest(text)[7:] + ".json", "RepoTags": list(tags),
        "Layers": [digest(layer)[7:] + "/layer.tar" for layer in layers]}]).encode()
    return files


def write_tree(path, files, owner=None):
    for name, data in files.items():
        full = os.path.join(path, name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(data)
    for top, _, names in os.walk(path):
        for name in (".", *names):
            if owner is not None:
                os.chown(os.path.join(top, name), owner, owner)


def write_archive(path, files, pack=None):
    data = archive([entry(name, content) for name, content in files.items()])
    with open(path, "wb") as file:
        file.write(pack(data) if pack else data)

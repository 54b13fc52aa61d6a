# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""registry_bed.py - a registry on loopback that does what a test wants: right answers by default, and a
hook that may do something else.

    with Registry() as registry:
        digest = registry.add_image("app", "1", [{"etc/hello": "hi"}])
        registry.hook = lambda ask: ask.kind == "blob" and ask.stall()

A hook gets each request (class Ask) before it is answered, and answers it itself by returning
something true. It is called from several threads."""

import gzip
import hashlib
import http.server
import io
import json
import os
import re
import socket
import ssl
import subprocess
import tarfile
import threading
import time

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
MANIFEST = {"oci": OCI + "manifest.v1+json", "docker": DOCKER + "distribution.manifest.v2+json"}
INDEX = {"oci": OCI + "index.v1+json", "docker": DOCKER + "distribution.manifest.list.v2+json"}
CONFIG = {"oci": OCI + "config.v1+json", "docker": DOCKER + "container.image.v1+json"}
LAYER = {"oci": OCI + "layer.v1.tar", "docker": DOCKER + "image.rootfs.diff.tar"}
PATHS = re.compile(r"/v2/(?P<repository>.+)/(?P<kind>manifest|blob)s/(?P<name>[^/?]+)(\?.*)?$")


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def tar_of(files):
    """{path: text or bytes, or None for a directory} -> an archive."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.mtime = 1700000000
            if content is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            else:
                data = content.encode() if isinstance(content, str) else content
                info.size, info.mode = len(data), 0o644
                tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def pack(data, how):
    """how: "gzip", "zstd" or "" """
    if how == "gzip":
        return gzip.compress(data, 1, mtime=0)
    if how == "zstd":
        return subprocess.run(["zstd", "-q", "-1", "-c"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return data


class Ask:
    """One request, and ways to answer it badly."""

    def __init__(self, handler):
        self.handler, self.method, self.path, self.headers = handler, handler.command, handler.path, handler.headers
        match = PATHS.match(self.path)
        self.kind = match["kind"] if match else "ping" if self.path == "/v2/" else "other"
        self.repository, self.name = (match["repository"], match["name"]) if match else (None, None)
        self.registry = handler.server.bed

    def answer(self, status=200, data=b"", **headers):
        data = data.encode() if isinstance(data, str) else data
        self.handler.send_response(status)
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers and "Transfer_Encoding" not in headers:
            self.handler.send_header("Content-Length", str(len(data)))
        self.handler.end_headers()
        if self.method != "HEAD":
            self.handler.wfile.write(data)
        return True

    def error(self, status, code="X", message="of no use", **headers):
        return self.answer(status, json.dumps({"errors": [{"code": code, "message": message}]}),
                           Content_Type="application/json", **headers)

    def stall(self):
        """Nothing, until the registry is closed or the other side goes."""
        self.registry.closing.wait(60)
        self.handler.close_connection = True
        return True

    def cut(self, data, at, **headers):
        """The first bytes, then the end of the connection."""
        self.handler.send_response(200)
        for name, value in {"Content_Length": str(len(data)), **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        self.handler.wfile.write(data[:at])
        self.handler.wfile.flush()
        self.handler.close_connection = True
        return True

    def hang_up(self):
        """Not a word."""
        self.handler.close_connection = True
        return True

    def slowly(self, data, piece, pause_s, status=200, **headers):
        self.handler.send_response(status)
        for name, value in {"Content_Length": str(len(data)), **headers}.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()
        for at in range(0, len(data), piece):
            self.handler.wfile.write(data[at:at + piece])
            self.handler.wfile.flush()
            if self.registry.closing.wait(pause_s):
                break
        return True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        ask = Ask(self)
        length = int(self.headers.get("Content-Length") or 0)
        ask.body = self.rfile.read(length).decode() if length else ""
        self.server.bed.note(ask)
        try:
            self.server.bed.serve(ask)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_HEAD = do_POST = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass  # a client that went away


class Server6(Server):
    address_family = socket.AF_INET6


class Registry:
    def __init__(self, host="127.0.0.1", certificate=None):
        """certificate: a PEM file with a key, for TLS."""
        self.blobs, self.manifests, self.asked = {}, {}, []
        self.hook = None
        self.closing = threading.Event()
        self.lock = threading.Lock()
        self.server = (Server6 if ":" in host else Server)((host, 0), Handler)
        self.server.bed = self
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        self.port = self.server.server_address[1]
        self.name = f"{host}:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"{self.scheme}://{self.name}"

    # What it has.

    def add_blob(self, data):
        self.blobs[digest_of(data)] = data
        return {"digest": digest_of(data), "size": len(data)}

    def add_manifest(self, repository, tag, document, media_type):
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        for name in filter(None, (tag, digest_of(data))):
            self.manifests[repository, name] = (media_type, data)
        return {"digest": digest_of(data), "size": len(data), "mediaType": media_type}

    def add_image(self, repository, tag, layers, kind="oci", how="gzip", arch="amd64", **config):
        """layers: of {path: content}, or archives as bytes. The manifest's descriptor."""
        archives = [layer if isinstance(layer, bytes) else tar_of(layer) for layer in layers]
        suffix = {"gzip": ("+" if kind == "oci" else ".") + "gzip", "zstd": "+zstd", "": ""}[how]
        document = {
            "architecture": arch, "os": "linux", "config": config,
            "rootfs": {"type": "layers", "diff_ids": [digest_of(archive) for archive in archives]},
        }
        manifest = {
            "schemaVersion": 2, "mediaType": MANIFEST[kind],
            "config": {"mediaType": CONFIG[kind], **self.add_blob(json.dumps(document).encode())},
            "layers": [{"mediaType": LAYER[kind] + suffix, **self.add_blob(pack(archive, how))}
                       for archive in archives],
        }
        return self.add_manifest(repository, tag, manifest, MANIFEST[kind])

    def add_index(self, repository, tag, images, kind="oci"):
        """images: (descriptor, "linux/arm64/v8")..."""
        entries = []
        for descriptor, platform in images:
            words = dict(zip(("os", "architecture", "variant"), platform.split("/")))
            entries.append({**descriptor, "platform": words})
        return self.add_manifest(repository, tag, {"schemaVersion": 2, "mediaType": INDEX[kind], "manifests": entries},
                                 INDEX[kind])

    # What it was asked.

    def note(self, ask):
        with self.lock:
            self.asked.append(ask)

    def count(self, kind=None, name=None, method="GET"):
        with self.lock:
            return sum(1 for ask in self.asked if ask.method == method and kind in (None, ask.kind)
                       and name in (None, ask.name))

    def paths(self):
        with self.lock:
            return [ask.path for ask in self.asked]

    # Answers.

    def serve(self, ask):
        if self.hook and self.hook(ask):
            return
        if ask.kind == "ping":
            ask.answer(Docker_Distribution_Api_Version="registry/2.0")
        elif ask.kind == "manifest" and (ask.repository, ask.name) in self.manifests:
            media_type, data = self.manifests[ask.repository, ask.name]
            ask.answer(200, data, Content_Type=media_type, Docker_Content_Digest=digest_of(data))
        elif ask.kind == "blob" and ask.name in self.blobs:
            self.serve_blob(ask, self.blobs[ask.name])
        else:
            ask.error(404, ask.kind.upper() + "_UNKNOWN", f"{ask.kind} unknown")

    def serve_blob(self, ask, data):
        match = re.match(r"bytes=(\d+)-$", ask.headers.get("Range") or "")
        if not match:
            ask.answer(200, data, Content_Type="application/octet-stream")
            return
        begin = int(match[1])
        ask.answer(206, data[begin:], Content_Type="application/octet-stream",
                   Content_Range=f"bytes {begin}-{len(data) - 1}/{len(data)}")


def make_certificate(folder, name="127.0.0.1"):
    """A self-signed certificate for a loopback address: the path of a PEM file with its key."""
    path = os.path.join(folder, "registry.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
                    "-addext", f"subjectAltName=IP:{name}", "-keyout", path + ".key", "-out", path + ".crt"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(path, "w", encoding="ascii") as out:
        for part in (".key", ".crt"):
            with open(path + part, encoding="ascii") as file:
                out.write(file.read())
    os.chmod(path + ".crt", 0o644)
    return path


def wait_until(condition, limit_s=5.0):
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False

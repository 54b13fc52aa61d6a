#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""nvbind pull from registries and networks that do not behave: what is told, and that nothing is published."""

import gzip
import json
import os
import random
import socket
import tarfile
import threading
import time

from harness import claim, has, main, same, that
from pull_bed import Puller
from registry_bed import Registry, digest_of

TWO = [{"etc": None, "etc/a": "first"}, {"etc/b": "second"}]


def noise(n, seed=1):
    """Bytes that no packing makes smaller."""
    return random.Random(seed).randbytes(n)


def app(registry, **options):
    registry.add_image("app", "1", TWO, **options)
    return f"{registry.name}/app:1"


def only(kind, action, first=None):
    """A hook that misbehaves for one kind of request, the first few times or always."""
    lock, n = threading.Lock(), [0]

    def hook(ask):
        if ask.kind != kind:
            return False
        with lock:
            n[0] += 1
            if first is not None and n[0] > first:
                return False
        return action(ask)

    return hook


@claim("a registry that stalls is left after its time, at each step")
def stalls(caller):
    for kind in ("ping", "manifest", "blob"):
        p = Puller(caller)
        with Registry() as registry:
            name = app(registry)
            registry.hook = only(kind, lambda ask: ask.stall())
            begin = time.monotonic()
            p.refuse(name, pieces=["next to nothing for 1 s"])
            that(time.monotonic() - begin < 8, "it took too long")


@claim("a layer that stalls in its middle is left, and what came is asked for no more")
def stalls_within(caller):
    p = Puller(caller)
    p.configure(retries=3)
    with Registry() as registry:
        layer = {"noise": noise(3 << 20)}
        registry.add_image("app", "1", [layer], how="")
        big = max(registry.blobs.values(), key=len)

        def half(ask):
            if ask.name != digest_of(big):
                return False
            ask.handler.send_response(200)
            ask.handler.send_header("Content-Length", str(len(big)))
            ask.handler.end_headers()
            ask.handler.wfile.write(big[:len(big) // 2])
            return ask.stall()

        registry.hook = only("blob", half, first=2)
        p.pull(f"{registry.name}/app:1").ok()
        ranges = [ask.headers.get("Range") for ask in registry.asked if ask.name == digest_of(big)]
        that(any(ranges), f"no part was asked for: {ranges}")


@claim("a failure that passes is waited for")
def passing(caller):
    for action in (lambda ask: ask.error(503), lambda ask: ask.error(500),
                   lambda ask: ask.error(429, "TOOMANYREQUESTS", "slowly", Retry_After="1"),
                   lambda ask: ask.hang_up(), lambda ask: ask.cut(b"x" * 500, 100)):
        for kind in ("manifest", "blob"):
            p = Puller(caller)
            p.configure(retries=2)
            with Registry() as registry:
                name = app(registry)
                registry.hook = only(kind, action, first=1)
                p.pull(name).ok()


@claim("a failure that does not pass is told in words")
def lasting(caller):
    for action, status, pieces in (
            (lambda ask: ask.error(500), 1, ["status 500", "try again later"]),
            (lambda ask: ask.error(429, "TOOMANYREQUESTS", "pull rate limit", Retry_After="3600"), 1,
             ["pull rate limit", "try again in 3600 s"]),
            (lambda ask: ask.error(404, "NAME_UNKNOWN", "name unknown"), 1, ["says: name unknown", "does not have"]),
            (lambda ask: ask.error(401), 1, ["without a login"]),
            (lambda ask: ask.error(403, "DENIED", "no\x1b[31m\nway"), 1, ["says: no [31m way", "login"]),
            (lambda ask: ask.error(418), 1, ["status 418", "is it a registry?"]),
            (lambda ask: ask.answer(200, "<html></html>", Content_Type="text/html; charset=utf-8"), 1, ["web page"]),
            (lambda ask: ask.answer(404, "<html></html>", Content_Type="text/html"), 1, ["web page", "is it a registry?"]),
            (lambda ask: ask.answer(200, "{}", Content_Type="application/json"), 1, []),
            (lambda ask: ask.answer(200, b"", Content_Type="application/json"), 1, []),
            (lambda ask: ask.answer(200, b"{" * (5 << 20)), 1, ["more than"]),
            (lambda ask: ask.answer(307, Location=ask.path), 1, ["in circles"]),
            (lambda ask: ask.answer(307, Location="ftp://127.0.0.1/x"), 1, ["strange place"]),
            (lambda ask: ask.answer(307, Location="http://registry.invalid/x"), 1, ["without TLS"]),
            (lambda ask: ask.answer(307), 1, ["strange place"]),
            (lambda ask: ask.answer(401, WWW_Authenticate='Bearer realm="http://evil.invalid/t"'), 1, ["evil.invalid"]),
            (lambda ask: ask.answer(401, WWW_Authenticate='Bearer realm="' + "x" * 9000), 1, ["without a login"])):
        p = Puller(caller)
        with Registry() as registry:
            name = app(registry)
            registry.hook = only("manifest", action)
            p.refuse(name, pieces=pieces, status=status)


@claim("nobody there, and no such name")
def unreachable(caller):
    p = Puller(caller)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    p.refuse(f"127.0.0.1:{port}/app", pieces=["Connection refused", "is the registry running"])
    p.refuse("registry.invalid/app", pieces=["there is no address for 'registry.invalid'", "network"])


@claim("who speaks no TLS, elsewhere than on loopback, is not spoken to without")
def no_tls(caller):
    p = Puller(caller)
    with Registry("0.0.0.0") as registry:  # nosec: a test's; reached by an address that is not loopback's
        registry.add_image("app", "1", TWO)
        address = own_address()
        if not address:
            from harness import Skip
            raise Skip("this machine has no address but loopback's")
        name = f"{address}:{registry.port}"
        p.refuse(f"{name}/app:1", pieces=["does not speak TLS", f'[registries."{name}"] insecure = true'])
        p.configure(f'[registries."{name}"]\ninsecure = true')
        p.pull(f"{name}/app:1").ok()


def own_address():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation's address: nothing is sent
            address = probe.getsockname()[0]
        except OSError:
            return None
    return None if address.startswith("127.") or address == "0.0.0.0" else address


@claim("lies about digests: nothing is published")
def digest_lies(caller):
    with Registry() as registry:
        name = app(registry)
        right = dict(registry.blobs)
        for digest in right:
            p = Puller(caller)
            changed = bytearray(right[digest])
            changed[len(changed) // 2] ^= 1
            registry.blobs = {**right, digest: bytes(changed)}
            p.refuse(name)
            same(len(p.list("blobs", "sha256")), 0, "blobs")
        p = Puller(caller)
        registry.blobs = right
        registry.hook = only("manifest", lambda ask: ask.answer(
            200, registry.manifests["app", "1"][1], Content_Type=registry.manifests["app", "1"][0],
            Docker_Content_Digest="sha256:" + "0" * 64))
        p.refuse(name, pieces=["which is not sha256:0000"])
        media_type, text = registry.manifests["app", "1"]
        registry.hook = only("manifest", lambda ask: ask.answer(200, text + b" ", Content_Type=media_type))
        p.refuse(f"{registry.name}/app@{digest_of(text)}", pieces=["which is not"])


@claim("lies about sizes: nothing is published")
def size_lies(caller):
    with Registry() as registry:
        name = app(registry)
        media_type, text = registry.manifests["app", "1"]
        for key, change in (("config", -1), ("config", 1), ("layers", -1), ("layers", 1), ("layers", 10**12),
                            ("layers", -10**12), ("layers", 10**30)):
            document = json.loads(text)
            entry = document[key] if key == "config" else document[key][1]
            entry["size"] += change
            registry.add_manifest("app", "1", document, media_type)
            p = Puller(caller)
            p.refuse(name)
        registry.manifests["app", "1"] = (media_type, text)
        for tail in (b"x", b"x" * 100000):  # more than the headers said, without a length
            registry.hook = only("blob", lambda ask, tail=tail: chunked(ask, registry.blobs[ask.name] + tail))
            Puller(caller).refuse(name)


def chunked(ask, data):
    ask.handler.send_response(200)
    ask.handler.send_header("Transfer-Encoding", "chunked")
    ask.handler.end_headers()
    ask.handler.wfile.write(b"%x\r\n" % len(data) + data + b"\r\n0\r\n\r\n")
    return True


@claim("a connection that breaks again and again: the parts make a whole, with Range and without")
def breaks(caller):
    for knows_range in (True, False):
        p = Puller(caller)
        p.configure(retries=4)
        with Registry() as registry:
            registry.add_image("app", "1", [{"noise": noise(6 << 20)}], how="")
            big = max(registry.blobs.values(), key=len)

            def cut(ask):
                if ask.name != digest_of(big):
                    return False
                value = ask.headers.get("Range") if knows_range else None
                begin = int(value[6:-1]) if value else 0
                data = big[begin:]
                # Without Range each try must come further than the one before.
                give = 2 << 20 if knows_range else min(len(data), (2 << 20) * registry.count("blob", ask.name))
                ask.handler.send_response(206 if value else 200)
                ask.handler.send_header("Content-Length", str(len(data)))
                if value:
                    ask.handler.send_header("Content-Range", f"bytes {begin}-{len(big) - 1}/{len(big)}")
                ask.handler.end_headers()
                ask.handler.wfile.write(data[:give])
                ask.handler.close_connection = True
                return True

            registry.hook = only("blob", cut)
            p.pull(f"{registry.name}/app:1").ok()
            that(registry.count("blob", digest_of(big)) >= 3, "it did not break")


@claim("a large layer goes on where an earlier pull ended, and a changed beginning is noticed")
def goes_on(caller):
    for is_spoilt in (False, True):
        p = Puller(caller)
        p.configure(retries=0)
        with Registry() as registry:
            registry.add_image("app", "1", [{"noise": noise(40 << 20)}], how="")
            big = max(registry.blobs.values(), key=len)
            name = digest_of(big)
            registry.hook = only("blob", lambda ask: ask.name == name and ask.cut(big, 20 << 20))
            p.refuse(f"{registry.name}/app:1")
            same(p.list("partial"), [name[7:]])
            size = os.path.getsize(p.path("partial", name[7:]))
            that(10 << 20 < size <= 20 << 20, f"{size} bytes are there")
            if is_spoilt:
                with open(p.path("partial", name[7:]), "r+b") as part:
                    part.seek(size // 2)
                    part.write(b"\0" * 4096)
            registry.hook = None
            p.pull(f"{registry.name}/app:1").ok()
            same(p.list("partial"), [])
            asked = [ask.headers.get("Range") for ask in registry.asked if ask.name == name]
            same(asked[:2], [None, f"bytes={size}-"])
            same(len(asked), 3 if is_spoilt else 2)


@claim("a slow registry is waited for as long as something comes")
def slow(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "1", [{"noise": noise(60000)}], how="")
        registry.hook = only("blob", lambda ask: ask.slowly(registry.blobs[ask.name], 3000, 0.15))
        p.pull(f"{registry.name}/app:1").ok()


@claim("a decompression bomb is refused before it fills the disk")
def bomb(caller):
    p = Puller(caller)
    with Registry() as registry:
        # A layer of 1 MB with a file of 600 GiB, of which 1 GiB is there.
        member = tarfile.TarInfo("zeros")
        member.size = 600 << 30
        archive = member.tobuf(tarfile.GNU_FORMAT) + b"\0" * (1 << 30)
        name = app(registry)
        media_type, text = registry.manifests["app", "1"]
        document = json.loads(text)
        document["layers"][0].update(registry.add_blob(gzip.compress(archive, 1)))
        registry.add_manifest("app", "1", document, media_type)
        p.refuse(name)
        that(sum(os.path.getsize(os.path.join(root, file)) for root, _, files in os.walk(p.home) for file in files)
             < 10 << 20, "it left something behind")


@claim("hostile layers: nothing outside of the store changes")
def hostile_layer(caller):
    for layer in (b"no archive", b"\x1f\x8b\x08" + b"x" * 100, b"\x28\xb5\x2f\xfd" + b"x" * 100):
        p = Puller(caller)
        with Registry() as registry:
            registry.add_image("app", "1", [layer], how="")
            p.refuse(f"{registry.name}/app:1")


@claim("a configuration that makes no sense is told with its place")
def configuration(caller):
    p = Puller(caller)
    p.configure(parallel=0)
    done = p.pull("127.0.0.1:1/app")
    has(done.err, "config.toml:", "expected a number from 1 to 16")
    p.configure("[registries.'x.example']\nmirrors = 3")
    has(p.pull("127.0.0.1:1/app").err, "config.toml:", "expected a list of mirrors")


main()

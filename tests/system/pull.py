#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""nvbind pull from registries that behave: every kind of image, tokens, logins, mirrors, names."""

import base64
import json
import os
import re
import shutil

from harness import Skip, claim, has, main, same, that, until
from pull_bed import Puller, children_of, scratch
from registry_bed import INDEX, MANIFEST, Registry, digest_of, make_certificate, pack, tar_of

TWO = [{"etc": None, "etc/a": "first"}, {"etc/b": "second"}]


@claim("an image comes with its layers, and the answer pins it")
def plain(caller):
    p = Puller(caller)
    with Registry() as registry:
        image = registry.add_image("group/app", "1", TWO)
        done = p.pull(f"{registry.name}/group/app:1").ok()
        same(done.out, f"{registry.name}/group/app@{image['digest']}\n")
        has(done.err, "2 of 2 layers", "pulled ")
        same((p.read("etc/a"), p.read("etc/b")), ("first", "second"))
        same((len(p.refs()), len(p.layers()), p.areas()), (1, 2, []))


@claim("an image that is here is not downloaded again, and its digest needs no network")
def again(caller):
    p = Puller(caller)
    with Registry() as registry:
        image = registry.add_image("app", "1", TWO)
        p.pull(f"{registry.name}/app:1").ok()
        n = registry.count("blob")
        done = p.pull(f"{registry.name}/app:1").ok()
        has(done.err, "up to date")
        same(registry.count("blob"), n, "blobs asked for")
        name = f"{registry.name}/app@{image['digest']}"
    p.pull(name).ok()  # nobody is there any longer


@claim("a new tag of which most is here takes only what is missing")
def shared(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "1", TWO)
        registry.add_image("app", "2", [*TWO, {"etc/c": "third"}])
        p.pull(f"{registry.name}/app:1").ok()
        answer = p.pull("--json", f"{registry.name}/app:2").json()
        same((answer["layers"], answer["fetched"]), (3, 1))
        same(len(p.layers()), 3)


@claim("OCI's and docker's manifests; layers packed by gzip, by zstd and not at all")
def kinds(caller):
    p = Puller(caller)
    with Registry() as registry:
        for kind, how in (("oci", "gzip"), ("oci", "zstd"), ("oci", ""), ("docker", "gzip")):
            if how == "zstd" and not shutil.which("zstd"):
                continue
            registry.add_image(f"{kind}{how}", "1", [{f"{kind}{how}": how}], kind=kind, how=how)
            p.pull(f"{registry.name}/{kind}{how}:1").ok()
            same(p.read(f"{kind}{how}"), how)


@claim("an index leads to this machine's image, or to the one of --platform")
def index(caller):
    p = Puller(caller)
    with Registry() as registry:
        for kind in ("oci", "docker"):
            images = [(registry.add_image(kind, None, [{"arch": arch}], kind=kind, arch=arch), f"linux/{arch}")
                      for arch in ("amd64", "arm64", "riscv64")]
            registry.add_index(kind, "1", images, kind=kind)
            answer = p.pull("--json", "--platform", "linux/riscv64", f"{registry.name}/{kind}:1").json()
            same(answer["digest"], images[2][0]["digest"])
        done = p.pull(f"{registry.name}/oci:1").ok()
        that("@sha256:" in done.out, done.out)


@claim("an index without this machine: which there are, and what would run them")
def no_platform(caller):
    p = Puller(caller)
    with Registry() as registry:
        image = registry.add_image("app", None, TWO, arch="s390x")
        registry.add_index("app", "1", [(image, "linux/s390x"), (image, "linux/arm/v5"), (image, "unknown/unknown")])
        done = p.refuse(f"{registry.name}/app:1", pieces=["s390x", "arm/v5", "--platform", "qemu"])
        that("unknown/unknown" not in done.err, done.err)
        registry.add_image("single", "1", TWO, arch="mips64le")
        p.refuse(f"{registry.name}/single:1", pieces=["linux/mips64le", "--platform", "qemu"])
        p.pull("--platform", "linux/mips64le", f"{registry.name}/single:1").ok()


@claim("schema 1 is refused with the reason")
def schema_1(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_manifest("old", "1", {"schemaVersion": 1, "name": "old", "fsLayers": [], "history": []},
                              "application/vnd.docker.distribution.manifest.v1+prettyjws")
        p.refuse(f"{registry.name}/old:1", pieces=["first schema", "recent docker"])


@claim("what is no image is refused")
def no_image(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_manifest("both", "1", {"schemaVersion": 2, "manifests": [], "layers": [],
                                            "config": registry.add_blob(b"{}")}, MANIFEST["oci"])
        p.refuse(f"{registry.name}/both:1")
        registry.add_manifest("lie", "1", json.loads(
            registry.manifests["both", "1"][1]) | {"mediaType": INDEX["oci"]}, MANIFEST["oci"])
        p.refuse(f"{registry.name}/lie:1")
        registry.add_manifest("text", "1", b"not JSON", MANIFEST["oci"])
        p.refuse(f"{registry.name}/text:1")


def bearer(registry, want_basic=None, token="t0ken", expires_after=None):
    """A hook that wants a token, given out at /token; for a login only, when one is named."""
    state = {"n": 0, "token": token}

    def hook(ask):
        if ask.path.startswith("/token"):
            if want_basic and ask.headers.get("Authorization") != "Basic " + want_basic:
                return ask.error(401)
            state["n"] += 1
            state["token"] = f"{token}{state['n']}"
            return ask.answer(200, json.dumps({"token": state["token"]}))
        if ask.headers.get("Authorization") == "Bearer " + state["token"]:
            if expires_after and ask.kind == "blob" and state["n"] == 1 and registry.count("blob") > expires_after:
                state["token"] = None
            else:
                return False
        realm = f'{registry.url}/token'
        return ask.error(401, WWW_Authenticate=f'Bearer realm="{realm}",service="s",'
                                               f'scope="repository:{ask.repository}:pull"')

    return hook, state


@claim("a registry that wants tokens gives them out to everybody")
def anonymous_token(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "1", TWO)
        registry.hook, state = bearer(registry)
        p.pull(f"{registry.name}/app:1").ok()
        same(state["n"], 1, "tokens bought")
        that(f"/token?service=s&scope=repository%3Aapp%3Apull" in registry.paths(), registry.paths())


@claim("a token that runs out between layers is bought anew, once")
def token_runs_out(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "1", [{f"f{i}": f"{i}"} for i in range(8)])
        registry.hook, state = bearer(registry, expires_after=3)
        p.pull(f"{registry.name}/app:1").ok()
        that(2 <= state["n"] <= 3, f"{state['n']} tokens")


def login(name, word):
    return base64.b64encode(f"{name}:{word}".encode()).decode()


def tells_no_secret(done, *secrets):
    for secret in secrets:
        that(secret not in done.out + done.err, f"{secret!r} in {done.out + done.err!r}")


@claim("logins of docker and podman open what is private; without, and with a wrong one, it is told")
def logins(caller):
    good, bad = login("ann", "s3cret-w0rd"), login("ann", "wr0ng-w0rd")
    with Registry() as registry:
        registry.add_image("private/app", "1", TWO)
        name = f"{registry.name}/private/app:1"
        basic = lambda ask: (ask.headers.get("Authorization") != "Basic " + good
                             and ask.error(401, WWW_Authenticate='Basic realm="x"'))
        for hook in (basic, bearer(registry, want_basic=good)[0]):
            registry.hook = hook
            for path, env in ((".docker/config.json", {}), ("run/containers/auth.json", {}),
                              ("config/containers/auth.json", {}),
                              ("elsewhere.json", {"REGISTRY_AUTH_FILE": "elsewhere.json"}),
                              ("dir/config.json", {"DOCKER_CONFIG": "dir"})):
                p = Puller(caller)
                env = {key: f"{p.home}/{value}" for key, value in env.items()}
                p.refuse(name, pieces=["without a login", "podman login", "docker login"], env=env)
                p.put(path, json.dumps({"auths": {registry.name: {"auth": bad}}}), 0o600)
                tells_no_secret(p.refuse(name, pieces=["log in again"], env=env), bad, "wr0ng-w0rd")
                p.put(path, json.dumps({"auths": {registry.name: {"auth": good}}}), 0o600)
                done = p.pull(name, env=env).ok()
                tells_no_secret(done, good, "s3cret-w0rd")


@claim("a credential helper is asked, and one that fails is told")
def helpers(caller):
    p = Puller(caller)
    good = login("ann", "s3cret-w0rd")
    with Registry() as registry:
        registry.add_image("app", "1", TWO)
        registry.hook = lambda ask: (ask.headers.get("Authorization") != "Basic " + good
                                     and ask.error(401, WWW_Authenticate='Basic realm="x"'))
        p.put("bin/docker-credential-fine", "#!/bin/sh\nread -r host\n"
              f'[ "$1 $host" = "get {registry.name}" ] && echo \'{{"Username":"ann","Secret":"s3cret-w0rd"}}\'\n', 0o755)
        p.put("bin/docker-credential-bad", "#!/bin/sh\necho s3cret-w0rd; exit 1\n", 0o755)
        env = {"PATH": f"{p.home}/bin:{caller.env['PATH']}"}
        p.put(".docker/config.json", json.dumps({"credHelpers": {registry.name: "bad"}}))
        tells_no_secret(p.refuse(f"{registry.name}/app:1", env=env, pieces=["docker-credential-bad"]), "s3cret-w0rd")
        p.put(".docker/config.json", json.dumps({"credsStore": "fine"}))
        tells_no_secret(p.pull(f"{registry.name}/app:1", env=env).ok(), "s3cret-w0rd")


@claim("a redirect to another host gets no login; its own host keeps it")
def redirects(caller):
    p = Puller(caller)
    good = login("ann", "s3cret-w0rd")
    with Registry() as registry, Registry("127.0.0.2") as store:
        registry.add_image("app", "1", TWO)
        store.blobs = registry.blobs

        def hook(ask):
            if ask.headers.get("Authorization") != "Basic " + good:
                return ask.error(401, WWW_Authenticate='Basic realm="x"')
            if ask.kind == "blob":
                return ask.answer(307, Location=f"{store.url}/v2/x/blobs/{ask.name}?signature=s1gned")
            return False

        registry.hook = hook
        p.put(".docker/config.json", json.dumps({"auths": {registry.name: {"auth": good}}}))
        done = p.pull(f"{registry.name}/app:1").ok()
        tells_no_secret(done, "s1gned")
        same(store.count("blob"), 3, "two layers and a configuration from there")
        that(all("Authorization" not in ask.headers for ask in store.asked), "a login went along")


@claim("mirrors are asked first; one that fails is passed over with a note")
def mirrors(caller):
    p = Puller(caller)
    with Registry() as registry, Registry("127.0.0.2") as mirror, Registry("127.0.0.3") as broken:
        registry.add_image("group/app", "1", TWO)
        mirror.blobs = registry.blobs
        mirror.manifests = {("hub/" + repo, name): value for (repo, name), value in registry.manifests.items()}
        broken.hook = lambda ask: ask.error(404)
        p.configure(f"""[registries."{registry.name}"]
                    mirrors = ["http://127.0.0.1:1", "{broken.name}", "{mirror.name}/hub"]""")
        done = p.pull(f"{registry.name}/group/app:1").ok()
        has(done.err, "mirror '127.0.0.1:1' is passed over", f"mirror '{broken.name}' is passed over")
        same((registry.count(), mirror.count("blob")), (0, 3))
        p = Puller(caller)
        p.configure(f"""[registries."{registry.name}"]
                    mirrors = ["{mirror.name}/hub"]""")
        mirror.hook = lambda ask: ask.kind == "blob" and ask.error(404)
        p.pull(f"{registry.name}/group/app:1").ok()  # blobs that the mirror has lost
        same(registry.count("blob"), 3)


@claim("a short name lives where the configuration says")
def short_names(caller):
    p = Puller(caller)
    with Registry() as registry:
        registry.add_image("app", "latest", TWO)
        p.configure(registry=registry.name)
        has(p.pull("app").ok().out, f"{registry.name}/app@sha256:")
        p.configure("[registries.'docker.io']\nmirrors = ['http://" + registry.name + "']")
        registry.add_image("library/app", "latest", TWO)
        has(p.pull("app").ok().out, "docker.io/library/app@sha256:")


@claim("TLS: an unknown authority is refused, one of the configuration is not")
def tls(caller):
    if not shutil.which("openssl"):
        raise Skip("no openssl to make a certificate")
    p = Puller(caller)
    with scratch() as folder:
        certificate = make_certificate(folder)
        with Registry(certificate=certificate) as registry:
            registry.add_image("app", "1", TWO)
            p.refuse(f"{registry.name}/app:1", pieces=["not to be trusted", f'[registries."{registry.name}"] ca ='])
            with open(certificate + ".crt", encoding="ascii") as file:
                ca = p.put("own.crt", file.read())
            p.configure(f'[registries."{registry.name}"]\nca = "{ca}"')
            p.pull(f"{registry.name}/app:1").ok()


@claim("TLS: no way down to plain http")
def no_way_down(caller):
    if not shutil.which("openssl"):
        raise Skip("no openssl to make a certificate")
    p = Puller(caller)
    with scratch() as folder:
        certificate = make_certificate(folder)
        with Registry(certificate=certificate) as registry, Registry("127.0.0.2") as plain_one:
            registry.add_image("app", "1", TWO)
            plain_one.blobs = registry.blobs
            with open(certificate + ".crt", encoding="ascii") as file:
                p.configure(f'[registries."{registry.name}"]\nca = "{p.put("own.crt", file.read())}"')
            registry.hook = lambda ask: ask.kind == "blob" and ask.answer(
                307, Location=f"{plain_one.url}/v2/x/blobs/{ask.name}")
            p.refuse(f"{registry.name}/app:1", pieces=["without TLS"])
            same(plain_one.count(), 0)


@claim("the answer as JSON, quiet, and errors as JSON")
def answers(caller):
    p = Puller(caller)
    with Registry() as registry:
        image = registry.add_image("app", "1", TWO)
        done = p.pull("-q", f"{registry.name}/app:1").ok()
        same((done.out, done.err), (f"{registry.name}/app@{image['digest']}\n", ""))
        done = p.pull("--json", f"{registry.name}/app:1").ok()
        answer = json.loads(done.out)
        same((answer["digest"], answer["layers"], answer["fetched"], done.err), (image["digest"], 2, 0, ""))
        done = p.pull("--json", f"{registry.name}/none:1")
        error = json.loads(done.err)["error"]
        same((done.status, done.out, error["kind"]), (1, "", "not-found"))
    for bad in ("Ubuntu", "a b", "", "x@sha256:1", "-x"):
        same(p.pull(bad).status, 2, f"status for {bad!r}")


@claim("loopback's registries by every name, and never through a proxy")
def loopback(caller):
    for host in ("127.0.0.1", "localhost", "::1"):
        p = Puller(caller)
        try:
            registry = Registry("127.0.0.1" if host == "localhost" else host)
        except OSError:
            continue  # no IPv6
        with registry:
            registry.add_image("app", "1", TWO)
            name = f"[::1]:{registry.port}" if host == "::1" else f"{host}:{registry.port}"
            p.pull(f"{name}/app:1", env={"http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1"}).ok()


@claim("what reads the registry's words is locked away: what it sees, what it may do, and that it ends with its parent")
def jail(caller):
    p = Puller(caller)
    p.configure(stall_timeout=60)
    with Registry() as registry:
        registry.add_image("app", "1", TWO)
        registry.hook = lambda ask: ask.kind == "manifest" and ask.stall()
        process = p.start(f"{registry.name}/app:1")
        until(lambda: registry.count("manifest"), "no manifest is asked for")
        inner = children_of(process.pid)[-1]
        status = dict(line.split(":\t", 1) for line in open(f"/proc/{inner}/status", encoding="utf-8").read().splitlines())
        same((status["NoNewPrivs"], status["Seccomp"], status["NSpid"].split()[-1]), ("1", "2", "1"))
        that(int(status["CapEff"], 16) & ~0x8000001b == 0, status["CapEff"])  # what writing others' files needs
        if os.getuid() == 0:
            for kind in ("user", "mnt", "pid", "ipc", "uts"):
                that(os.readlink(f"/proc/{inner}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"), kind)
            same(sorted(os.listdir(f"/proc/{inner}/root")), ["etc", "proc", "store"])
            that(set(os.listdir(f"/proc/{inner}/root/etc")) <= {"resolv.conf", "hosts", "nsswitch.conf", "gai.conf",
                                                                "host.conf"}, "more of /etc")
            that(not os.path.exists(f"/proc/{inner}/root/proc/self"), "it sees processes")
            limits = open(f"/proc/{inner}/limits", encoding="utf-8").read()
            that(re.search(r"Max core file size +0 +0", limits), limits)
        process.kill()
        until(lambda: not os.path.exists(f"/proc/{inner}"), "it goes on", 6)


@claim("a layer that stands twice in an image is one")
def twice(caller):
    p = Puller(caller)
    with Registry() as registry:
        layer = tar_of({"a": "x"})
        registry.add_image("app", "1", [layer, {"b": "y"}, layer])
        p.pull(f"{registry.name}/app:1").ok()
        same(len(p.layers()), 3)
        same(digest_of(pack(layer, "gzip")) in registry.blobs, True)


main()

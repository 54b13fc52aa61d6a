#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Networks of detached containers: they live exactly as long as these."""

import os
import signal

import network_bed
from harness import PYTHON, claim, has, main, that, until
from life_bed import on_life
from network_bed import SERVE, ask, need_root

PUBLISHED = "tcp 127.0.0.1 8080"


def answers(bed):
    return ask(bed, PUBLISHED)[PUBLISHED]


def serve(life, bed, *opts):
    ident = life.answer("run", "-d", "--gpu", "none", *opts, "host", PYTHON, "-I", "-S", "-c", SERVE, "0.0.0.0", "::", view=bed)
    until(lambda: life.log(ident) == "up\n", "the server did not start")
    return ident


def is_published(bed):
    has(answers(bed), "container to ")


def is_free(bed):
    until(lambda: answers(bed).startswith("no: "), "the port stays open")


@claim("a published port is open until the container is stopped, and again when it is started")
@on_life
def published(life):
    need_root()
    bed = network_bed.make(life.caller)
    ident = serve(life, bed, "--network", "internet", "-p", "8080:80")
    is_published(bed)
    life.answer("stop", "-t", "1", ident, view=bed)
    is_free(bed)
    life.answer("start", ident, view=bed)
    until(lambda: answers(bed).startswith("container to "), "the port stays closed")
    life.answer("restart", "-t", "1", ident, view=bed)
    until(lambda: answers(bed).startswith("container to "), "the port stays closed")
    life.answer("rm", "-f", ident, view=bed)
    is_free(bed)


@claim("a killed supervisor takes nothing of the network along, and its successor finds all of it")
@on_life
def killed_supervisor(life):
    need_root()
    bed = network_bed.make(life.caller)
    ident = serve(life, bed, "--network", "internet", "-p", "8080:80")
    life.kill_supervisor(ident)
    is_published(bed)
    life.answer("ps", view=bed)
    until(lambda: life.supervisor(ident), "it gets no other supervisor")
    is_published(bed)
    life.answer("rm", "-f", ident, view=bed)
    is_free(bed)


@claim("a container that is killed frees its ports")
@on_life
def killed_container(life):
    need_root()
    bed = network_bed.make(life.caller)
    ident = serve(life, bed, "-p", "8080:80")
    os.kill(life.one(ident)["pid"], signal.SIGKILL)
    is_free(bed)


@claim("a container that starts again by its policy has its ports again")
@on_life
def policy(life):
    need_root()
    bed = network_bed.make(life.caller)
    ident = serve(life, bed, "-p", "8080:80", "--restart", "always")
    pid = life.one(ident)["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: life.one(ident)["pid"] not in (pid, None) and answers(bed).startswith("container to "),
          "the port stays closed", 10)
    life.answer("rm", "-f", ident, view=bed)
    is_free(bed)


@claim("a port that is taken keeps a container from starting, and nothing is left of it")
@on_life
def taken(life):
    need_root()
    bed = network_bed.make(life.caller)
    serve(life, bed, "-p", "8080:80", "--name", "first")
    done = life.do("run", "-d", "--name", "second", "-p", "8080:80", "host", "true", view=bed)
    that(done.status == 125, str(done.status))
    has(done.err, "port 8080 (tcp) of 127.0.0.1 is taken by ")
    that(life.one("second") is None, "it is there")


@claim("members of a network find each other by their names, over stops and starts")
@on_life
def members(life):
    need_root()
    bed = network_bed.make(life.caller)
    serve(life, bed, "--network", "shop", "--name", "web")
    serve(life, bed, "--network", "shop", "--network", "internet", "--name", "db")

    def asked(name):
        code = f"import socket; print(socket.create_connection(('{name}', 80), 3).recv(99).decode())"
        return life.do("run", "--gpu", "none", "--network", "shop", "host", PYTHON, "-I", "-S", "-c", code, view=bed)

    for name in ("web", "db"):
        has(asked(name).ok().out, "container to ")
    life.answer("stop", "-t", "1", "web", view=bed)
    that(asked("web").status != 0, "a stopped member answers")
    life.answer("start", "web", view=bed)
    until(lambda: "container to " in asked("web").out, "a started member does not answer", 10)
    has(asked("db").ok().out, "container to ")


main()

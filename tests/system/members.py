#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Networks of containers: members find and reach each other, and nobody else."""

import os
import signal

import network_bed
from harness import PYTHON, claim, has, main, same, that, until
from network_bed import INTERNET, MACHINE, NEIGHBOUR, SERVE, ask, need_root, reached, refused


def begin(caller, bed, *opts, command=None):
    command = command or [PYTHON, "-I", "-S", "-c", SERVE, "0.0.0.0", "::"]
    line = [caller.nvbind, "run", "--gpu", "none", *opts, "host", *command]
    return caller.start(line, view=bed)


def serve(caller, bed, network, name, *opts):
    process = begin(caller, bed, "--network", network, "--hostname", name, *opts)
    line = process.stdout.readline()
    that(line == b"up\n", "the server did not start")
    return process


def run(caller, bed, *words, opts=()):
    return caller.finish(begin(caller, bed, *opts, command=words))


def answers(caller, bed, addresses, *opts):
    return run(caller, bed, PYTHON, "-I", "-S", "-c", network_bed.ASK_MANY, *addresses, opts=opts).json()


@claim("members reach each other by name, TCP and UDP, IPv4 and IPv6")
def by_name(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "web")
    serve(caller, bed, "app", "db")
    found = answers(caller, bed, ["web", "db", "10.78.87.1", "fd4e:5642:4e45::2"], "--network", "app")
    for asked, answer in found.items():
        that(answer.startswith("container to 10.78.87.3") or answer.startswith("container to fd4e:5642:4e45::3"),
             f"{asked}: {answer}")


@claim("names are asked of a name service, too, and unknown ones are nobody's")
def name_service(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "web")
    opts = ["--network", "app", "--hostname", "self"]
    has(run(caller, bed, "getent", "ahostsv4", "WEB", opts=opts).ok().out, "10.78.87.1")
    has(run(caller, bed, "getent", "ahostsv4", "self", opts=opts).ok().out, "10.78.87.2")
    same(run(caller, bed, "getent", "ahosts", "nobody", opts=opts).status, 2)
    same(run(caller, bed, "getent", "ahosts", "there.example.org", opts=opts).status, 2)


@claim("with 'internet' beside it members and the internet are reached, neighbours are not")
def with_internet(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "web")
    opts = ["--network", "app", "--network", "internet"]
    found = answers(caller, bed, ["web", *INTERNET, *NEIGHBOUR, *MACHINE], *opts)
    reached(found, ["web"], "container")
    reached(found, INTERNET, "internet")
    refused(found, (*NEIGHBOUR, *MACHINE))
    has(run(caller, bed, "getent", "ahostsv4", "there.example.org", opts=opts).ok().out, INTERNET[0])
    has(run(caller, bed, "getent", "ahostsv4", "web", opts=opts).ok().out, "10.78.87.1")


@claim("a network alone reaches neither the machine nor the outside")
def alone(caller):
    need_root()
    bed = network_bed.make(caller)
    addresses = (*INTERNET, *NEIGHBOUR, *MACHINE, "10.78.86.2", "127.0.0.1")
    refused(answers(caller, bed, addresses, "--network", "app"), addresses)


@claim("other networks and containers of none are out of reach")
def apart(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "web")
    serve(caller, bed, "other", "web")
    code = ["10.78.87.1", "fd4e:5642:4e45::1"]
    for opts in (["--network", "third"], ["--network", "internet"], ["--network", "lan"]):
        # In the third network the asker itself has that address, and nothing listens there.
        refused(answers(caller, bed, code, *opts), code)
    same(run(caller, bed, "getent", "ahosts", "web", opts=["--network", "third"]).status, 2)


@claim("the machine does not reach a member but by a published port")
def not_from_outside(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "web", "-p", "8080:80")
    found = ask(bed, "tcp 10.78.87.1 80", "tcp 127.0.0.1 8080")
    that(found["tcp 10.78.87.1 80"].startswith("no: "), str(found))
    that(found["tcp 127.0.0.1 8080"].startswith("container to "), str(found))


@claim("much data arrives whole between members")
def much_data(caller):
    need_root()
    bed = network_bed.make(caller)
    code = ("import socket, hashlib\ns = socket.create_server(('0.0.0.0', 81)); print('up', flush=True)\n"
            "c = s.accept()[0]; h = hashlib.sha256(); n = 0\n"
            "while True:\n    d = c.recv(1 << 20)\n    if not d: break\n    h.update(d); n += len(d)\n"
            "c.sendall((str(n) + ' ' + h.hexdigest()).encode()); c.close()")
    server = begin(caller, bed, "--network", "app", "--hostname", "sink", command=[PYTHON, "-I", "-S", "-c", code])
    that(server.stdout.readline() == b"up\n", "the server did not start")
    send = ("import socket, hashlib, os\nc = socket.create_connection(('sink', 81)); h = hashlib.sha256()\n"
            "d = os.urandom(1 << 20)\nfor i in range(200):\n    c.sendall(d); h.update(d)\n"
            "c.shutdown(socket.SHUT_WR)\nprint(c.recv(200).decode() == str(200 << 20) + ' ' + h.hexdigest())")
    same(run(caller, bed, PYTHON, "-I", "-S", "-c", send, opts=["--network", "app"]).ok().out, "True\n")


@claim("a killed member's name is nobody's, and free for the next")
def killed(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "stays")
    process = serve(caller, bed, "app", "web")
    process.send_signal(signal.SIGKILL)
    process.wait()
    opts = ["--network", "app"]
    until(lambda: run(caller, bed, "getent", "ahosts", "web", opts=opts).status == 2, "the name stays")
    serve(caller, bed, "app", "web")
    reached(answers(caller, bed, ["web", "stays"], *opts), ["web", "stays"], "container")


@claim("a name that is taken is told")
def taken(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "web")
    done = run(caller, bed, "true", opts=["--network", "app", "--hostname", "web"])
    same(done.status, 125)
    has(done.err, "another member has the name 'web'", "try: ")


@claim("other users' networks of the same name are others")
def other_user(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "app", "web")
    mode = os.stat(f"{caller.runtime}/nvbind" if caller.uid else "/run/nvbind").st_mode
    same(mode & 0o077, 0, "others may look into the directory of the networks")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Published ports: who reaches the container's servers, and who does not."""

import signal

import network_bed
from harness import PYTHON, claim, has, main, same, that, until
from network_bed import LOOPBACK, MACHINE, NEIGHBOUR, SERVE, ask, need_root

def serve(caller, bed, *opts, network="none", places=()):
    line = [caller.nvbind, "run", "--gpu", "none", "--network", network, *opts, "host", PYTHON, "-I", "-S", "-c", SERVE,
            *places]
    process = caller.start(line, view=bed)
    line = process.stdout.readline()
    that(line == b"up\n", "the server did not start")
    return process


def every(addresses, *ports):
    return [f"{protocol} {address} {port}" for address in addresses for protocol, port in ports]


def is_published(network):
    def check(caller):
        need_root()
        bed = network_bed.make(caller)
        serve(caller, bed, "-p", "8080:80", "-p", "8007:7/udp", network=network)
        for triple, answer in ask(bed, *every(LOOPBACK, ("tcp", 8080), ("udp", 8007))).items():
            that(answer.startswith("container to "), f"{triple}: {answer}")
            that(not answer.endswith(" 127.0.0.1"), f"{triple}: the server took it for its own loopback")

    claim(f"TCP and UDP are reached on both loopbacks with the network '{network}'")(check)


for wish in ("none", "internet", "lan"):
    is_published(wish)


@claim("without an address nobody else reaches a published port")
def not_for_others(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "-p", "8080:80", "-p", "8007:7/udp", network="internet")
    for triple, answer in ask(bed, *every(MACHINE, ("tcp", 8080), ("udp", 8007))).items():
        that(answer.startswith("no: "), f"{triple}: {answer}")


@claim("with an address that one is reached, and not the others")
def one_address(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "-p", f"{MACHINE[0]}:8080:80", "-p", f"[{MACHINE[1]}]:8007:7/udp")
    found = ask(bed, *every((*MACHINE, *LOOPBACK), ("tcp", 8080), ("udp", 8007)))
    open_ones = {triple for triple, answer in found.items() if answer.startswith("container to ")}
    same(open_ones, {f"tcp {MACHINE[0]} 8080", f"udp {MACHINE[1]} 8007"})


@claim("every address of the machine is told to be open to others")
def everywhere(caller):
    need_root()
    bed = network_bed.make(caller)
    process = serve(caller, bed, "-p", "0.0.0.0:8080:80", "-p", "[::]:8007:7/udp")
    found = ask(bed, f"tcp {MACHINE[0]} 8080", f"udp {MACHINE[1]} 8007", "tcp 127.0.0.1 8080")
    that(all(answer.startswith("container to ") for answer in found.values()), str(found))
    process.terminate()
    has(process.communicate()[1].decode(), "port 8080/tcp is open to other machines", "port 8007/udp is open")


@claim("a server on the container's loopback alone is reached, too")
def inner_loopback(caller):
    need_root()
    bed = network_bed.make(caller)
    for place in LOOPBACK:
        process = serve(caller, bed, "-p", "8080:80", "-p", "8007:7/udp", network="internet", places=[place])
        found = ask(bed, "tcp 127.0.0.1 8080", "udp 127.0.0.1 8007", "tcp ::1 8080")
        that(all(answer.startswith("container to ") for answer in found.values()), f"{place}: {found}")
        process.kill()
        process.wait()
        until(lambda: "no: " in ask(bed, "tcp 127.0.0.1 8080")["tcp 127.0.0.1 8080"], "the port stays open")


@claim("a published port does not open the network")
def stays_alone(caller):
    need_root()
    bed = network_bed.make(caller)
    code = "import socket\nfor a in %r:\n    try:\n        socket.create_connection((a, 80), 1); print('REACHED', a)\n" \
           "    except OSError: pass\nprint('end')" % ([*MACHINE, *NEIGHBOUR, *LOOPBACK, "45.45.45.45"],)
    line = [caller.nvbind, "run", "--network", "none", "-p", "8080:81", "host", PYTHON, "-I", "-S", "-c", code]
    same(caller.finish(caller.start(line, view=bed)).ok().out, "end\n")


@claim("one container does not reach the published ports of another")
def not_each_other(caller):
    need_root()
    bed = network_bed.make(caller)
    serve(caller, bed, "-p", "8080:80", network="internet")
    code = "import socket\nfor a in %r:\n    try:\n        socket.create_connection((a, 8080), 1); print('REACHED', a)\n" \
           "    except OSError: pass\nprint('end')" % ([*MACHINE, *LOOPBACK, "10.78.86.2", "10.78.86.100"],)
    for network in ("internet", "lan"):
        line = [caller.nvbind, "run", "--network", network, "host", PYTHON, "-I", "-S", "-c", code]
        same(caller.finish(caller.start(line, view=bed)).ok().out, "end\n", network)


@claim("a port that is taken is told, with a remedy, before anything starts")
def taken(caller):
    need_root()
    bed = network_bed.make(caller)
    done = caller.finish(caller.start([caller.nvbind, "run", "-p", "80:80", "host", "echo", "RAN"], view=bed))
    if caller.uid == 0:
        has(done.err, "port 80 (tcp) of 127.0.0.1 is taken", "try: ")
    else:
        has(done.err, "port 80 is not for ordinary users", "ip_unprivileged_port_start=80")
    serve(caller, bed, "-p", "8080:80")
    done = caller.finish(caller.start([caller.nvbind, "run", "-p", "8080:80", "host", "echo", "RAN"], view=bed))
    same((done.status, done.out), (125, ""))
    has(done.err, "port 8080 (tcp) of 127.0.0.1 is taken", "try: ")


@claim("a port that is left to choice is told")
def any_port(caller):
    need_root()
    bed = network_bed.make(caller)
    process = caller.start([caller.nvbind, "run", "-p", "80", "host", PYTHON, "-I", "-S", "-c", SERVE], view=bed)
    words = process.stderr.readline().decode().split()
    same(words[:8], ["nvbind:", "port", "80/tcp", "of", "the", "container", "is", "port"])
    process.stdout.readline()
    for address in LOOPBACK:
        triple = f"tcp {address} {words[8]}"
        has(ask(bed, triple)[triple], "container to ")


@claim("the port is free when nvbind was killed")
def free_again(caller):
    need_root()
    bed = network_bed.make(caller)
    for _ in range(5):
        process = serve(caller, bed, "-p", "8080:80", network="internet")
        process.send_signal(signal.SIGKILL)
        process.wait()
        until(lambda: "no: " in ask(bed, "tcp 127.0.0.1 8080")["tcp 127.0.0.1 8080"], "the port stays open")


if __name__ == "__main__":
    main()

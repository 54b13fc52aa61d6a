#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Networks that reach out: what they reach, and above all what they do not."""

import os
import subprocess

import network_bed
from harness import PYTHON, Skip, claim, has, main, same, that, until
from network_bed import INTERNET, LOOPBACK, MACHINE, NEIGHBOUR, need_root, reached, refused

HELPERS = ("pasta", "slirp4netns")
GATEWAYS = ("10.78.86.2", "10.78.86.3", "fd4e:5642:4e44::2", "fd4e:5642:4e44::3")


def only_helper(helper):
    """A search path with that helper alone, or without any."""
    if helper in HELPERS and not network_bed.find(helper):
        raise Skip(f"no {helper}")
    return f"{network_bed.HELPERS}/{helper}"


def start(caller, bed, network, *words, opts=(), helper="pasta", **options):
    line = ["/usr/bin/env", "PATH=" + only_helper(helper), caller.nvbind, "run", "--gpu", "none",
            "--network", network, *opts, "host", *words]
    return caller.start(line, view=bed, **options)


def run(caller, bed, network, *words, timeout=60, **options):
    return caller.finish(start(caller, bed, network, *words, **options), timeout=timeout)


def answers(caller, bed, network, addresses, **options):
    return run(caller, bed, network, PYTHON, "-I", "-S", "-c", network_bed.ASK_MANY, *addresses, **options).json()


def reaches(network, helper):
    def check(caller):
        need_root()
        bed = network_bed.make(caller)
        addresses = INTERNET if helper == "pasta" else INTERNET[:1]
        found = answers(caller, bed, network, addresses, helper=helper)
        reached(found, addresses, "internet")

    claim(f"'{network}' reaches the internet by {helper}")(check)


for wish in ("internet", "lan"):
    for program in HELPERS:
        reaches(wish, program)


@claim("'lan' reaches the neighbour")
def lan_reaches(caller):
    need_root()
    bed = network_bed.make(caller)
    reached(answers(caller, bed, "lan", NEIGHBOUR), NEIGHBOUR, "neighbour")


def is_fenced(helper):
    def check(caller):
        need_root()
        bed = network_bed.make(caller)
        addresses = (*NEIGHBOUR, *MACHINE, *LOOPBACK, *GATEWAYS, "192.168.7.99", "169.254.169.254", "100.64.0.1")
        refused(answers(caller, bed, "internet", addresses, helper=helper), addresses)

    claim(f"'internet' reaches neither the machine nor a neighbour by {helper}")(check)


for program in HELPERS:
    is_fenced(program)


def has_no_loopback(helper):
    def check(caller):
        need_root()
        bed = network_bed.make(caller)
        addresses = (*LOOPBACK, *GATEWAYS, "127.0.0.53")
        refused(answers(caller, bed, "lan", addresses, helper=helper), addresses)

    claim(f"'lan' does not reach the machine's loopback by {helper}")(check)


for program in HELPERS:
    has_no_loopback(program)

# Ways around routes that an ordinary program has.
AROUND = r"""
import socket, struct, sys
def tried(text, made, address):
    made.settimeout(2)
    try:
        if made.type & socket.SOCK_STREAM:
            made.connect((address, 80)); made.recv(10)
        else:
            made.sendto(b"?", socket.MSG_DONTROUTE if text.endswith("dontroute") else 0, (address, 7)); made.recv(10)
        print("REACHED", text, address)
    except OSError:
        pass
for address in sys.argv[1:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        made = socket.socket(family, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        tried("bound to eth0", made, address)
        made = socket.socket(family, kind)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_DONTROUTE, 1)
        tried("without routing", made, address)
    tried("dontroute", socket.socket(family, socket.SOCK_DGRAM), address)
print("done")
"""


@claim("no option of a socket leads over the fence")
def no_way_around(caller):
    need_root()
    bed = network_bed.make(caller)
    done = run(caller, bed, "internet", PYTHON, "-I", "-S", "-c", AROUND, *NEIGHBOUR, *MACHINE, *GATEWAYS)
    same(done.ok().out, "done\n")


@claim("the fence cannot be taken down from inside")
def fence_stays(caller):
    need_root()
    bed = network_bed.make(caller)
    script = ("ip route del prohibit 192.168.0.0/16 && echo GONE; ip link set eth0 down && echo DOWN; "
              "ip addr add 192.168.7.77/24 dev eth0 && echo ADDED; ip route add 192.168.7.1 dev eth0 && echo ROUTED; "
              "unshare -Ur ip link set eth0 down && echo NESTED; echo end")
    same(run(caller, bed, "internet", "/bin/sh", "-c", script).ok().out, "end\n")


@claim("abstract sockets of the machine are out of reach")
def no_abstract(caller):
    need_root()
    bed = network_bed.make(caller)
    code = ("import socket\ntry:\n    socket.socket(socket.AF_UNIX).connect('\\0nvbind-test-abstract')\n    print('REACHED')\n"
            "except ConnectionRefusedError:\n    print('refused')\n")
    for network in ("internet", "lan"):
        same(run(caller, bed, network, PYTHON, "-I", "-S", "-c", code).ok().out, "refused\n", network)


def resolves(resolver, text):
    def check(caller):
        need_root()
        bed = network_bed.make(caller, resolver)
        for helper in HELPERS:
            for network in ("internet", "lan"):
                done = run(caller, bed, network, "getent", "ahostsv4", "there.example.org", helper=helper)
                has(done.ok().out, INTERNET[0])

    claim(f"names are resolved by a server on {text}")(check)


resolves(NEIGHBOUR[0], "the local network")
resolves("127.0.0.53", "the machine's loopback")


@claim("without a helper the package's name is told")
def no_helper(caller):
    need_root()
    done = run(caller, network_bed.make(caller), "internet", "true", helper="none")
    same(done.status, 125)
    has(done.err, "neither 'pasta' nor 'slirp4netns' is installed", "try: ", "passt")


@claim("without an interface to the outside the start works, too")
def no_outside(caller):
    need_root()
    bed = network_bed.make(caller)
    subprocess.run([*bed, "ip", "link", "set", "ext", "down"], check=True)
    for helper in HELPERS:
        same(run(caller, bed, "internet", "echo", "it ran", helper=helper).ok().out, "it ran\n", helper)


@claim("a helper that breaks is told of with its own words")
def broken_helper(caller):
    need_root()
    bed = network_bed.make(caller)
    done = run(caller, bed, "internet", "true", helper="broken")
    same(done.status, 125)
    has(done.err, "pasta' has ended: the cat ate it")


def helpers_of(caller):
    """Helpers that run for containers of the caller's, told by a search path below its home."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[0] in (b"pasta", b"slirp4netns") and any(b"10.78.86" in word for word in words):
            found.append(int(pid))
    return found


def kept(caller, bed, network, helper, opts=()):
    """A container that says `up` and waits."""
    process = start(caller, bed, network, "/bin/sh", "-c", "echo up; exec sleep 100", helper=helper, opts=opts)
    that(process.stdout.readline() == b"up\n", "the container did not start")
    return process


def dies_with(helper):
    def check(caller):
        need_root()
        bed = network_bed.make(caller)
        before = set(helpers_of(caller))
        process = kept(caller, bed, "internet", helper)
        ours = set(helpers_of(caller)) - before
        that(ours, "no helper is seen")
        process.kill()
        process.wait()
        until(lambda: not ours & set(helpers_of(caller)), "the helper outlived nvbind")

    claim(f"{helper} dies with a killed nvbind")(check)


for program in HELPERS:
    dies_with(program)


if __name__ == "__main__":
    main()

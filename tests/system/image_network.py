#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Networks of stored images, whose users have ids of their own; as root, as a user with one id, and as
one with subordinate ids ("full")."""

import network_bed
from harness import claim, has, main, same, that
from image_bed import images
from network_bed import INTERNET, MACHINE, NEIGHBOUR, ask, need_root

ALL = ["--gpu", "none", "--network", "internet"]


def reach(address):
    """What comes before the input ends: pasta of 2023 may forget one that ends at once."""
    return f"sleep 1 | nc -w 2 {address} 80"


@claim("an image reaches the internet, and neither the machine nor a neighbour")
def internet(caller):
    need_root()
    bed = network_bed.make(caller)
    image = images(caller).small()
    for address in INTERNET:
        has(images(caller).answer(image, reach(address), ALL, view=bed), "internet to ")
    for address in (*NEIGHBOUR, *MACHINE, "10.78.86.2"):
        that(images(caller).sh(image, reach(address), ALL, view=bed).status != 0, f"{address} answered")
    same(images(caller).answer(image, "grep ^nameserver /etc/resolv.conf", ALL, view=bed), "nameserver 10.78.86.3")


@claim("its root has no right to pass the fence, unless it is given")
def no_rights(caller):
    need_root()
    bed = network_bed.make(caller)
    image = images(caller).small()
    script = "ip route del prohibit 192.168.0.0/16 2>/dev/null && echo GONE; grep CapBnd /proc/self/status"
    bounding = int(images(caller).answer(image, script, ALL, view=bed).split()[1], 16)
    same(bounding & (1 << 12 | 1 << 13), 0)  # NET_ADMIN, NET_RAW
    done = images(caller).sh(image, "true", [*ALL, "--cap-add", "NET_ADMIN"], view=bed).ok()
    has(done.err, "with the capability NET_ADMIN the container can pass the fence")


@claim("users of the image may ping and listen on port 80")
def rights(caller):
    need_root()
    bed = network_bed.make(caller)
    image = images(caller).small()
    script = "cat /proc/sys/net/ipv4/ping_group_range; echo | nc -w 1 -l -p 80 >/dev/null & sleep 0.2; " \
             "nc -w 1 127.0.0.1 80 </dev/null && echo listened"
    for user, gid in (("root", "0"), ("app", "1000")):
        groups = [gid, gid] if caller.name == "user" else ["0", "65535"]
        same(images(caller).answer(image, script, [*ALL, "-u", user], view=bed).split(), [*groups, "listened"], user)


@claim("published ports of an image are reached")
def published(caller):
    need_root()
    bed = network_bed.make(caller)
    image = images(caller).small()
    line = ["run", "--gpu", "none", "-p", "8080:80", image, "sh", "-c",
            "echo up; while true; do echo -n container to you | nc -l -p 80; done"]
    process = caller.start([caller.nvbind, *line], view=bed)
    that(process.stdout.readline() == b"up\n", "the server did not start")
    has(ask(bed, "tcp 127.0.0.1 8080")["tcp 127.0.0.1 8080"], "container to ")


@claim("images are members of networks, too")
def members(caller):
    need_root()
    bed = network_bed.make(caller)
    image = images(caller).small()
    line = ["run", "--gpu", "none", "--network", "app", "--hostname", "web", image, "sh", "-c",
            "echo up; while true; do echo -n container to you | nc -l -p 80; done"]
    process = caller.start([caller.nvbind, *line], view=bed)
    that(process.stdout.readline() == b"up\n", "the server did not start")
    opts = ["--gpu", "none", "--network", "app"]
    has(images(caller).answer(image, reach("10.78.87.1"), opts, view=bed), "container to ")
    same(images(caller).answer(image, "cat /etc/resolv.conf", opts, view=bed), "nameserver 127.0.0.11")


main(with_full=True)

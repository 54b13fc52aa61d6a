#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""network_bed.py - a machine with a neighbour and an internet, made of network namespaces alone.

  the machine      192.168.7.2, 2a01:5::2       "machine" on 127.0.0.1 and ::1 as well
     | a cable
  the neighbour    192.168.7.1, 2a01:5::1       a name server, too
     | behind it
  the internet     45.45.45.45, 2a02:6::6

Whoever connects to port 80 is told which place answered and who asked; UDP on port 7 answers the same,
UDP on port 53 resolves every name to 45.45.45.45 and 2a02:6::6. No packet leaves the namespaces. Started
by make() inside of `unshare`, it is gone as soon as its standard input is closed."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time

from harness import Skip, that

INTERNET = ("45.45.45.45", "2a02:6::6")
NEIGHBOUR = ("192.168.7.1", "2a01:5::1")
MACHINE = ("192.168.7.2", "2a01:5::2")
LOOPBACK = ("127.0.0.1", "::1")


HELPERS = "/dev/net/helpers"  # a search path for each


def find(helper):
    return shutil.which(helper, path="/usr/bin:/usr/sbin:/usr/local/bin:/bin")


def need(*words):
    subprocess.run(words, check=True)


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def opened(address, kind, port):
    made = socket.socket(family(address), kind)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((address, port))
    return made


def tell_streams(place, address):
    listener = opened(address, socket.SOCK_STREAM, 80)
    listener.listen()
    while True:
        stream, peer = listener.accept()
        stream.sendall(f"{place} to {peer[0]}".encode())
        stream.close()


def tell_datagrams(place, address):
    server = opened(address, socket.SOCK_DGRAM, 7)
    while True:
        data, peer = server.recvfrom(65536)
        server.sendto(f"{place} to {peer[0]}".encode(), peer)


def name_answer(query):
    end = query.index(b"\0", 12) + 5
    kind = int.from_bytes(query[end - 4:end - 2], "big")
    data = {1: socket.inet_aton(INTERNET[0]), 28: socket.inet_pton(socket.AF_INET6, INTERNET[1])}.get(kind)
    head = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if data else b"\0\0") + b"\0\0\0\0"
    answer = b"\xc0\x0c" + query[end - 4:end] + b"\0\0\0\x3c" + len(data).to_bytes(2, "big") + data if data else b""
    return head + query[12:end] + answer


def resolve_names(address):
    server = opened(address, socket.SOCK_DGRAM, 53)
    while True:
        query, peer = server.recvfrom(4096)
        server.sendto(name_answer(query), peer)


def serve(place, addresses):
    for address in addresses:
        for teller in (tell_streams, tell_datagrams):
            threading.Thread(target=teller, args=(place, address), daemon=True).start()


def addresses(device, *texts):
    for text in texts:
        need("ip", "address", "add", text, "dev", device, *(["nodad"] if ":" in text else []))
    need("ip", "link", "set", device, "up")


def without_proof():
    """Addresses are used at once, not when seconds have shown that nobody else has them."""
    for which in ("all", "default"):
        with open(f"/proc/sys/net/ipv6/conf/{which}/accept_dad", "w", encoding="ascii") as file:
            file.write("0")


def until_reached(*addresses):
    end = time.monotonic() + 20
    for address in addresses:
        while True:
            made = socket.socket(family(address))
            made.settimeout(0.2)
            if made.connect_ex((address, 80)) == 0:
                break
            if time.monotonic() > end:
                raise TimeoutError(address)
            time.sleep(0.02)


def outside():
    without_proof()
    addresses("lo", INTERNET[0] + "/32", INTERNET[1] + "/128")
    addresses("cable", NEIGHBOUR[0] + "/24", NEIGHBOUR[1] + "/64")
    serve("internet", INTERNET)
    serve("neighbour", NEIGHBOUR)
    threading.Thread(target=resolve_names, args=(NEIGHBOUR[0],), daemon=True).start()


def machine(resolver):
    other = subprocess.Popen(["unshare", "--net", sys.executable, "-E", "-s", __file__, "outside"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    need("ip", "link", "set", "lo", "up")
    other.stdout.read(1)
    need("ip", "link", "add", "ext", "type", "veth", "peer", "name", "cable", "netns", str(other.pid))
    without_proof()
    addresses("ext", MACHINE[0] + "/24", MACHINE[1] + "/64")
    need("ip", "route", "add", "default", "via", NEIGHBOUR[0])
    need("ip", "-6", "route", "add", "default", "via", NEIGHBOUR[1])
    other.stdin.write(b"g")
    other.stdin.flush()
    other.stdout.read(1)
    serve("machine", MACHINE + LOOPBACK)
    threading.Thread(target=resolve_names, args=("127.0.0.53",), daemon=True).start()
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\0nvbind-test-abstract")
    abstract.listen()
    until_reached(*INTERNET, *NEIGHBOUR)
    device_and_names(resolver)
    helpers()
    return other, abstract


def device_and_names(resolver):
    """What udev makes on real machines, and who is asked for names."""
    os.makedirs("/dev/net", exist_ok=True)
    need("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/dev/net")
    os.mknod("/dev/net/tun", 0o020666, os.makedev(10, 200))
    os.chmod("/dev/net/tun", 0o666)
    path = "/dev/net/resolv.conf"
    with open(path, "w", encoding="ascii") as file:
        file.write(f"nameserver {resolver}\nsearch example.org\n")
    need("mount", "--bind", path, os.path.realpath("/etc/resolv.conf"))


def helpers():
    for helper in ("pasta", "slirp4netns", "broken", "none"):
        os.makedirs(f"{HELPERS}/{helper}")
        if find(helper):
            os.symlink(find(helper), f"{HELPERS}/{helper}/{helper}")
    with open(HELPERS + "/broken/pasta", "w", encoding="ascii") as file:
        file.write("#!/bin/sh\necho 'the cat ate it' >&2\nexit 1\n")
        os.chmod(file.fileno(), 0o755)


def wait_for_end():
    while os.read(0, 1):
        pass


def run():
    if sys.argv[1] == "outside":
        os.write(1, b"1")
        os.read(0, 1)
        outside()
        threading.Event().wait(0.1)
        os.write(1, b"2")
        wait_for_end()
        return
    kept = machine(sys.argv[2])
    os.write(1, b"ready\n")
    wait_for_end()
    kept[0].stdin.close()
    kept[0].wait()


def make(caller, resolver=NEIGHBOUR[0]):
    """The words that bring a program of the caller's to the machine. It ends with the claim."""
    line = ["unshare", "--mount", "--net", "--propagation", "private", sys.executable, "-E", "-s", __file__, "machine", resolver]
    bed = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    caller.tidy.append(bed)
    if bed.stdout.readline() != b"ready\n":
        bed.stdin.close()
        raise RuntimeError(bed.stderr.read().decode(errors="replace"))
    return ["nsenter", f"--target={bed.pid}", "--mount", "--net", "--", *caller.view]


# Prints {"tcp ADDRESS": answer or error, "udp ADDRESS": ...} for the addresses it is given, at ports 80 and 7.
ASK_MANY = r"""
import json, socket, sys, threading
found = {}
def ask(address, name, kind, port):
    made = None
    try:
        family, _, _, _, where = socket.getaddrinfo(address, port, type=kind)[0]
        made = socket.socket(family, kind)
        made.settimeout(2)
        made.connect(where)
        if name == "udp":
            made.send(b"?")
        found[name + " " + address] = made.recv(100).decode()
    except OSError as problem:
        found[name + " " + address] = "no: " + type(problem).__name__
asked = [threading.Thread(target=ask, args=(address, *how)) for address in sys.argv[1:]
         for how in (("tcp", socket.SOCK_STREAM, 80), ("udp", socket.SOCK_DGRAM, 7))]
for one in asked: one.start()
for one in asked: one.join()
print(json.dumps(found))
"""

# A server on TCP 80 and UDP 7 of every address of the container, or of those given: tells who asks.
SERVE = r"""
import socket, sys, threading
def stream(family, address):
    made = socket.socket(family)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind((address, 80)); made.listen()
    ready.release()
    while True:
        client, peer = made.accept()
        client.sendall(("container to " + peer[0]).encode()); client.close()
def datagram(family, address):
    made = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind((address, 7))
    ready.release()
    while True:
        data, peer = made.recvfrom(65536)
        made.sendto(("container to " + peer[0]).encode(), peer)
ready = threading.Semaphore(0)
places = sys.argv[1:] or ["0.0.0.0"]
for address in places:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for each in (stream, datagram):
        threading.Thread(target=each, args=(family, address), daemon=True).start(); ready.acquire()
print("up", flush=True)
threading.Event().wait()
"""

# Prints "PROTOCOL ADDRESS PORT: answer" for the triples it is given.
ASK = r"""
import socket, sys
for text in sys.argv[1:]:
    protocol, address, port = text.split()
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
    made.settimeout(3)
    try:
        made.connect((address, int(port)))
        if protocol == "udp":
            made.send(b"?")
        answer = made.recv(100).decode() or "no: closed"
    except OSError as problem:
        answer = "no: " + type(problem).__name__
    print(f"{text}: {answer}")
"""


def need_root():
    if os.getuid() != 0:
        raise Skip("making networks to try needs root")


def refused(found, addresses):
    for address in addresses:
        for kind in ("tcp", "udp"):
            answer = found[f"{kind} {address}"]
            that(answer.startswith("no: "), f"{kind} {address} answered {answer!r}")


def reached(found, addresses, place):
    for address in addresses:
        for kind in ("tcp", "udp"):
            that(found[f"{kind} {address}"].startswith(place + " to "), f"{kind} {address}: {found}")


def ask(bed, *triples):
    done = subprocess.run([*bed, sys.executable, "-I", "-S", "-c", ASK, *triples], check=True, stdout=subprocess.PIPE)
    return dict(line.split(": ", 1) for line in done.stdout.decode().splitlines())


if __name__ == "__main__":
    run()

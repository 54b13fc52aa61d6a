#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Debian as images: package management, and services that need several users."""

import http.client
import os
import signal
import socket

from harness import Skip, claim, has, main, same, that, until
from image_bed import debian, images

PACKAGE = """
mkdir -p /p/DEBIAN /p/usr/share/made && echo made >/p/usr/share/made/file && chown -R www-data:games /p/usr/share/made
printf 'Package: made\\nVersion: 1\\nArchitecture: all\\nMaintainer: nobody\\nDescription: made\\n' >/p/DEBIAN/control
printf '#!/bin/sh\\nset -e\\nuseradd --system --home /nonexistent made\\nchown made /usr/share/made/file\\n' >/p/DEBIAN/postinst
chmod 755 /p/DEBIAN/postinst && dpkg-deb --build /p /p.deb >/dev/null && dpkg -i /p.deb >/dev/null
"""


def image(caller, *packages):
    name = "-".join(["debian", *packages])
    return images(caller).archive(name, debian(*packages))


def free_port():
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return made.getsockname()[1]


@claim("Debian says who it is, and its dynamic programs run")
def says(caller):
    told = images(caller).answer(image(caller), ". /etc/os-release; echo $ID; dpkg --audit; perl -e 'print 6*7'; bash -c 'echo $BASH_VERSION'")
    has(told, "debian\n", "42")


@claim("a package with users and owners of its own is built and installed", only="root full", why="needs several ids")
def package(caller):
    told = images(caller).answer(image(caller), PACKAGE + "stat -c '%U %G' /usr/share/made/file /usr/share/made; dpkg -s made | grep Status")
    same(told.split("\n"), ["made games", "www-data games", "Status: install ok installed"])


@claim("apt installs from the configured mirror, as its own user", only="root full", why="apt has a user of its own")
def apt(caller):
    script = ("apt-get -qq update >/dev/null 2>&1 || exit 77; apt-get -qq install -y hello >/dev/null 2>&1; hello;"
              " stat -c %U /var/lib/apt/lists/partial")
    done = images(caller).sh(image(caller), script, ["--network", "host"], timeout=240)
    if done.status == 77:
        raise Skip("the mirror cannot be asked from here")
    same(done.ok().out, "Hello, world!\n_apt\n")


@claim("root becomes another user, and another user becomes nobody else", only="root full", why="needs several ids")
def become(caller):
    same(images(caller).answer(image(caller), "su -s /bin/sh www-data -c 'id -un'"), "www-data")
    done = images(caller).sh(image(caller), "su -s /bin/sh root -c 'id -un' </dev/null", ["-u", "www-data"])
    that(done.status != 0 and done.out == "", done.out)


@claim("nginx serves a published port, its workers as their user", only="root full", why="nginx's workers are another user's")
def nginx(caller):
    port = free_port()
    served = image(caller, "nginx-light")
    process = images(caller).begin(served, "sh", "-c", "echo served >/var/www/html/word; exec nginx -g 'daemon off;'",
                                   opts=["-p", f"127.0.0.1:{port}:80"])

    def answers():
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            asked.request("GET", "/word")
            return asked.getresponse().read() == b"served\n"
        except OSError:
            return False

    until(answers, "no answer", 20)
    process.send_signal(signal.SIGQUIT)
    same(process.wait(15), 0)


@claim("PostgreSQL runs as its own user and keeps what it is told")
def postgres(caller):
    if caller.name == "user":
        raise Skip("its files need an owner who is not root")
    script = """set -e; v=\\$(ls /etc/postgresql); pg_ctlcluster \\$v main start
    psql -qtAc 'create table t (x int)' -c 'insert into t select generate_series(1, 1000)' -c 'select sum(x) from t'
    psql -qtAc 'checkpoint'; pg_ctlcluster \\$v main stop -m immediate; pg_ctlcluster \\$v main start 2>/dev/null
    psql -qtAc 'select count(*), current_user from t'; pg_ctlcluster \\$v main stop"""
    script = f"install -d -o postgres /run/postgresql; exec su postgres -s /bin/sh -c \"{script}\""
    done = images(caller).sh(image(caller, "postgresql"), script, timeout=90)
    same(done.ok().out, "500500\n1000|postgres\n")


@claim("a container with a whole system is stopped by its signal within a second")
def stops(caller):
    process = images(caller).begin(image(caller), "sh", "-c", "echo up; exec sleep 60")
    same(process.stdout.readline(), b"up\n")
    process.send_signal(signal.SIGTERM)
    same(process.wait(2), 143)


main(with_full=True)

#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""A display reaches the container by its one socket and its one cookie, and only when asked for.

The servers are plain listening sockets: what counts is who can reach them, not what they draw
(the demo's test runs a real X server)."""

import os
import socket
import struct
import threading

from harness import Skip, claim, has, main, same, that

LOOK = """
import os, socket, json
found = {name: os.environ.get(name) for name in ("DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "XDG_SESSION_TYPE")}
found["x11"] = sorted(os.listdir("/tmp/.X11-unix")) if os.path.isdir("/tmp/.X11-unix") else []
found["runtime"] = sorted(os.listdir(os.environ["XDG_RUNTIME_DIR"]))
if found["XAUTHORITY"]:
    found["cookie"] = open(found["XAUTHORITY"], "rb").read().hex()
    found["cookie mode"] = oct(os.stat(found["XAUTHORITY"]).st_mode & 0o777)
def greet(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    return s.recv(5).decode()
if found["DISPLAY"]:
    found["x11 says"] = greet("/tmp/.X11-unix/X" + found["DISPLAY"][1:])
if found["WAYLAND_DISPLAY"]:
    found["wayland says"] = greet(os.path.join(os.environ["XDG_RUNTIME_DIR"], found["WAYLAND_DISPLAY"]))
print(json.dumps(found))"""


class Server:
    """Says its name to whoever connects."""

    def __init__(self, path, name):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(path)
        os.chmod(path, 0o777)
        self.socket.listen(4)
        self.path, self.name = path, name
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            connection.send(self.name)
            connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        os.unlink(self.path)


def x_server():
    os.makedirs("/tmp/.X11-unix", mode=0o1777, exist_ok=True)
    for number in range(170, 200):
        if not os.path.exists(f"/tmp/.X11-unix/X{number}"):
            return number, Server(f"/tmp/.X11-unix/X{number}", b"xorg!")
    raise Skip("no free display number between 170 and 199")


def entry(family, address, number, data):
    fields = (address, number, b"MIT-MAGIC-COOKIE-1", data)
    return struct.pack(">H", family) + b"".join(struct.pack(">H", len(f)) + f for f in fields)


def look(caller, display, env, profile=()):
    return caller.python(LOOK, opts=["--display", display, *profile], env=env).json()


@claim("X11: one socket and a cookie file with this display's entries alone, made for any host name")
def x11(caller):
    number, server = x_server()
    host = socket.gethostname().encode()
    ours = b"0123456789abcdef"
    with server:
        path = caller.home + "/Xauthority"
        with open(path, "wb") as file:
            file.write(entry(256, host, str(number).encode(), ours) + entry(256, host, b"9", b"of another one!!")
                       + entry(256, b"elsewhere", str(number).encode(), b"of another host!"))
        os.chmod(path, 0o600)
        os.chown(path, caller.uid, caller.uid)
        found = look(caller, "x11", {"DISPLAY": f":{number}.0", "XAUTHORITY": path})
    same((found["DISPLAY"], found["x11"], found["x11 says"]), (f":{number}", [f"X{number}"], "xorg!"))
    same(found["cookie"], entry(0xFFFF, b"", str(number).encode(), ours).hex())
    same(found["cookie mode"], "0o600")
    same((found["WAYLAND_DISPLAY"], found["runtime"]), (None, []))


@claim("X11 without a cookie file, for a server that wants none")
def x11_without_cookie(caller):
    number, server = x_server()
    with server:
        found = look(caller, "x11", {"DISPLAY": f"unix:{number}", "XAUTHORITY": "/no/such"})
    same((found["x11 says"], found["XAUTHORITY"]), ("xorg!", None))


@claim("Wayland: the one socket in a runtime directory that holds nothing else")
def wayland(caller):
    path = caller.runtime + "/wayland-7"
    open(caller.runtime + "/secret", "w", encoding="utf-8").close()
    with Server(path, b"waylD"):
        for name in ("wayland-7", path):
            found = look(caller, "wayland", {"WAYLAND_DISPLAY": name})
            same((found["WAYLAND_DISPLAY"], found["wayland says"], found["runtime"]), ("wayland-0", "waylD", ["wayland-0"]))
            same((found["DISPLAY"], found["XDG_SESSION_TYPE"], found["x11"]), (None, "wayland", []))


@claim("auto gives both when both are there, and says so plainly when there is none")
def auto(caller):
    number, server = x_server()
    with server, Server(caller.runtime + "/wayland-0", b"waylD"):
        found = look(caller, "auto", {"DISPLAY": f":{number}", "WAYLAND_DISPLAY": "wayland-0"})
    same((found["x11 says"], found["wayland says"]), ("xorg!", "waylD"))
    done = caller.run("/bin/true", opts=["--display", "auto"]).ok()
    has(done.err, "no display")


@claim("a display that is not asked for is not there, though the caller has one")
def not_asked(caller):
    number, server = x_server()
    with server, Server(caller.runtime + "/wayland-0", b"waylD"):
        env = {"DISPLAY": f":{number}", "WAYLAND_DISPLAY": "wayland-0"}
        for opts in ((), ("--display", "none"), ("--profile", "gaming", "--display", "none")):
            found = caller.python(LOOK, opts=list(opts), env=env).json()
            same((found["DISPLAY"], found["WAYLAND_DISPLAY"], found["x11"], found["runtime"]), (None, None, [], []))


@claim("a socket that is gone, a file in its place and a display on another host are errors that say what to do")
def refused(caller):
    caller.file(caller.runtime + "/plain")
    for display, env in (("x11", {"DISPLAY": ":4711"}), ("x11", {"DISPLAY": "far.example:0"}), ("x11", {"DISPLAY": "nonsense"}),
                         ("wayland", {"WAYLAND_DISPLAY": "wayland-5"}), ("wayland", {"WAYLAND_DISPLAY": "plain"}),
                         ("x11", {}), ("wayland", {})):
        done = caller.run("/bin/true", opts=["--display", display], env=env)
        same(done.status, 125, f"{display} {env}")
        has(done.err, "because: ", "try: ")


@claim("a torn or lying cookie file is refused, not guessed at")
def torn_cookie(caller):
    number, server = x_server()
    with server:
        whole = entry(256, socket.gethostname().encode(), str(number).encode(), b"0123456789abcdef")
        for data in (whole[:-3], whole + b"\xff", struct.pack(">HH", 256, 65535) + b"x"):
            path = caller.file(caller.home + "/torn")
            with open(path, "wb") as file:
                file.write(data)
            done = caller.run("/bin/true", opts=["--display", "x11"], env={"DISPLAY": f":{number}", "XAUTHORITY": path})
            that(done.status == 125 and "torn" in done.err, f"{data[:20]!r}: {done.status} {done.err}")


main()

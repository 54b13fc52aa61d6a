# SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors
# SPDX-License-Identifier: MIT
"""Just enough of the X11 protocol to ask whether a display answers and to take a window's
picture, so that the demo needs no screenshot program and works with X.Org, Xwayland and Xvfb.

Requests and replies are those of the X Window System Protocol, release 7.7, section 9 and
appendix B; little-endian, core requests only."""
import os
import pathlib
import re
import socket
import struct
import zlib

COOKIE_NAME = b"MIT-MAGIC-COOKIE-1"
FAMILY_WILD = 0xFFFF
VIEWABLE = 2
INPUT_OUTPUT = 1
Z_PIXMAP = 2
TIMEOUT_S = 5


class XError(Exception):
    """The server said no, or is not there."""


def padded(data):
    return data + bytes(-len(data) % 4)


def write_cookie_file(path, cookie):
    """An Xauthority file whose only entry fits every display."""
    fields = (b"", b"", COOKIE_NAME, cookie)
    entry = struct.pack(">H", FAMILY_WILD) + b"".join(struct.pack(">H", len(f)) + f for f in fields)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(entry)


def cookies_for(number, environment):
    """The cookies that the Xauthority file has for this display, then none."""
    path = pathlib.Path(environment.get("XAUTHORITY") or pathlib.Path.home() / ".Xauthority")
    try:
        data = path.read_bytes()
    except OSError:
        data = b""
    found = []
    at = 0
    while at + 2 <= len(data):
        at += 2  # the family: a wrong cookie is only refused
        fields = []
        for _ in range(4):
            length = int.from_bytes(data[at:at + 2], "big")
            fields.append(data[at + 2:at + 2 + length])
            at += 2 + length
        if fields[1] in (b"", str(number).encode()) and fields[2] == COOKIE_NAME:
            found.append(fields[3])
    return found + [b""]


class Display:
    """A connection to the local display that DISPLAY and XAUTHORITY of an environment mean."""

    def __init__(self, environment):
        name = environment["DISPLAY"]
        match = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", name)
        if not match:
            raise XError(f"'{name}' is not a display on this machine")
        reason = ""
        for cookie in cookies_for(int(match[1]), environment):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(TIMEOUT_S)
            try:
                self.socket.connect(f"/tmp/.X11-unix/X{match[1]}")
                self.greet(cookie)
                return
            except OSError as error:
                reason = str(error)
            except XError as error:
                reason = str(error)
            self.socket.close()
        raise XError(f"display {name}: {reason}")

    def close(self):
        self.socket.close()

    def read(self, size):
        data = bytearray()
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise XError("the server closed the connection")
            data += part
        return bytes(data)

    def greet(self, cookie):
        name = COOKIE_NAME if cookie else b""
        self.socket.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, len(name), len(cookie))
                            + padded(name) + padded(cookie))
        status, reason_length, length = struct.unpack("<BBxxxxH", self.read(8))
        body = self.read(4 * length)
        if status != 1:
            raise XError(body[:reason_length].decode("latin-1").strip() or "no access")
        vendor_length, n_formats, byte_order = body[16] | body[17] << 8, body[21], body[22]
        if byte_order != 0:
            raise XError("a big-endian display is not supported")
        root_at = 32 + len(padded(bytes(vendor_length))) + 8 * n_formats
        self.root, = struct.unpack_from("<I", body, root_at)

    def ask(self, opcode, detail, body):
        """Send one request and wait for its reply; events in between mean nothing here."""
        self.socket.sendall(struct.pack("<BBH", opcode, detail, 1 + len(body) // 4) + body)
        while True:
            head = self.read(32)
            if head[0] == 0:
                raise XError(f"request {opcode} failed with error {head[1]}")
            extra = struct.unpack_from("<I", head, 4)[0] * 4 if head[0] in (1, 35) else 0
            reply = head + self.read(extra)
            if head[0] == 1:
                return reply

    def children(self, window):
        reply = self.ask(15, 0, struct.pack("<I", window))
        return struct.unpack_from(f"<{struct.unpack_from('<H', reply, 16)[0]}I", reply, 32)

    def is_viewable(self, window):
        reply = self.ask(3, 0, struct.pack("<I", window))
        return reply[26] == VIEWABLE and struct.unpack_from("<H", reply, 12)[0] == INPUT_OUTPUT

    def size(self, window):
        return struct.unpack_from("<HH", self.ask(14, 0, struct.pack("<I", window)), 16)

    def leaves(self, window=None):
        """The windows that have no windows inside: programs' own, not a window manager's frames."""
        inner = self.children(window or self.root)
        if not inner:
            return {window} if window else set()
        return set().union(*(self.leaves(child) for child in inner))

    def picture(self, window):
        """(width, height, RGB bytes) of what the window shows now."""
        width, height = self.size(window)
        reply = self.ask(73, Z_PIXMAP, struct.pack("<IhhHHI", window, 0, 0, width, height, 0xFFFFFFFF))
        pixels = reply[32:32 + 4 * width * height]
        if reply[1] not in (24, 32) or len(pixels) != 4 * width * height:
            raise XError(f"a window of depth {reply[1]} is not supported")
        rgb = bytearray(3 * width * height)
        for channel in range(3):
            rgb[channel::3] = pixels[2 - channel::4]
        return width, height, bytes(rgb)


def n_colours(rgb):
    """Counted on every seventh pixel: enough to tell a drawing from a blank."""
    return len({rgb[i:i + 3] for i in range(0, len(rgb), 3 * 7)})


def png(width, height, rgb):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + rgb[y * width * 3:(y + 1) * width * 3] for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))

/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
/* display.h - the user's display server: which socket a program must reach, and the cookie.
 *
 * Facts from the environment of the caller and from the file system; nothing is connected. */
#pragma once

#include "base/text.h"

enum nvb_display_kind {
    NVB_DISPLAY_NONE = 0,
    NVB_DISPLAY_X11,
    NVB_DISPLAY_WAYLAND,
};

struct nvb_display {
    enum nvb_display_kind kind;
    unsigned x11_number;       /* 99 of DISPLAY=:99.0 */
    char *socket;              /* owned; "/tmp/.X11-unix/X99" or "/run/user/1000/wayland-0" */
    struct nvb_buf xauthority; /* X11: a cookie file's bytes with this display's entries only,
                                    * family rewritten to FamilyWild; empty when no cookie is needed */
};

/* What the caller's environment offers, per kind: reads WAYLAND_DISPLAY, XDG_RUNTIME_DIR,
 * DISPLAY, XAUTHORITY, HOME from `env` ("NAME=value" list); WAYLAND_SOCKET is an inherited
 * descriptor, of no use to a sandbox, and ignored. NVB_E_NOT_FOUND with a hint when there is
 * none, or when what it names does not exist. Remote X displays (HOST:N) are NVB_E_UNSUPPORTED:
 * a sandbox reaches sockets, not hosts. */
bool nvb_display_find(enum nvb_display_kind kind,
                      const struct nvb_strv *env,
                      struct nvb_display *out,
                      struct nvb_err *err);
void nvb_display_clear(struct nvb_display *display);
#define nvb_auto_display __attribute__((cleanup(nvb_display_clear))) struct nvb_display

/* Keep the entries for display `number` of this very machine from an Xauthority file's bytes
 * (format: libXau's AuFileName(3): big-endian u16 family, then four counted strings: address,
 * number, name, data). Such entries are FamilyWild, or FamilyLocal with `hostname` as address
 * (any address when it is NULL): cookies for other machines stay out. What is kept becomes FamilyWild
 * without an address, since the container has another host name. Entries with an empty number
 * match every display. Foreign bytes: false on a torn or lying file. */
bool nvb_xauthority_filter(const void *data,
                           size_t len,
                           unsigned number,
                           const char *hostname,
                           struct nvb_buf *out,
                           struct nvb_err *err);

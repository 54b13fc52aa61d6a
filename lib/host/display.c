/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/display.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"

enum {
    XAUTHORITY_MAX = 1 << 20,
    DISPLAY_NUMBER_MAX = 65535,
};

/* Set and not empty, as libX11 and libwayland read them. */
static const char *get(const struct nvb_strv *env, const char *name)
{
    const char *value = nvb_env_get(env, name);

    return value && *value ? value : NULL;
}

static bool check_socket(const char *path, const char *variable, struct nvb_err *err)
{
    struct sockaddr_un address;
    struct stat st;

    if (strlen(path) >= sizeof(address.sun_path)) {
        return nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "'%s' is too long for a socket's path",
                        path);
    }
    if (stat(path, &st) < 0) {
        nvb_fail_errno(err, NVB_D_HOST, "%s names the display server at '%s'", variable, path);
        return nvb_hint(err, "start the display server, or correct %s", variable);
    }
    if (!S_ISSOCK(st.st_mode)) {
        nvb_fail(err, NVB_D_HOST, NVB_E_NOT_FOUND, "%s names '%s', which is no socket", variable,
                 path);
        return nvb_hint(err, "correct %s", variable);
    }
    return true;
}

static bool find_wayland(const struct nvb_strv *env, struct nvb_display *out, struct nvb_err *err)
{
    const char *name = get(env, "WAYLAND_DISPLAY");
    const char *dir = get(env, "XDG_RUNTIME_DIR");
    nvb_autofree char *path = NULL;

    if (!name) {
        nvb_fail(err, NVB_D_HOST, NVB_E_NOT_FOUND, "no Wayland display: WAYLAND_DISPLAY is unset");
        return nvb_hint(err, "run this in a Wayland session, or set WAYLAND_DISPLAY");
    }
    if (*name != '/' && (!dir || *dir != '/')) {
        nvb_fail(err, NVB_D_HOST, NVB_E_NOT_FOUND,
                 "no Wayland display: XDG_RUNTIME_DIR, which holds '%s', is unset", name);
        return nvb_hint(err, "set XDG_RUNTIME_DIR, usually to /run/user/%u", (unsigned)getuid());
    }
    path = *name == '/' ? nvb_xstrdup(name) : nvb_xasprintf("%s/%s", dir, name);
    if (!check_socket(path, "WAYLAND_DISPLAY", err))
        return false;
    out->socket = nvb_steal(&path);
    return true;
}

static bool fail_not_local(const char *display, struct nvb_err *err)
{
    nvb_fail(err, NVB_D_HOST, NVB_E_UNSUPPORTED,
             "DISPLAY '%s' is on another machine or reached over the network", display);
    return nvb_hint(err, "use a display of this machine, such as DISPLAY=:0");
}

/* ":99", ":99.0", "unix:99" and "unix/NAME:99" are local; "NAME:99" and "tcp/NAME:99" are not. */
static bool parse_display(const char *display, unsigned *out_number, struct nvb_err *err)
{
    const char *colon = strrchr(display, ':');
    size_t host_len = colon ? (size_t)(colon - display) : 0;
    nvb_autofree char *number = NULL;
    nvb_autofree char *screen = NULL;
    uint64_t n = 0;
    uint64_t ignored = 0;
    size_t digits = 0;

    if (colon && host_len > 0 && strncmp(display, "unix/", 5) != 0 &&
        !(host_len == 4 && strncmp(display, "unix", 4) == 0))
        return fail_not_local(display, err);
    digits = colon ? strcspn(colon + 1, ".") : 0;
    number = colon ? nvb_xstrndup(colon + 1, digits) : nvb_xstrdup("");
    screen = colon && colon[1 + digits] ? nvb_xstrdup(colon + 2 + digits) : nvb_xstrdup("0");
    if (!nvb_parse_u64(number, DISPLAY_NUMBER_MAX, &n) ||
        !nvb_parse_u64(screen, UINT16_MAX, &ignored)) {
        nvb_fail(err, NVB_D_HOST, NVB_E_INVALID, "DISPLAY '%s' is not the name of a display",
                 display);
        return nvb_hint(err, "write it as :NUMBER or :NUMBER.SCREEN, for example :0");
    }
    *out_number = (unsigned)n;
    return true;
}

/* No file means no cookie: such a server knows its clients by their uid, or lets all in. */
static bool
read_xauthority(const struct nvb_strv *env, struct nvb_display *out, struct nvb_err *err)
{
    const char *named = get(env, "XAUTHORITY");
    const char *home = get(env, "HOME");
    nvb_autofree char *path = NULL;
    nvb_autofree char *data = NULL;
    char hostname[HOST_NAME_MAX + 1] = "";
    nvb_auto_err read_err = { 0 };
    size_t len = 0;

    if (!named && !home)
        return true;
    path = named ? nvb_xstrdup(named) : nvb_xasprintf("%s/.Xauthority", home);
    if (!nvb_read_file(AT_FDCWD, path, XAUTHORITY_MAX, &data, &len, &read_err)) {
        if (read_err.kind == NVB_E_NOT_FOUND)
            return true;
        nvb_fail(err, NVB_D_HOST, read_err.kind, "%s", read_err.lines[0]);
        return nvb_hint(err, "make '%s' readable, or unset XAUTHORITY", path);
    }
    if (gethostname(hostname, sizeof(hostname) - 1) < 0)
        hostname[0] = '\0';
    if (!nvb_xauthority_filter(data, len, out->x11_number, hostname, &out->xauthority, err)) {
        nvb_while(err, "cannot use '%s'", path);
        return nvb_hint(err, "remove the file and log in again, or unset XAUTHORITY");
    }
    return true;
}

static bool find_x11(const struct nvb_strv *env, struct nvb_display *out, struct nvb_err *err)
{
    const char *display = get(env, "DISPLAY");

    if (!display) {
        nvb_fail(err, NVB_D_HOST, NVB_E_NOT_FOUND, "no X11 display: DISPLAY is unset");
        return nvb_hint(err, "run this in a graphical session, or set DISPLAY, for example to :0");
    }
    if (!parse_display(display, &out->x11_number, err))
        return false;
    out->socket = nvb_xasprintf("/tmp/.X11-unix/X%u", out->x11_number);
    return check_socket(out->socket, "DISPLAY", err) && read_xauthority(env, out, err);
}

bool nvb_display_find(enum nvb_display_kind kind,
                      const struct nvb_strv *env,
                      struct nvb_display *out,
                      struct nvb_err *err)
{
    struct nvb_display found = { .kind = kind };
    bool ok = true;

    if (kind == NVB_DISPLAY_WAYLAND) {
        ok = find_wayland(env, &found, err);
    } else if (kind == NVB_DISPLAY_X11) {
        ok = find_x11(env, &found, err);
    }
    if (!ok) {
        nvb_display_clear(&found);
        return false;
    }
    *out = found;
    return true;
}

void nvb_display_clear(struct nvb_display *display)
{
    free(display->socket);
    nvb_buf_clear(&display->xauthority);
    *display = (struct nvb_display){ 0 };
}

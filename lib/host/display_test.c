/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/display.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"
#include "test.h"
#include "tree.h"

static void make_socket(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    nvb_autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    EXPECT(fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
}

static bool find(enum nvb_display_kind kind,
                 const char *first,
                 const char *second,
                 struct nvb_display *out,
                 struct nvb_err *err)
{
    nvb_auto_strv env = { 0 };

    nvb_strv_add(&env, first);
    nvb_strv_add(&env, second);
    return nvb_display_find(kind, &env, out, err);
}

TEST(finds_a_wayland_socket_by_name_and_by_path)
{
    const char *tree = tree_new();
    nvb_autofree char *path = nvb_xasprintf("%s/wayland-7", tree);
    nvb_autofree char *dir = nvb_xasprintf("XDG_RUNTIME_DIR=%s", tree);
    nvb_autofree char *absolute = nvb_xasprintf("WAYLAND_DISPLAY=%s", path);
    nvb_auto_display by_name = { 0 };
    nvb_auto_display by_path = { 0 };
    nvb_auto_err err = { 0 };

    make_socket(path);
    EXPECT(find(NVB_DISPLAY_WAYLAND, dir, "WAYLAND_DISPLAY=wayland-7", &by_name, &err));
    EXPECT_STR(by_name.socket, path);
    EXPECT(find(NVB_DISPLAY_WAYLAND, absolute, "WAYLAND_SOCKET=5", &by_path, &err));
    EXPECT_STR(by_path.socket, path);
    EXPECT(by_path.kind == NVB_DISPLAY_WAYLAND && by_path.xauthority.len == 0);
}

TEST(a_wayland_display_must_be_there_and_be_a_socket)
{
    const char *tree = tree_new();
    nvb_autofree char *dir = nvb_xasprintf("XDG_RUNTIME_DIR=%s", tree);
    static const char *const names[] = { "WAYLAND_DISPLAY=file", "WAYLAND_DISPLAY=absent",
                                         "WAYLAND_DISPLAY=", "WAYLAND_SOCKET=3" };

    tree_put(tree, "file", "");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct nvb_display display = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!find(NVB_DISPLAY_WAYLAND, dir, names[i], &display, &err));
        EXPECT(err.kind == NVB_E_NOT_FOUND && err.hint && !display.socket);
    }
}

TEST(refuses_displays_of_other_machines)
{
    static const char *const remote[] = { "DISPLAY=host:0", "DISPLAY=localhost:10.0",
                                          "DISPLAY=tcp/host:0", "DISPLAY=[::1]:0",
                                          "DISPLAY=unixhost:0" };

    for (size_t i = 0; i < sizeof(remote) / sizeof(remote[0]); i++) {
        struct nvb_display display = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!find(NVB_DISPLAY_X11, remote[i], "A=b", &display, &err));
        EXPECT(err.kind == NVB_E_UNSUPPORTED && err.hint);
    }
}

TEST(refuses_what_is_no_display)
{
    static const char *const bad[] = { "DISPLAY=99",   "DISPLAY=:",     "DISPLAY=:x",
                                       "DISPLAY=:1.",  "DISPLAY=:1.x",  "DISPLAY=:-1",
                                       "DISPLAY=unix", "DISPLAY=:65536" };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct nvb_display display = { 0 };
        nvb_auto_err err = { 0 };

        EXPECT(!find(NVB_DISPLAY_X11, bad[i], "A=b", &display, &err));
        EXPECT(err.kind == NVB_E_INVALID && err.hint);
    }
}

TEST(every_local_form_names_the_same_socket)
{
    static const char *const forms[] = { "DISPLAY=:64999", "DISPLAY=:64999.0", "DISPLAY=unix:64999",
                                         "DISPLAY=unix/here:64999.1" };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct nvb_display display = { 0 };
        nvb_auto_err err = { 0 };

        /* No such server runs, and the message says which socket was looked for. */
        EXPECT(!find(NVB_DISPLAY_X11, forms[i], "A=b", &display, &err));
        EXPECT(err.kind == NVB_E_NOT_FOUND && err.hint);
        EXPECT(strstr(err.lines[0], "'/tmp/.X11-unix/X64999'"));
    }
}

/* Binds the socket of a display number that no server uses; false where /tmp does not let us. */
static bool make_x11_socket(const char *path, bool *out_made_dir)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    nvb_autoclose int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    *out_made_dir = mkdir("/tmp/.X11-unix", 0700) == 0;
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    return fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

static void put_cookie(const char *tree, const char *hostname, size_t n_bytes)
{
    nvb_auto_buf b = { 0 };
    nvb_autofree char *path = nvb_xasprintf("%s/cookies", tree);
    nvb_auto_err err = { 0 };

    nvb_buf_add(&b, "\001\000\000", 3);
    nvb_buf_add(&b, (const char[]){ (char)strlen(hostname) }, 1);
    nvb_buf_add_str(&b, hostname);
    nvb_buf_add(&b, "\0\00564998\0\001M\0\001c", 13);
    EXPECT(nvb_write_file(AT_FDCWD, path, b.data, n_bytes ? n_bytes : b.len, 0600, &err));
}

TEST(takes_the_cookie_of_an_x11_display_along)
{
    const char *socket_path = "/tmp/.X11-unix/X64998";
    const char *tree = tree_new();
    nvb_autofree char *cookies = nvb_xasprintf("XAUTHORITY=%s/cookies", tree);
    char hostname[128] = "";
    nvb_auto_display bare = { 0 };
    nvb_auto_display display = { 0 };
    nvb_auto_display torn = { 0 };
    nvb_auto_err err = { 0 };
    bool made_dir = false;
    bool has_bare = false;
    bool has_cookie = false;
    bool has_torn = false;

    (void)unlink(socket_path);
    if (!make_x11_socket(socket_path, &made_dir))
        SKIP("cannot make a socket in /tmp/.X11-unix");
    EXPECT(gethostname(hostname, sizeof(hostname) - 1) == 0);
    has_bare = find(NVB_DISPLAY_X11, "DISPLAY=unix/x:64998.0", cookies, &bare, &err);
    put_cookie(tree, hostname, 0);
    has_cookie = find(NVB_DISPLAY_X11, "DISPLAY=:64998", cookies, &display, &err);
    put_cookie(tree, hostname, 5);
    has_torn = find(NVB_DISPLAY_X11, "DISPLAY=:64998", cookies, &torn, &err);
    (void)unlink(socket_path);
    if (made_dir)
        (void)rmdir("/tmp/.X11-unix");
    EXPECT(has_bare && bare.xauthority.len == 0 && bare.x11_number == 64998);
    EXPECT_STR(bare.socket, socket_path);
    EXPECT(has_cookie && display.xauthority.len == 17);
    EXPECT(memcmp(display.xauthority.data, "\377\377\0\0\0\00564998", 11) == 0);
    EXPECT(!has_torn && err.kind == NVB_E_INVALID && strstr(err.lines[0], "torn"));
}

TEST(no_variable_is_not_found_and_no_wish_is_fine)
{
    struct nvb_display display = { 0 };
    nvb_auto_err err = { 0 };

    EXPECT(!find(NVB_DISPLAY_X11, "A=b", "DISPLAY=", &display, &err));
    EXPECT(err.kind == NVB_E_NOT_FOUND);
    EXPECT(find(NVB_DISPLAY_NONE, "A=b", "DISPLAY=host:0", &display, &err));
    EXPECT(display.kind == NVB_DISPLAY_NONE);
}

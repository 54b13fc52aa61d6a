/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "run/membership.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/dirs.h"
#include "base/file.h"
#include "oci/address.h"

#define NAMES "names"

enum {
    NUMBER_TEXT = 16,
    BUFFER_BYTES = 8 << 20, /* wished; the kernel may give less */
};

/* A path below a descriptor is as long for each user's directories. */
static struct sockaddr_un address_of(int dir_fd, unsigned number)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%u", dir_fd,
                   number);
    return address;
}

static int open_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int size = BUFFER_BYTES;

    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
    return fd;
}

static bool is_dead(int dir_fd, unsigned number)
{
    struct sockaddr_un address = address_of(dir_fd, number);
    nvb_autoclose int fd = open_socket();

    return fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 &&
           errno == ECONNREFUSED;
}

static unsigned read_name(int dir_fd, const char *name)
{
    char path[sizeof(NAMES) + 256];
    char target[NUMBER_TEXT] = "";
    unsigned number = 0;

    if (!*name || *name == '.' || strchr(name, '/') || strlen(name) > 255)
        return 0;
    (void)snprintf(path, sizeof(path), NAMES "/%s", name);
    if (readlinkat(dir_fd, path, target, sizeof(target) - 1) <= 0)
        return 0;
    for (const char *p = target; *p; p++) {
        if (*p < '0' || *p > '9' || number > NVB_MEMBERS_MAX)
            return 0;
        number = number * 10 + (unsigned)(*p - '0');
    }
    return number <= NVB_MEMBERS_MAX ? number : 0;
}

unsigned nvb_membership_find(int dir_fd, const char *name)
{
    unsigned number = read_name(dir_fd, name);

    return number > 0 && !is_dead(dir_fd, number) ? number : 0;
}

static void remove_names(int dir_fd, unsigned number)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };
    nvb_autoclose int names_fd = openat(dir_fd, NAMES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (names_fd < 0 || !nvb_list_in_root(names_fd, "/", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        if (read_name(dir_fd, names.items[i]) == number)
            (void)unlinkat(names_fd, names.items[i], 0);
    }
}

static void remove_member(int dir_fd, unsigned number)
{
    char name[NUMBER_TEXT];

    (void)snprintf(name, sizeof(name), "%u", number);
    remove_names(dir_fd, number);
    (void)unlinkat(dir_fd, name, 0);
}

static void remove_dead(int dir_fd)
{
    nvb_auto_strv names = { 0 };
    nvb_auto_err ignored = { 0 };

    if (!nvb_list_in_root(dir_fd, "/", &names, &ignored))
        return;
    for (size_t i = 0; i < names.n; i++) {
        uint64_t number = 0;

        if (nvb_parse_u64(names.items[i], NVB_MEMBERS_MAX, &number) &&
            is_dead(dir_fd, (unsigned)number))
            remove_member(dir_fd, (unsigned)number);
    }
}

static bool
take_number(struct nvb_membership *m, const char *network, mode_t mode, struct nvb_err *err)
{
    m->socket_fd = open_socket();
    if (m->socket_fd < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot make a socket");
    for (unsigned number = 1; number <= NVB_MEMBERS_MAX; number++) {
        struct sockaddr_un address = address_of(m->dir_fd, number);

        if (bind(m->socket_fd, (const struct sockaddr *)&address, sizeof(address)) == 0) {
            m->number = number;
            return chmod(address.sun_path, mode) == 0 ||
                   nvb_fail_errno(err, NVB_D_RUN, "cannot open a socket to the other members");
        }
        if (errno != EADDRINUSE)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot become a member of the network");
    }
    nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "the network has %d members", NVB_MEMBERS_MAX);
    return nvb_hint(err, "use another network than '%s'", network);
}

static bool take_names(struct nvb_membership *m, const struct nvb_strv *names, struct nvb_err *err)
{
    nvb_autofree char *number = nvb_xasprintf("%u", m->number);

    for (size_t i = 0; i < names->n; i++) {
        nvb_autofree char *name = nvb_xstrdup(names->items[i]);
        nvb_autofree char *path = NULL;

        for (char *p = name; *p; p++) { /* as names are asked for */
            if (*p >= 'A' && *p <= 'Z')
                *p = (char)(*p - 'A' + 'a');
        }
        path = nvb_xasprintf(NAMES "/%s", name);
        if (symlinkat(number, m->dir_fd, path) == 0) {
            continue;
        }
        if (errno != EEXIST)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot take the name '%s'", name);
        nvb_fail(err, NVB_D_RUN, NVB_E_CONFLICT, "another member has the name '%s'", name);
        return nvb_hint(err, "choose another --name or --hostname");
    }
    return true;
}

static char *dup_path(const char *network)
{
    nvb_autofree char *run = nvb_dir_dup_run();

    return nvb_xasprintf("%s/networks/%s", run, network);
}

/* Locked, and not one that the last member has just removed. */
static bool open_dir(const char *network, mode_t mode, int *out_fd, struct nvb_err *err)
{
    nvb_autofree char *path = dup_path(network);
    nvb_autofree char *names = nvb_xasprintf("%s/" NAMES, path);
    struct stat st = { 0 };

    while (st.st_nlink == 0) {
        nvb_autoclose int fd = -1;

        if (!nvb_mkdirs(names, err))
            return false;
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0)
            return nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s'", path);
        if (st.st_nlink > 0)
            *out_fd = nvb_steal_fd(&fd);
    }
    if (fchmod(*out_fd, mode) < 0 || fchmodat(*out_fd, NAMES, mode, 0) < 0)
        return nvb_fail_errno(err, NVB_D_RUN, "cannot open '%s' to its members", path);
    return true;
}

bool nvb_membership_take(const char *network,
                         const struct nvb_strv *names,
                         bool is_range,
                         struct nvb_membership *out,
                         struct nvb_err *err)
{
    bool ok = false;

    *out = (struct nvb_membership)NVB_MEMBERSHIP_INIT;
    /* The directories above are closed to others than their user. */
    ok = open_dir(network, is_range ? 0711 : 0700, &out->dir_fd, err);
    out->network = nvb_xstrdup(network);
    if (ok) {
        remove_dead(out->dir_fd);
        ok = take_number(out, network, is_range ? 0666 : 0600, err) && take_names(out, names, err);
        (void)flock(out->dir_fd, LOCK_UN);
    }
    if (!ok)
        nvb_membership_end(out);
    return ok || nvb_while(err, "cannot join the network '%s'", network);
}

void nvb_membership_let_go(struct nvb_membership *m)
{
    if (m->socket_fd >= 0)
        (void)close(m->socket_fd);
    if (m->dir_fd >= 0)
        (void)close(m->dir_fd);
    free(m->network);
    *m = (struct nvb_membership)NVB_MEMBERSHIP_INIT;
}

/* The last one closes the door. */
static void remove_empty(const struct nvb_membership *m)
{
    nvb_autofree char *path = dup_path(m->network);
    nvb_auto_strv left = { 0 };
    nvb_auto_err ignored = { 0 };

    if (!nvb_list_in_root(m->dir_fd, "/", &left, &ignored) || left.n != 1)
        return;
    if (unlinkat(m->dir_fd, NAMES, AT_REMOVEDIR) == 0)
        (void)rmdir(path);
}

void nvb_membership_end(struct nvb_membership *m)
{
    if (m->dir_fd >= 0 && m->number > 0 && flock(m->dir_fd, LOCK_EX) == 0) {
        remove_member(m->dir_fd, m->number);
        remove_dead(m->dir_fd);
        remove_empty(m);
    }
    nvb_membership_let_go(m); /* and the lock with it */
}

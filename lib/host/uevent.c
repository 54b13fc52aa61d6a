/* SPDX-FileCopyrightText: 2026 The GhostForge and nvbind authors */
/* SPDX-License-Identifier: MIT */
#include "host/uevent.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENT_MAX = 8192, /* the kernel's own buffer is 2048 */
};

int nvb_uevents_open(struct nvb_err *err)
{
    struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    nvb_fail_errno(err, NVB_D_HOST, "the kernel's events cannot be heard");
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static const char *find_value(const char *data, size_t len, const char *name)
{
    size_t name_len = strlen(name);

    for (const char *p = data; p < data + len; p += strlen(p) + 1) {
        if (strncmp(p, name, name_len) == 0 && p[name_len] == '=')
            return p + name_len + 1;
    }
    return "";
}

static bool is_gpu_module(const char *devpath)
{
    static const char *const names[] = { "amdgpu", "i915", "xe", "nouveau" };
    const char *name = nvb_has_prefix(devpath, "/module/") ? devpath + strlen("/module/") : "";

    if (nvb_has_prefix(name, "nvidia")) /* nvidia_uvm, nvidia_drm, ... */
        return true;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* Displays are class 03; it is printed as "30000", without the leading zero. */
static bool is_display_class(const char *class)
{
    return class[0] == '3' && strlen(class) == 5;
}

bool nvb_uevent_is_of_gpu(const char *data, size_t len)
{
    const char *subsystem = find_value(data, len, "SUBSYSTEM");
    const char *devpath = find_value(data, len, "DEVPATH");

    if (strcmp(subsystem, "drm") == 0 || strcmp(subsystem, "kfd") == 0)
        return true;
    if (strcmp(subsystem, "module") == 0)
        return is_gpu_module(devpath);
    if (strcmp(subsystem, "pci") == 0)
        return is_display_class(find_value(data, len, "PCI_CLASS"));
    return nvb_has_prefix(subsystem, "nvidia");
}

bool nvb_uevents_drain(int fd)
{
    bool is_found = false;
    char event[EVENT_MAX + 1];
    ssize_t len = 0;

    for (;;) {
        len = recv(fd, event, EVENT_MAX, 0);
        if (len < 0 && errno == EINTR)
            continue;
        /* ENOBUFS: more came than fits into the socket, and what was lost may have been ours. */
        if (len < 0 && errno == ENOBUFS) {
            is_found = true;
            continue;
        }
        if (len < 0)
            return is_found;
        event[len] = '\0';
        is_found = is_found || nvb_uevent_is_of_gpu(event, (size_t)len);
    }
}
